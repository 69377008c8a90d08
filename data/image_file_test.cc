#include "lenslet/data/image_file.h"

#include <cstdint>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/testing/jpeg_bytes.h"
#include "lenslet/data/testing/png_bytes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::_;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

class ReadImageFileTest : public ::testing::Test {
 protected:
  // Makes a file of `bytes`, and reads it.
  absl::StatusOr<Tensor> Read(const std::string& bytes) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, bytes));
    return ReadImageFile(path_);
  }

  const std::string path_ = EmptyTempFolder("image_file_test") + "/image";
};

TEST_F(ReadImageFileTest, KnowsTheFormatByTheBytes) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor pgm, Read("P5 2 1 255\n\x01\xff"));
  EXPECT_EQ(pgm.shape(), Shape({1, 2, 1}));
  EXPECT_THAT(pgm.span<uint8_t>(), ElementsAre(1, 255));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor ppm, Read("P6 1 1 255\nabc"));
  EXPECT_EQ(ppm.shape(), Shape({1, 1, 3}));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor png, Read(PngBytes(Tensor::Of<uint8_t>({2, 1, 1}, {3, 4}))));
  EXPECT_EQ(png.shape(), Shape({2, 1, 1}));
  EXPECT_THAT(png.span<uint8_t>(), ElementsAre(3, 4));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor jpeg, Read(GrayJpegBytes()));
  EXPECT_EQ(jpeg.shape(), Shape({8, 8, 1}));
}

TEST(ImageFormatOfTest, KnowsTheFirstBytes) {
  EXPECT_EQ(ImageFormatOf("\x89PNG"), ImageFileFormat::kPng);
  EXPECT_EQ(ImageFormatOf("\xff\xd8\xff\xe0"), ImageFileFormat::kJpeg);
  EXPECT_EQ(ImageFormatOf("P5\n"), ImageFileFormat::kPgm);
  EXPECT_EQ(ImageFormatOf("P6 "), ImageFileFormat::kPpm);
  EXPECT_EQ(ImageFormatOf("GIF89a"), ImageFileFormat::kGif);
  EXPECT_EQ(ImageFormatOf(absl::string_view("MM\0*", 4)),
            ImageFileFormat::kTiff);
  EXPECT_EQ(ImageFormatOf("RIFF1234WEBPVP8 "), ImageFileFormat::kWebp);
  EXPECT_EQ(ImageFormatOf(
                absl::string_view("BM1234\0\0\0\0\x36\0\0\0\x28\0\0\0", 18)),
            ImageFileFormat::kBmp);
  EXPECT_EQ(ImageFormatOf("BMW owners, a list"), std::nullopt);
  EXPECT_EQ(ImageFormatOf("P5.png"), std::nullopt);
  EXPECT_EQ(ImageFormatOf("P4\n"), std::nullopt);
  EXPECT_EQ(ImageFormatOf(""), std::nullopt);
}

TEST_F(ReadImageFileTest, RefusesOtherFiles) {
  EXPECT_THAT(Read(""),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + ": is empty; expected a PNG, JPEG, BMP, GIF, "
                               "TIFF, WebP, PGM or PPM file"));
  const std::pair<std::string, std::string> others[] = {
      {"P1 1 1 1", "an ASCII PBM file (P1); expected a binary PGM file (P5)"},
      {"P2 1 1 255 7", "an ASCII PGM file (P2); expected a binary one (P5)"},
      {"P3#\n1 1 255 7 8 9",
       "an ASCII PPM file (P3); expected a binary one (P6)"},
      {"P4\n1 1\n\x80", "a PBM file (P4); expected a binary PGM file (P5)"},
      {"P7\nWIDTH 1",
       "a PAM file (P7); expected a binary PGM or PPM file (P5 or P6)"},
      {"Pf\n1 1\n-1\n1234", "a PFM file (Pf); expected a binary PGM file (P5)"},
      {std::string("\0\0\0\x18", 4) + "ftypheic",
       "a HEIC file; expected a PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or PPM "
       "file: convert to JPEG, for example with heif-convert"},
      {std::string("\0\0\0\x1c", 4) + "ftypavif",
       "an AVIF file; expected a PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or PPM "
       "file: convert to JPEG, for example with heif-convert"}};
  for (const auto& [bytes, error] : others) {
    EXPECT_THAT(Read(bytes), StatusIs(absl::StatusCode::kInvalidArgument,
                                      path_ + ": is " + error));
  }
  for (const std::string other :
       {"P", "P2,P3", "garbage", "GIF9", "BM", "RIFF", "\x89PNG\n"}) {
    EXPECT_THAT(
        Read(other),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 path_ + ": is not a PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or "
                         "PPM file"));
  }
}

TEST_F(ReadImageFileTest, NamesTheDamagedFile) {
  const std::string png = PngBytes(Tensor({4, 4, 3}, ElementType::kUint8));
  EXPECT_THAT(Read(png.substr(0, png.size() / 2)),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr(path_ + ": truncated PNG file")));
  EXPECT_THAT(Read("P5 2 2 255\nabc"),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr(path_ + ": truncated, ")));
  EXPECT_THAT(
      ReadImageFile(path_ + ".none"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_ + ".none")));
}

TEST_F(ReadImageFileTest, RefusesHugeImages) {
  EXPECT_THAT(Read("P5 40970 40960 255\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + ": has 40970 x 40960 pixels of 1 byte; expected "
                               "at most 1073741824 bytes in all"));
}

TEST_F(ReadImageFileTest, ReadsWhatWasWritten) {
  for (const int64_t channels : {1, 3}) {
    Tensor image({9, 4, channels}, ElementType::kUint8);
    for (int i = 0; i < image.shape().elements(); ++i) {
      image.data<uint8_t>()[i] = static_cast<uint8_t>(i * 37);
    }
    LENSLET_ASSERT_OK(WritePngFile(path_, image));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor read, ReadImageFile(path_));
    EXPECT_EQ(read.shape(), image.shape());
    EXPECT_THAT(read.span<uint8_t>(), ElementsAreArray(image.span<uint8_t>()));
  }
}

TEST_F(ReadImageFileTest, NamesTheFileThatCannotBeWritten) {
  const Tensor image({1, 1, 1}, ElementType::kUint8);
  const std::string nowhere = path_ + ".none/a.png";
  EXPECT_THAT(WritePngFile(nowhere, image),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(nowhere)));
  EXPECT_THAT(WritePngFile(path_, Tensor({1, 1, 2}, ElementType::kUint8)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(path_ + ": the image is uint8 [1, 1, 2]")));
  EXPECT_THAT(ReadImageFile(path_),
              StatusIs(absl::StatusCode::kNotFound, path_ + ": No such file or "
                                                            "directory"));
}

TEST_F(ReadImageFileTest, HeadersHaveTheShapeOfTheImage) {
  const auto check = [&](const std::string& bytes, ImageFileFormat format) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image, Read(bytes));
    LENSLET_ASSERT_OK_AND_ASSIGN(const ImageHeader header,
                                 ReadImageHeader(path_));
    EXPECT_EQ(header.format, format);
    EXPECT_EQ(header.shape, image.shape());
  };
  check("P5 # four by two\n4 2 255\n12345678", ImageFileFormat::kPgm);
  check("P6 1 2 255\n123456", ImageFileFormat::kPpm);
  for (const int64_t channels : {1, 2, 3, 4}) {
    check(PngBytes(Tensor({3, 5, channels}, ElementType::kUint8)),
          ImageFileFormat::kPng);
  }
  check(GrayJpegBytes(), ImageFileFormat::kJpeg);
  const std::string jpeg = JpegBytes(Tensor({3, 5, 3}, ElementType::kUint8));
  check(jpeg, ImageFileFormat::kJpeg);
  // Comments that are longer than what is read at first.
  std::string comments;
  for (int i = 0; i < 3; ++i) {
    comments += std::string("\xff\xfe\xff\xff", 4) + std::string(65533, 'x');
  }
  check(jpeg.substr(0, 2) + comments + jpeg.substr(2), ImageFileFormat::kJpeg);
}

TEST_F(ReadImageFileTest, HeadersAreReadWithoutPixels) {
  for (const std::string& bytes :
       {std::string("P5 4 2 255\n"),
        PngBytes(Tensor({2, 4, 1}, ElementType::kUint8)).substr(0, 33)}) {
    EXPECT_THAT(Read(bytes).status(), StatusIs(absl::StatusCode::kDataLoss, _));
    LENSLET_ASSERT_OK_AND_ASSIGN(const ImageHeader header,
                                 ReadImageHeader(path_));
    EXPECT_EQ(header.shape, Shape({2, 4, 1}));
  }
}

TEST_F(ReadImageFileTest, NamesTheFileWithoutAHeader) {
  const auto check = [&](const std::string& bytes, absl::StatusCode code,
                         const std::string& message) {
    EXPECT_FALSE(Read(bytes).ok());
    EXPECT_THAT(ReadImageHeader(path_).status(),
                StatusIs(code, HasSubstr(path_ + ": " + message)));
  };
  const std::string png = PngBytes(Tensor({2, 4, 1}, ElementType::kUint8));
  check("", absl::StatusCode::kInvalidArgument, "is empty");
  check("text", absl::StatusCode::kInvalidArgument, "is not a PNG");
  check(png.substr(0, 32), absl::StatusCode::kDataLoss,
        "truncated PNG file, its 32 bytes end within its header");
  check("P5 40970 40960 255\n", absl::StatusCode::kInvalidArgument,
        "has 40970 x 40960 pixels");
  check("P5 2", absl::StatusCode::kDataLoss, "ends within the header");
  const std::string jpeg = GrayJpegBytes();
  check(jpeg.substr(0, 60), absl::StatusCode::kDataLoss,
        "the JPEG file cannot be decoded");
  check(png.substr(0, 8) + png.substr(0, 40), absl::StatusCode::kDataLoss,
        "corrupt PNG file; expected an IHDR chunk at byte 8");
  EXPECT_THAT(ReadImageHeader(path_ + ".none").status(),
              StatusIs(absl::StatusCode::kNotFound, _));
}

TEST_F(ReadImageFileTest, FitsTheImageToTheModel) {
  Tensor image({2, 4, 3}, ElementType::kUint8);
  for (uint8_t& sample : image.span<uint8_t>()) sample = 77;
  LENSLET_ASSERT_OK(WritePngFile(path_, image));
  LENSLET_ASSERT_OK_AND_ASSIGN(FittedImage fitted,
                               ReadFittedImage(path_, {2, 4, 3}));
  EXPECT_EQ(fitted.image.shape(), Shape({2, 4, 3}));
  EXPECT_EQ(fitted.changes, "");
  LENSLET_ASSERT_OK_AND_ASSIGN(fitted, ReadFittedImage(path_, {6, 5, 1}));
  EXPECT_EQ(fitted.image.shape(), Shape({6, 5, 1}));
  EXPECT_THAT(fitted.image.span<uint8_t>(), Each(77));
  EXPECT_EQ(fitted.changes, ", made gray, resized from 4 x 2");
}

TEST_F(ReadImageFileTest, MakesThreeChannelsOfGray) {
  LENSLET_ASSERT_OK(
      WritePngFile(path_, Tensor::Of<uint8_t>({1, 2, 1}, {3, 4})));
  LENSLET_ASSERT_OK_AND_ASSIGN(const FittedImage fitted,
                               ReadFittedImage(path_, {1, 2, 3}));
  EXPECT_EQ(fitted.image.shape(), Shape({1, 2, 3}));
  EXPECT_THAT(fitted.image.span<uint8_t>(), ElementsAre(3, 3, 3, 4, 4, 4));
  EXPECT_EQ(fitted.changes, ", gray as red, green and blue");
}

TEST_F(ReadImageFileTest, NamesTheFileThatDoesNotFitTheModel) {
  LENSLET_ASSERT_OK(
      WritePngFile(path_, Tensor({2, 4, 1}, ElementType::kUint8)));
  EXPECT_THAT(ReadFittedImage(path_, {100, 3}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + ": the model takes [100, 3], which is not an "
                               "image"));
  EXPECT_THAT(
      ReadFittedImage(path_, {2, 4, 2}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               path_ + ": the image has 1 channel; expected an image of "
                       "shape [2, 4, 2]"));
}

TEST(ToGrayTest, WeighsTheColors) {
  const Tensor image = Tensor::Of<uint8_t>(
      {1, 6, 3}, {255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255,  //
                  10, 20, 30});
  const Tensor gray = ToGray(image);
  EXPECT_EQ(gray.shape(), Shape({1, 6, 1}));
  // 76.245, 149.685, 29.07 and 18.15, rounded.
  EXPECT_THAT(gray.span<uint8_t>(), ElementsAre(255, 0, 76, 150, 29, 18));
}

TEST(ToGrayTest, KeepsGrayAsItIs) {
  const Tensor image = Tensor::Of<uint8_t>({2, 2, 1}, {1, 2, 3, 4});
  const Tensor gray = ToGray(image);
  EXPECT_EQ(gray.shape(), image.shape());
  EXPECT_THAT(gray.span<uint8_t>(), ElementsAre(1, 2, 3, 4));
}

TEST(ToGrayDeathTest, NeedsAnImage) {
  EXPECT_DEATH(ToGray(Tensor({2, 2})), "broken invariant");
  EXPECT_DEATH(ToGray(Tensor({2, 2, 2}, ElementType::kUint8)),
               "broken invariant");
  EXPECT_DEATH(ToGray(Tensor()), "broken invariant");
}

// 4 x 8 pixels: a bright square in the middle, and bars at both sides.
Tensor SquareBetweenBars() {
  Tensor image({4, 8, 1}, ElementType::kUint8);
  for (int i = 0; i < 32; ++i) {
    const int column = i % 8;
    image.data<uint8_t>()[i] = column < 2 || column >= 6 ? 50 : 200;
  }
  return image;
}

TEST(FitImageTest, CropsTheCenter) {
  const DecodeOptions options = {.fit = ImageFit::kCenterCrop};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const FittedImage wide,
      FitImage(SquareBetweenBars(), {2, 2, 1}, options));
  EXPECT_EQ(wide.changes, ", cropped, resized from 8 x 4");
  EXPECT_THAT(wide.image.span<uint8_t>(), Each(200));
  // A tall one keeps its width.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const FittedImage tall,
      FitImage(Tensor::Of<uint8_t>({4, 1, 1}, {9, 7, 7, 9}), {2, 1, 1},
               options));
  EXPECT_THAT(tall.image.span<uint8_t>(), ElementsAre(7, 7));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const FittedImage floats,
      FitImage(Tensor::Of({1, 3, 1}, {0.5f, 0.25f, 0.5f}), {1, 1, 1}, options));
  EXPECT_THAT(floats.image.span(), ElementsAre(0.25f));
}

TEST(FitImageTest, PutsTheImageBetweenBars) {
  const DecodeOptions options = {.background = {0, 0, 100},
                                 .fit = ImageFit::kLetterbox};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const FittedImage wide,
      FitImage(Tensor::Of<uint8_t>({1, 3, 1}, {7, 8, 9}), {3, 3, 1}, options));
  EXPECT_EQ(wide.changes, ", resized from 3 x 1 into a box");
  EXPECT_THAT(wide.image.span<uint8_t>(),
              ElementsAre(11, 11, 11, 7, 8, 9, 11, 11, 11));
  EXPECT_EQ(wide.covered.row, 1);
  EXPECT_EQ(wide.covered.height, 1);
  EXPECT_EQ(wide.covered.column, 0);
  EXPECT_EQ(wide.covered.width, 3);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const FittedImage tall,
      FitImage(Tensor::Of<uint8_t>({2, 1, 3}, {1, 2, 3, 4, 5, 6}), {2, 2, 3},
               options));
  EXPECT_THAT(tall.image.span<uint8_t>(),
              ElementsAre(1, 2, 3, 0, 0, 100, 4, 5, 6, 0, 0, 100));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const FittedImage floats,
      FitImage(Tensor::Of({1, 2, 1}, {0.5f, 0.5f}), {2, 2, 1}, options));
  EXPECT_THAT(floats.image.span(),
              ElementsAre(0.5f, 0.5f, 11.0f / 255, 11.0f / 255));
}

TEST(ResizeImageTest, KeepsTheSameSizeExactly) {
  Tensor image({6, 5, 3}, ElementType::kUint8);
  for (int i = 0; i < 90; ++i) {
    image.data<uint8_t>()[i] = static_cast<uint8_t>(i * 37);
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor same, ResizeImage(image, 6, 5));
  EXPECT_EQ(same.shape(), image.shape());
  EXPECT_THAT(same.span<uint8_t>(), ElementsAreArray(image.span<uint8_t>()));
}

TEST(ResizeImageTest, LeavesTheSideThatKeepsItsSizeSharp) {
  // Rows of 0 and 255, made narrower only.
  Tensor image({4, 8, 1}, ElementType::kUint8);
  for (int i = 0; i < 32; ++i) image.data<uint8_t>()[i] = i / 8 % 2 ? 255 : 0;
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor narrow, ResizeImage(image, 4, 2));
  EXPECT_THAT(narrow.span<uint8_t>(),
              ElementsAre(0, 0, 255, 255, 0, 0, 255, 255));
}

TEST(ResizeImageTest, KeepsOneColorAtAnySize) {
  Tensor image({20, 30, 3}, ElementType::kUint8);
  for (uint8_t& sample : image.span<uint8_t>()) sample = 77;
  const Shape kSizes[] = {{28, 28}, {1, 1}, {7, 100}, {64, 3}};
  for (const Shape& size : kSizes) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor resized,
                                 ResizeImage(image, size.dim(0), size.dim(1)));
    EXPECT_EQ(resized.shape(), Shape({size.dim(0), size.dim(1), 3}));
    EXPECT_THAT(resized.span<uint8_t>(), Each(77));
  }
}

TEST(ResizeImageTest, KeepsLeftLeftAndTopTop) {
  // Bright at the top left.
  Tensor image({40, 60, 1}, ElementType::kUint8);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 30; ++x) image.data<uint8_t>()[y * 60 + x] = 200;
  }
  // The corners are further than two pixels, the reach of the filters, from the
  // edge.
  for (int64_t size : {8, 400}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor resized,
                                 ResizeImage(image, size, size));
    const View<const uint8_t> view = resized.view<uint8_t>();
    EXPECT_EQ(view.at({0, 0, 0}), 200);
    EXPECT_EQ(view.at({0, size - 1, 0}), 0);
    EXPECT_EQ(view.at({size - 1, 0, 0}), 0);
    EXPECT_EQ(view.at({size - 1, size - 1, 0}), 0);
  }
}

TEST(ResizeImageTest, MakesLongImagesSmall) {
  constexpr int64_t kLong = 1 << 20;
  const Shape kShapes[] = {{kLong, 1, 1}, {1, kLong, 1}};
  for (const Shape& shape : kShapes) {
    Tensor image(shape, ElementType::kUint8);
    for (uint8_t& sample : image.span<uint8_t>()) sample = 9;
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor resized,
                                 ResizeImage(image, 28, 28));
    EXPECT_THAT(resized.span<uint8_t>(), Each(9));
  }
}

TEST(ResizeImageTest, RefusesSizesThatAreNone) {
  const Tensor image({4, 5, 1}, ElementType::kUint8);
  const Shape kSizes[] = {{0, 5}, {5, 0}, {4097, 4096}};
  for (const Shape& size : kSizes) {
    EXPECT_THAT(
        ResizeImage(image, size.dim(0), size.dim(1)),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 HasSubstr("image size " + std::to_string(size.dim(0)) + " x " +
                           std::to_string(size.dim(1)) + "; expected")));
  }
  EXPECT_THAT(
      ResizeImage(image, -1, 5),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-1 x 5")));
}

TEST(ResizeImageTest, RefusesToMakeATallImageFlatAndWide) {
  const Tensor image({kMaxImagePixels, 1, 1}, ElementType::kUint8);
  EXPECT_THAT(
      ResizeImage(image, 1, 100000),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "an image of 16777216 x 1 pixels cannot be resized to 1 x "
               "100000; expected a smaller width or a larger height"));
}

TEST(ResizeImageTest, ShrinksTheTallestAndWidestImages) {
  // From dark to bright, evenly.
  constexpr int64_t kPixels = 1 << 20;
  for (const bool tall : {true, false}) {
    Tensor image(tall ? Shape({kPixels, 1, 1}) : Shape({1, kPixels, 1}),
                 ElementType::kUint8);
    for (int64_t i = 0; i < kPixels; ++i) {
      image.data<uint8_t>()[i] = static_cast<uint8_t>(i * 256 / kPixels);
    }
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Tensor small, ResizeImage(image, tall ? 8 : 1, tall ? 1 : 8));
    for (int i = 0; i < 8; ++i) {
      // The mean of an eighth. At the ends, the filter sees their values twice.
      EXPECT_NEAR(small.data<uint8_t>()[i], 32 * i + 15.5,
                  i == 0 || i == 7 ? 8 : 2)
          << tall << i;
    }
  }
}

TEST(ResizeImageTest, AveragesPixelsOfAllChannels) {
  Tensor image({4096, 2, 3}, ElementType::kUint8);
  for (int64_t i = 0; i < image.shape().elements(); ++i) {
    image.data<uint8_t>()[i] = static_cast<uint8_t>(10 * (i % 6));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor small, ResizeImage(image, 1, 2));
  EXPECT_THAT(small.span<uint8_t>(),
              ::testing::ElementsAre(0, 10, 20, 30, 40, 50));
}

}  // namespace
}  // namespace lenslet
