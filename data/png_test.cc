#include "lenslet/data/png.h"

#include <zlib.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/data/testing/png_bytes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGray = 0;
constexpr char kPalette = 3;

absl::StatusOr<Tensor> PngImage(absl::string_view bytes) {
  LENSLET_ASSIGN_OR_RETURN(
      DecodedImage decoded,
      DecodePng("a.png", bytes, {.max_bytes = 1000, .background = {}}));
  return std::move(decoded.image);
}

Tensor Gradient(const Shape& shape) {
  Tensor image(shape, ElementType::kUint8);
  for (int64_t i = 0; i < shape.elements(); ++i) {
    image.data<uint8_t>()[i] = static_cast<uint8_t>(i * 7);
  }
  return image;
}

std::string Header(uint32_t width, uint32_t height, char bits, char color) {
  return absl::StrCat(
      kPngSignature,
      PngChunk("IHDR",
               absl::StrCat(BigEndianBytes(width), BigEndianBytes(height),
                            std::string({bits, color, 0, 0, 0}))));
}

// A data chunk that inflates to `raw`, and the end of the file.
std::string DataAndEnd(absl::string_view raw) {
  uLongf size = compressBound(raw.size());
  std::string compressed(size, '\0');
  compress2(reinterpret_cast<Bytef*>(compressed.data()), &size,
            reinterpret_cast<const Bytef*>(raw.data()), raw.size(),
            Z_BEST_SPEED);
  compressed.resize(size);
  return absl::StrCat(PngChunk("IDAT", compressed), PngChunk("IEND", ""));
}

TEST(PngTest, DecodesGrayAndColor) {
  for (int64_t channels : {1, 3}) {
    const Tensor image = Gradient({5, 7, channels});
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor decoded,
                                 PngImage(PngBytes(image)));
    EXPECT_EQ(decoded.shape(), image.shape());
    EXPECT_THAT(decoded.span<uint8_t>(),
                ElementsAreArray(image.span<uint8_t>()));
  }
}

TEST(PngTest, CompositesTransparentPixelsOverTheBackground) {
  // Black ink on a transparent ground.
  const std::string gray =
      PngBytes(Tensor::Of<uint8_t>({1, 3, 2}, {0, 255, 0, 0, 100, 51}));
  LENSLET_ASSERT_OK_AND_ASSIGN(DecodedImage decoded, DecodePng("FILE", gray));
  EXPECT_THAT(decoded.image.span<uint8_t>(), ElementsAre(0, 255, 224));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      decoded, DecodePng("FILE", gray, {.background = {100, 200, 50}}));
  EXPECT_THAT(decoded.image.span<uint8_t>(), ElementsAre(0, 153, 142));
  const std::string color =
      PngBytes(Tensor::Of<uint8_t>({1, 2, 4}, {1, 2, 3, 0, 50, 100, 200, 51}));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      decoded, DecodePng("FILE", color, {.background = {100, 200, 50}}));
  EXPECT_THAT(decoded.image.span<uint8_t>(),
              ElementsAre(100, 200, 50, 90, 180, 80));
}

TEST(PngTest, CompositesOverBlackIfAsked) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor gray,
      PngImage(PngBytes(Tensor::Of<uint8_t>(
          {1, 4, 2}, {200, 255, 200, 0, 200, 128, 255, 1}))));
  EXPECT_EQ(gray.shape(), Shape({1, 4, 1}));
  EXPECT_THAT(gray.span<uint8_t>(), ElementsAre(200, 0, 100, 1));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor color, PngImage(PngBytes(Tensor::Of<uint8_t>(
                              {1, 2, 4}, {1, 2, 3, 255, 50, 100, 200, 128}))));
  EXPECT_EQ(color.shape(), Shape({1, 2, 3}));
  EXPECT_THAT(color.span<uint8_t>(), ElementsAre(1, 2, 3, 25, 50, 100));
}

TEST(PngTest, DecodesPalettesBitsAndLongSamples) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor palette,
      PngImage(absl::StrCat(Header(2, 1, 8, kPalette),
                            PngChunk("PLTE", "abcdef"),
                            DataAndEnd(absl::string_view("\0\1\0", 3)))));
  EXPECT_EQ(palette.shape(), Shape({1, 2, 3}));
  EXPECT_THAT(palette.span<uint8_t>(),
              ElementsAre('d', 'e', 'f', 'a', 'b', 'c'));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor bits,
      PngImage(absl::StrCat(Header(3, 1, 1, kGray),
                            DataAndEnd(absl::string_view("\0\xa0", 2)))));
  EXPECT_THAT(bits.span<uint8_t>(), ElementsAre(255, 0, 255));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor long_samples,
      PngImage(absl::StrCat(
          Header(2, 1, 16, kGray),
          DataAndEnd(absl::string_view("\0\x12\x34\xff\xff", 5)))));
  EXPECT_THAT(long_samples.span<uint8_t>(), ElementsAre(0x12, 0xff));
}

TEST(PngTest, ColorsThatThePaletteLacksAreBlack) {
  const std::string end = DataAndEnd(absl::string_view("\0\0\1\2\xff", 5));
  const std::string header = Header(4, 1, 8, kPalette);
  const std::string whole = PngChunk("PLTE", std::string(256 * 3, 'x'));
  const std::string two = PngChunk("PLTE", "abcdef");
  // A file before that leaves other colors in memory.
  LENSLET_ASSERT_OK(PngImage(absl::StrCat(header, whole, end)));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image,
                               PngImage(absl::StrCat(header, two, end)));
  EXPECT_THAT(image.span<uint8_t>(),
              ElementsAre('a', 'b', 'c', 'd', 'e', 'f', 0, 0, 0, 0, 0, 0));
  for (const char* wrong : {"", "abcde"}) {
    EXPECT_THAT(PngImage(absl::StrCat(header, PngChunk("PLTE", wrong), end)),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("PLTE")));
  }
}

TEST(PngTest, RefusesEveryTruncation) {
  const std::string bytes = PngBytes(Gradient({5, 7, 1}));
  for (size_t size = kPngSignature.size(); size < bytes.size(); ++size) {
    EXPECT_THAT(PngImage(bytes.substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss,
                         StartsWith("a.png: truncated PNG file, ")))
        << size;
  }
  EXPECT_THAT(PngImage(bytes.substr(0, bytes.size() - 13)),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("the IDAT chunk at byte 33 has ")));
  EXPECT_THAT(
      PngImage(bytes.substr(0, bytes.size() - 12)),
      StatusIs(absl::StatusCode::kDataLoss,
               HasSubstr(absl::StrCat("its ", bytes.size() - 12,
                                      " bytes end before its IEND chunk"))));
}

TEST(PngTest, RefusesEveryChangedByte) {
  const std::string bytes = PngBytes(Gradient({5, 7, 1}));
  for (size_t i = kPngSignature.size(); i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] ^= 0x20;
    EXPECT_THAT(PngImage(changed),
                StatusIs(absl::StatusCode::kDataLoss,
                         AnyOf(StartsWith("a.png: truncated PNG file, "),
                               StartsWith("a.png: corrupt PNG file"))))
        << i;
  }
  std::string changed = bytes;
  changed[50] ^= 1;
  EXPECT_THAT(PngImage(changed),
              StatusIs(absl::StatusCode::kDataLoss,
                       "a.png: corrupt PNG file, the IDAT chunk at byte 33 has "
                       "a wrong checksum"));
}

TEST(PngTest, RefusesWhatIsNoChunk) {
  EXPECT_THAT(PngImage(absl::StrCat(kPngSignature, PngChunk("IEND", ""))),
              StatusIs(absl::StatusCode::kDataLoss,
                       "a.png: corrupt PNG file; expected an IHDR chunk at "
                       "byte 8, got the type \"IEND\""));
  EXPECT_THAT(
      PngImage(absl::StrCat(Header(1, 1, 8, kGray), std::string(20, '\1'))),
      StatusIs(absl::StatusCode::kDataLoss,
               HasSubstr("expected a chunk at byte 33, got the type "
                         "\"\\x01\\x01\\x01\\x01\"")));
}

TEST(PngTest, RefusesAnEmptyFirstDataChunk) {
  const std::string empty = PngChunk("IDAT", "");
  const std::string pixel = DataAndEnd(absl::string_view("\0\7", 2));
  EXPECT_THAT(
      PngImage(absl::StrCat(Header(1, 1, 8, kGray), empty, pixel)),
      StatusIs(absl::StatusCode::kDataLoss,
               "a.png: corrupt PNG file, the first IDAT chunk, at byte 33, is "
               "empty"));
  // A later one changes nothing.
  const size_t end = pixel.size() - PngChunk("IEND", "").size();
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor image,
      PngImage(absl::StrCat(Header(1, 1, 8, kGray), pixel.substr(0, end), empty,
                            pixel.substr(end))));
  EXPECT_THAT(image.span<uint8_t>(), ElementsAre(7));
}

TEST(PngTest, SaysWhyTheDataCannotBeDecoded) {
  EXPECT_THAT(
      PngImage(absl::StrCat(Header(1, 1, 8, kGray), PngChunk("IDAT", "garbage"),
                            PngChunk("IEND", ""))),
      StatusIs(absl::StatusCode::kDataLoss,
               "a.png: the PNG file cannot be decoded: bad zlib header"));
  EXPECT_THAT(
      PngImage(absl::StrCat(Header(5, 5, 8, kGray), DataAndEnd("too little"))),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not enough pixels")));
  EXPECT_THAT(PngImage(absl::StrCat(Header(0, 5, 8, kGray), DataAndEnd(""))),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("decoded: 0-pixel image")));
  EXPECT_THAT(
      PngImage(absl::StrCat(Header(1, 1, 8, kGray), PngChunk("ABCD", ""),
                            DataAndEnd(absl::string_view("\0\0", 2)))),
      StatusIs(absl::StatusCode::kDataLoss,
               HasSubstr("decoded: ABCD PNG chunk not known")));
}

TEST(PngTest, RefusesMorePixelsThanAreAllowed) {
  EXPECT_THAT(PngImage(PngBytes(Gradient({10, 100, 1}))), IsOk());
  EXPECT_THAT(PngImage(PngBytes(Gradient({11, 100, 1}))),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "a.png: has 100 x 11 pixels of 1 byte; expected at most "
                       "1000 bytes in all"));
}

TEST(PngTest, RefusesASizeThatTheDataCannotHave) {
  EXPECT_THAT(
      DecodePng("a.png", absl::StrCat(Header(1, 1 << 28, 8, kGray),
                                      DataAndEnd(std::string(1000, 'x')))),
      StatusIs(absl::StatusCode::kDataLoss,
               AllOf(StartsWith("a.png: corrupt PNG file, its "),
                     EndsWith(" bytes of data cannot be 1 x 268435456 "
                              "pixels"))));
}

TEST(PngTest, RefusesToInflateWithoutEnd) {
  // One pixel, and 320 MB of zeros.
  const std::string block = DataAndEnd(std::string(320 << 20, '\0'));
  ASSERT_LT(block.size(), 2 << 20);
  EXPECT_THAT(
      PngImage(absl::StrCat(Header(1, 1, 8, kGray), block)),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("decoded: outofmem")));
}

TEST(PngTest, EncodesWhatItDecodes) {
  // Sizes of rows off and on the compressor's and the filters' steps; one
  // pixel; one row; one column.
  const Shape kShapes[] = {{1, 1, 1}, {1, 1, 3},   {5, 7, 1},
                           {5, 7, 3}, {1, 300, 3}, {300, 1, 1}};
  for (const Shape& shape : kShapes) {
    const Tensor image = Gradient(shape);
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodePng(image));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor decoded, PngImage(bytes));
    EXPECT_EQ(decoded.shape(), shape);
    EXPECT_THAT(decoded.span<uint8_t>(),
                ElementsAreArray(image.span<uint8_t>()));
  }
}

TEST(PngTest, RefusesToEncodeWhatIsNoImage) {
  const auto refusal = [](const Tensor& image) {
    const absl::StatusOr<std::string> bytes = EncodePng(image);
    EXPECT_EQ(bytes.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(bytes.status().message());
  };
  EXPECT_EQ(refusal(Tensor({2, 3, 1})),
            "the image is float32 [2, 3, 1]; expected uint8 [height, width, 1 "
            "or 3]");
  for (const Shape& shape : {Shape{2, 3}, Shape{2, 3, 2}, Shape{2, 3, 4},
                             Shape{0, 3, 1}, Shape{1, 2, 3, 1}}) {
    EXPECT_THAT(refusal(Tensor(shape, ElementType::kUint8)),
                HasSubstr("the image is uint8 " + shape.ToString()));
  }
  EXPECT_EQ(refusal(Tensor({4097, 4096, 1}, ElementType::kUint8)),
            "the image has 4096 x 4097 pixels; expected at most 16777216");
  EXPECT_EQ(refusal(Tensor({1, 1 << 23, 3}, ElementType::kUint8)),
            "the image has 8388608 pixels in a row, with 3 samples each; "
            "expected at most 16777215 samples");
}

}  // namespace
}  // namespace lenslet
