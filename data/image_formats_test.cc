// What the formats beside PNG, JPEG and PNM have in common, and what each has
// for itself.

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/bmp.h"
#include "lenslet/data/gif.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/png.h"
#include "lenslet/data/pnm.h"
#include "lenslet/data/testing/exif_bytes.h"
#include "lenslet/data/testing/format_bytes.h"
#include "lenslet/data/tiff.h"
#include "lenslet/data/webp.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Tensor Pattern(const Shape& shape) {
  Tensor image(shape, ElementType::kUint8);
  for (int64_t i = 0; i < shape.elements(); ++i) {
    image.data<uint8_t>()[i] = static_cast<uint8_t>(i * 37 + i / 7);
  }
  return image;
}

// Indices of colors, for GIF files.
Tensor Indices(const Shape& shape) {
  Tensor image(shape, ElementType::kUint8);
  for (int64_t i = 0; i < shape.elements(); ++i) {
    image.data<uint8_t>()[i] = static_cast<uint8_t>((i * 7 + i / 5) % 4);
  }
  return image;
}

void ExpectImage(const std::string& bytes, const Tensor& expected) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image, DecodeImage("FILE", bytes));
  ASSERT_EQ(image.shape(), expected.shape());
  EXPECT_THAT(image.span<uint8_t>(),
              ElementsAreArray(expected.span<uint8_t>()));
}

void ExpectPixels(const std::string& bytes, const Shape& shape,
                  const std::vector<uint8_t>& pixels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image, DecodeImage("FILE", bytes));
  ASSERT_EQ(image.shape(), shape);
  EXPECT_THAT(image.span<uint8_t>(), ElementsAreArray(pixels));
}

// One file of each format, of 21 x 35 pixels.
std::vector<std::pair<ImageFileFormat, std::string>> FilesOfNewFormats() {
  const Tensor image = Pattern({35, 21, 3});
  return {{ImageFileFormat::kBmp, BmpBytes(image)},
          {ImageFileFormat::kGif, GifBytes(Indices({35, 21, 1}))},
          {ImageFileFormat::kTiff, TiffBytes(image)},
          {ImageFileFormat::kTiff, TiffBytes(image, {.is_tiled = true})},
          {ImageFileFormat::kWebp, WebpBytes(image)}};
}

TEST(ImageFormatsTest, AreKnownByTheirContents) {
  for (const auto& [format, bytes] : FilesOfNewFormats()) {
    EXPECT_EQ(ImageFormatOf(bytes), format) << Name(format);
    EXPECT_EQ(ImageFormatOf(bytes.substr(0, kImageSignatureBytes)), format);
    LENSLET_EXPECT_OK(DecodeImage("FILE", bytes));
  }
}

TEST(ImageFormatsTest, EveryTruncationIsNoticed) {
  for (const auto& [format, bytes] : FilesOfNewFormats()) {
    // The last byte of a GIF file, and here of a BMP file, is not needed: an
    // end mark, and the padding of the last row.
    const size_t needed = bytes.size() - (format == ImageFileFormat::kGif ||
                                          format == ImageFileFormat::kBmp);
    for (size_t size = kImageSignatureBytes; size < needed; ++size) {
      const absl::Status status =
          DecodeImage("FILE", bytes.substr(0, size)).status();
      EXPECT_THAT(status,
                  StatusIs(absl::StatusCode::kDataLoss, StartsWith("FILE: ")))
          << Name(format) << " " << size;
    }
  }
}

TEST(ImageFormatsTest, WrongBytesDoNoHarm) {
  for (const auto& [format, right] : FilesOfNewFormats()) {
    std::string bytes = right;
    for (size_t i = 0; i < bytes.size(); ++i) {
      for (const char wrong : {'\0', '\xff', '\x7f'}) {
        bytes[i] = wrong;
        const absl::StatusOr<Tensor> image =
            DecodeImage("FILE", bytes, {.max_bytes = 1 << 20});
        if (!image.ok()) {
          EXPECT_THAT(std::string(image.status().message()),
                      StartsWith("FILE: "));
        }
      }
      bytes[i] = right[i];
    }
  }
}

TEST(ImageFormatsTest, TooLargeIsRefusedByTheHeader) {
  for (const auto& [format, bytes] : FilesOfNewFormats()) {
    EXPECT_THAT(
        DecodeImage("FILE", bytes, {.max_bytes = 21 * 35 * 4 - 1}).status(),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 "FILE: has 21 x 35 pixels of 4 bytes; expected at most 2939 "
                 "bytes in all"))
        << Name(format);
    LENSLET_EXPECT_OK(
        DecodeImage("FILE", bytes, {.max_bytes = 21 * 35 * 4}).status());
  }
}

TEST(BmpTest, DecodesColors) {
  ExpectImage(BmpBytes(Pattern({5, 6, 3})), Pattern({5, 6, 3}));
  ExpectImage(BmpBytes(Pattern({4, 7, 3})), Pattern({4, 7, 3}));
}

std::string BmpHeaderBytes(absl::string_view size, absl::string_view rest) {
  return absl::StrCat("BM", std::string(8, '\0'), rest.substr(0, 4), size,
                      rest.substr(4));
}

// Two pixels of a palette of two colors, of which one is missing, in a file of
// OS/2 and one of Windows.
TEST(BmpTest, DecodesPalettes) {
  const std::string old =
      BmpHeaderBytes(absl::string_view("\x0c\0\0\0", 4),
                     absl::string_view("\x1d\0\0\0\2\0\1\0\1\0\1\0"
                                       "abc"
                                       "\x40\0\0\0",
                                       19));
  ExpectPixels(old, {1, 2, 3}, {'c', 'b', 'a', 0, 0, 0});
  const std::string usual = BmpHeaderBytes(
      absl::string_view("\x28\0\0\0", 4),
      absl::StrCat(absl::string_view("\x3a\0\0\0\2\0\0\0\1\0\0\0\1\0\1\0", 16),
                   std::string(24, '\0'),
                   absl::string_view("abc\0\x40\0\0\0", 8)));
  ExpectPixels(usual, {1, 2, 3}, {'c', 'b', 'a', 0, 0, 0});
}

TEST(BmpTest, RefusesCompressedFiles) {
  std::string bytes = BmpBytes(Pattern({2, 2, 3}));
  const auto refused = [&](char compression, absl::string_view name) {
    bytes[30] = compression;
    EXPECT_THAT(DecodeBmp("FILE", bytes).status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("FILE: the BMP file's compression is ",
                                      name, "; expected none")));
  };
  refused(1, "RLE of 8 bits");
  refused(2, "RLE of 4 bits");
  refused(4, "JPEG");
  refused(6, "number 6");
}

TEST(GifTest, DecodesTheFirstFrame) {
  const Tensor indices = Tensor::Of<uint8_t>({1, 4, 1}, {0, 1, 2, 3});
  ExpectPixels(GifBytes(indices), {1, 4, 3},
               {0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255});
  // Over white.
  ExpectPixels(GifBytes(indices, /*transparent=*/2), {1, 4, 3},
               {0, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0, 255});
  // What follows does not matter.
  ExpectPixels(GifBytes(indices) + "garbage", {1, 4, 3},
               {0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255});
}

TEST(GifTest, RefusesAFileWithoutImages) {
  EXPECT_THAT(
      DecodeGif("FILE", absl::string_view("GIF89a\1\0\1\0\0\0\0;", 14))
          .status(),
      StatusIs(absl::StatusCode::kDataLoss, "FILE: the GIF file has no image"));
}

TEST(TiffTest, DecodesBytes) {
  for (const bool is_tiled : {true, false}) {
    for (const bool is_big_endian : {true, false}) {
      const TiffKind kind = {.is_tiled = is_tiled,
                             .is_big_endian = is_big_endian};
      for (const int64_t channels : {1, 3}) {
        const Tensor image = Pattern({35, 21, channels});
        ExpectImage(TiffBytes(image, kind), image);
      }
    }
  }
  const Tensor image = Pattern({35, 21, 3});
  ExpectImage(TiffBytes(image, {.is_planar = true}), image);
  ExpectPixels(TiffBytes(Tensor::Of<uint8_t>({1, 2, 1}, {0, 200}),
                         {.is_white_zero = true}),
               {1, 2, 1}, {255, 55});
  // Inks, 0 for none.
  ExpectPixels(
      TiffBytes(Tensor::Of<uint8_t>({1, 2, 4}, {0, 0, 0, 0, 0, 255, 255, 0})),
      {1, 2, 3}, {255, 255, 255, 255, 0, 0});
  // Over white.
  ExpectPixels(TiffBytes(Tensor::Of<uint8_t>({1, 2, 4}, {9, 8, 7, 255,  //
                                                         1, 2, 3, 0}),
                         {.has_alpha = true}),
               {1, 2, 3}, {9, 8, 7, 255, 255, 255});
}

// Of one pixel, its sample of this format and so many bits.
std::string TiffOfFormat(uint16_t format, uint16_t bits) {
  std::string bytes("II*\0\x08\0\0\0", 8);
  const auto add = [&](uint32_t value, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(value >> 8 * i & 255);
  };
  // Width, height, bits, compression, photometric interpretation, strip, rows
  // and bytes of a strip, sample format.
  const std::pair<uint16_t, uint32_t> entries[] = {
      {256, 1}, {257, 1}, {258, bits}, {259, 1},     {262, 1},
      {273, 4}, {278, 1}, {279, 4},    {339, format}};
  add(std::size(entries), 2);
  for (const auto& [tag, value] : entries) {
    add(tag, 2);
    add(3, 2);  // Of 16 bits.
    add(1, 4);
    add(value, 4);
  }
  add(0, 4);
  return bytes;
}

TEST(TiffTest, NamesSamplesThatItDoesNotRead) {
  const auto refused = [](uint16_t format, uint16_t bits,
                          absl::string_view samples) {
    EXPECT_THAT(
        DecodeImage("FILE", TiffOfFormat(format, bits)).status(),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 absl::StrCat("FILE: the TIFF file's samples are ", samples,
                              "; expected unsigned integers of 1, 2, "
                              "4, 8 or 16 bits")));
  };
  refused(1, 32, "unsigned integers of 32 bits");
  refused(2, 16, "signed integers of 16 bits");
  refused(3, 32, "floating-point numbers of 32 bits");
  refused(6, 64, "complex numbers of 64 bits");
}

TEST(TiffTest, HasAnOrientation) {
  // Stored turned left.
  ExpectPixels(TiffBytes(Tensor::Of<uint8_t>({3, 2, 1}, {3, 6, 2, 5, 1, 4}),
                         {.orientation = 6}),
               {2, 3, 1}, {1, 2, 3, 4, 5, 6});
  ExpectPixels(TiffBytes(Tensor::Of<uint8_t>({2, 3, 1}, {6, 5, 4, 3, 2, 1}),
                         {.orientation = 3}),
               {2, 3, 1}, {1, 2, 3, 4, 5, 6});
}

TEST(WebpTest, DecodesColorsAlphaAndOrientation) {
  ExpectImage(WebpBytes(Pattern({5, 7, 3})), Pattern({5, 7, 3}));
  ExpectPixels(WebpBytes(Tensor::Of<uint8_t>({1, 2, 4}, {9, 8, 7, 255,  //
                                                         1, 2, 3, 0})),
               {1, 2, 3}, {9, 8, 7, 255, 255, 255});
  const Tensor turned =
      Tensor::Of<uint8_t>({3, 1, 3}, {3, 3, 3, 2, 2, 2, 1, 1, 1});
  ExpectPixels(WebpBytes(turned, ExifBytes(6)), {1, 3, 3},
               {1, 1, 1, 2, 2, 2, 3, 3, 3});
}

TEST(WebpTest, DecodesTheFirstFrameOfAnAnimation) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor image,
      DecodeImage("FILE", AnimatedWebpBytes(Pattern({2, 4, 3}), 4, 2, 10, 6)));
  ASSERT_EQ(image.shape(), Shape({6, 10, 3}));
  const View<const uint8_t> view = image.view<uint8_t>();
  for (int64_t row = 0; row < 6; ++row) {
    for (int64_t column = 0; column < 10; ++column) {
      const bool is_in_frame = row >= 2 && row < 4 && column >= 4 && column < 8;
      const uint8_t expected = is_in_frame ? Pattern({2, 4, 3}).view<uint8_t>()(
                                                 row - 2, column - 4, 1)
                                           : 255;
      EXPECT_EQ(view(row, column, 1), expected) << row << " " << column;
    }
  }
}

// A camera with 10 bits: 1023 of 65535.
const std::vector<uint16_t> kDark = {0, 1, 512, 1023, 65535, 300};

void ExpectFloats(const std::string& bytes, const Shape& shape,
                  const std::vector<float>& expected) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor image,
      DecodeImage("FILE", bytes, {.keep_long_samples = true}));
  ASSERT_EQ(image.type(), ElementType::kFloat32);
  ASSERT_EQ(image.shape(), shape);
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_FLOAT_EQ(image.data()[i], expected[i]) << i;
  }
}

TEST(LongSamplesTest, PngTiffAndPnmKeepSixteenBits) {
  std::vector<float> expected;
  for (const uint16_t word : kDark) {
    expected.push_back(static_cast<float>(word) / 65535);
  }
  for (const Shape& shape : {Shape({2, 3, 1}), Shape({1, 2, 3})}) {
    ExpectFloats(LongPngBytes(kDark, shape), shape, expected);
    for (const bool is_tiled : {true, false}) {
      for (const bool is_big_endian : {true, false}) {
        ExpectFloats(
            TiffBytes(kDark, shape,
                      {.is_tiled = is_tiled, .is_big_endian = is_big_endian}),
            shape, expected);
      }
    }
  }
  ExpectFloats(
      absl::StrCat("P5 2 1 1023 ", absl::string_view("\x03\xff\x00\x01", 4)),
      {1, 2, 1}, {1, 1.0f / 1023});
}

TEST(LongSamplesTest, AreCompositedOverTheBackground) {
  const std::vector<uint16_t> words = {0, 65535, 0, 0, 65535, 13107};
  ExpectFloats(LongPngBytes(words, {1, 3, 2}), {1, 3, 1}, {0, 1, 1});
  ExpectFloats(TiffBytes(words, {1, 3, 2}, {.has_alpha = true}), {1, 3, 1},
               {0, 1, 1});
}

TEST(LongSamplesTest, BecomeBytesUnlessTheyAreKept) {
  ExpectPixels(LongPngBytes({0x1234, 0xffff}, {1, 2, 1}), {1, 2, 1},
               {0x12, 0xff});
  ExpectPixels(TiffBytes({0, 0xffff}, {1, 2, 1}), {1, 2, 1}, {0, 0xff});
}

TEST(LongSamplesTest, KeepTheirTypeWhenTheyAreFitted) {
  const std::vector<uint16_t> words(64 * 64, 1000);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor image, DecodeImage("FILE", LongPngBytes(words, {64, 64, 1}),
                                {.keep_long_samples = true}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const FittedImage fitted,
                               FitImage(std::move(image), {8, 8, 3}));
  ASSERT_EQ(fitted.image.type(), ElementType::kFloat32);
  ASSERT_EQ(fitted.image.shape(), Shape({8, 8, 3}));
  for (const float x : fitted.image.span()) {
    EXPECT_NEAR(x, 1000.0 / 65535, 1e-6);
  }
  // Very flat images are averaged first, and colors made gray.
  Tensor flat({1, 4096, 3});
  for (float& x : flat.span()) x = 0.25f;
  LENSLET_ASSERT_OK_AND_ASSIGN(const FittedImage small,
                               FitImage(std::move(flat), {1, 2, 1}));
  EXPECT_THAT(small.image.span(),
              ElementsAre(FloatNear(0.25f, 1e-6f), FloatNear(0.25f, 1e-6f)));
}

// libtiff has this number for a row that it does not know.
TEST(TiffTest, NamesNoRowThatIsNone) {
  Tensor image({40, 30, 1}, ElementType::kUint8);
  const std::string bytes = TiffBytes(image);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const absl::Status status =
        DecodeImage("a.tif", bytes.substr(0, size)).status();
    EXPECT_THAT(status.message(), testing::Not(HasSubstr("4294967295")))
        << size;
  }
}

}  // namespace
}  // namespace lenslet
