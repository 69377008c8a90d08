#include "lenslet/data/png_indices.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/png.h"
#include "lenslet/data/testing/png_bytes.h"
#include "lenslet/tensor/tensor.h"
#include "zlib.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string DeflatedRows(const std::string& rows) {
  uLongf size = compressBound(rows.size());
  std::string bytes(size, '\0');
  compress(reinterpret_cast<Bytef*>(bytes.data()), &size,
           reinterpret_cast<const Bytef*>(rows.data()), rows.size());
  bytes.resize(size);
  return bytes;
}

// 3 x 2 pixels, rows of which are in `rows`, each after a 0 for no filter.
std::string MaskFile(int depth, int color, const std::string& chunks,
                     const std::string& rows) {
  std::string header("\0\0\0\3\0\0\0\2", 8);
  header += static_cast<char>(depth);
  header += static_cast<char>(color);
  header += std::string(3, '\0');
  return std::string(kPngSignature) + PngChunk("IHDR", header) + chunks +
         PngChunk("IDAT", DeflatedRows(rows)) + PngChunk("IEND", "");
}

std::string MaskRows(const std::vector<int>& numbers) {
  return std::string(numbers.begin(), numbers.end());
}

std::vector<int> Indices(const std::string& bytes) {
  const absl::StatusOr<Tensor> image = DecodePngIndices("mask.png", bytes);
  LENSLET_EXPECT_OK(image.status());
  if (!image.ok()) return {};
  EXPECT_EQ(image->shape(), Shape({2, 3, 1}));
  const auto pixels = image->span<uint8_t>();
  return {pixels.begin(), pixels.end()};
}

// Red, green and blue of four colors, of which two are the same.
const char kMaskColors[] = "\0\0\0\x80\0\0\x80\0\0\1\2\3";

std::string MaskPalette() {
  return PngChunk("PLTE", absl::string_view(kMaskColors, 12));
}

TEST(PngIndicesTest, OfAPalette) {
  EXPECT_THAT(Indices(MaskFile(8, 3, MaskPalette(),
                               MaskRows({0, 0, 1, 2, 0, 3, 2, 255}))),
              ElementsAre(0, 1, 2, 3, 2, 255));
  // Two bits a pixel: 1 2 3, 0 1 0.
  EXPECT_THAT(
      Indices(MaskFile(2, 3, MaskPalette(), MaskRows({0, 0x6c, 0, 0x10}))),
      ElementsAre(1, 2, 3, 0, 1, 0));
  EXPECT_THAT(Indices(MaskFile(4, 3, MaskPalette(),
                               MaskRows({0, 0x1f, 0x30, 0, 0, 0x20}))),
              ElementsAre(1, 15, 3, 0, 0, 2));
  EXPECT_THAT(
      Indices(MaskFile(1, 3, MaskPalette(), MaskRows({0, 0xa0, 0, 0x40}))),
      ElementsAre(1, 0, 1, 0, 1, 0));
}

// The colors would be the same, or gone.
TEST(PngIndicesTest, TransparencyDoesNotMatter) {
  const std::string chunks =
      MaskPalette() + PngChunk("tRNS", absl::string_view("\0\0\x10", 3));
  EXPECT_THAT(
      Indices(MaskFile(8, 3, chunks, MaskRows({0, 0, 1, 2, 0, 3, 2, 1}))),
      ElementsAre(0, 1, 2, 3, 2, 1));
  EXPECT_THAT(
      Indices(MaskFile(8, 0, PngChunk("tRNS", absl::string_view("\0\1", 2)),
                       MaskRows({0, 0, 1, 2, 0, 3, 2, 1}))),
      ElementsAre(0, 1, 2, 3, 2, 1));
}

TEST(PngIndicesTest, OfGrayLevels) {
  EXPECT_THAT(Indices(PngBytes(
                  Tensor::Of<uint8_t>({2, 3, 1}, {0, 1, 2, 128, 254, 255}))),
              ElementsAre(0, 1, 2, 128, 254, 255));
  EXPECT_THAT(Indices(MaskFile(2, 0, "", MaskRows({0, 0x6c, 0, 0x10}))),
              ElementsAre(1, 2, 3, 0, 1, 0));
  EXPECT_THAT(
      Indices(MaskFile(4, 0, "", MaskRows({0, 0x1f, 0x30, 0, 0, 0x20}))),
      ElementsAre(1, 15, 3, 0, 0, 2));
  EXPECT_THAT(Indices(MaskFile(1, 0, "", MaskRows({0, 0xa0, 0, 0x40}))),
              ElementsAre(1, 0, 1, 0, 1, 0));
}

TEST(PngIndicesTest, OfColorsThatAreGray) {
  Tensor image({2, 3, 3}, ElementType::kUint8);
  for (int i = 0; i < 18; ++i) {
    image.data<uint8_t>()[i] = static_cast<uint8_t>(i / 3 * 51);
  }
  EXPECT_THAT(Indices(PngBytes(image)), ElementsAre(0, 51, 102, 153, 204, 255));
  image.data<uint8_t>()[13] = 7;
  EXPECT_THAT(
      DecodePngIndices("mask.png", PngBytes(image)),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "mask.png: has colors: red, green and blue are 204, 7 and 204 "
               "in row 1, column 1; expected a number for each pixel, in a "
               "gray PNG file, one with a palette, or one whose red, green and "
               "blue are equal"));
}

// What drawing programs write: RGBA, all opaque.
TEST(PngIndicesTest, OfOpaquePixelsWithAlpha) {
  Tensor image({2, 3, 4}, ElementType::kUint8);
  for (int i = 0; i < 24; ++i) {
    image.data<uint8_t>()[i] =
        i % 4 == 3 ? 255 : static_cast<uint8_t>(i / 4 * 51);
  }
  EXPECT_THAT(Indices(PngBytes(image)), ElementsAre(0, 51, 102, 153, 204, 255));
  Tensor gray({2, 3, 2}, ElementType::kUint8);
  for (int i = 0; i < 12; ++i) {
    gray.data<uint8_t>()[i] = i % 2 == 1 ? 255 : static_cast<uint8_t>(i);
  }
  EXPECT_THAT(Indices(PngBytes(gray)), ElementsAre(0, 2, 4, 6, 8, 10));
  // Nearly opaque: a number would be another one.
  image.data<uint8_t>()[19] = 254;
  EXPECT_THAT(DecodePngIndices("mask.png", PngBytes(image)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "mask.png: has transparent pixels, the first in row 1, "
                       "column 1; expected a number for each pixel, in an "
                       "opaque PNG file"));
  image.data<uint8_t>()[19] = 255;
  image.data<uint8_t>()[17] = 7;
  EXPECT_THAT(DecodePngIndices("mask.png", PngBytes(image)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("red, green and blue are 204, 7 and 204 in "
                                 "row 1, column 1")));
}

// As OpenCV writes a mask of uint16.
TEST(PngIndicesTest, OfLongSamplesWithSmallNumbers) {
  EXPECT_THAT(Indices(MaskFile(16, 0, "",
                               MaskRows({0, 0, 0, 0, 1, 0, 2,  //
                                         0, 0, 77, 0, 254, 0, 255}))),
              ElementsAre(0, 1, 2, 77, 254, 255));
  EXPECT_THAT(
      DecodePngIndices("mask.png", MaskFile(16, 0, "",
                                            MaskRows({0, 0, 0, 0, 1, 0, 2,  //
                                                      0, 1, 44, 0, 0, 0, 0}))),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "mask.png: has the number 300 in row 1, column 0; "
               "expected numbers of at most 255, as masks have"));
}

void ExpectMaskRefused(const std::string& bytes, absl::StatusCode code,
                       const std::string& text) {
  EXPECT_THAT(DecodePngIndices("mask.png", bytes),
              StatusIs(code, HasSubstr("mask.png: " + text)));
}

TEST(PngIndicesTest, RefusesOtherFiles) {
  const auto invalid = absl::StatusCode::kInvalidArgument;
  const auto loss = absl::StatusCode::kDataLoss;
  ExpectMaskRefused("P5 1 1 255 .", invalid, "is not a PNG file; expected one");
  ExpectMaskRefused("", invalid, "is empty; expected a PNG file");
  ExpectMaskRefused("\xff\xd8\xff\xe0", invalid,
                    "is a JPEG file, which loses class numbers; expected PNG");
  ExpectMaskRefused(std::string(kPngSignature), loss, "truncated PNG file");
  const std::string whole =
      MaskFile(8, 3, MaskPalette(), MaskRows({0, 0, 1, 2, 0, 3, 2, 1}));
  ExpectMaskRefused(whole.substr(0, whole.size() - 20), loss,
                    "truncated PNG file");
  // Each byte after the signature is in a chunk, whose checksum fails.
  for (size_t i = kPngSignature.size(); i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_FALSE(DecodePngIndices("mask.png", damaged).ok()) << i;
  }
}

}  // namespace
}  // namespace lenslet
