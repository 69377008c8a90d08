#include "lenslet/data/exif.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/testing/exif_bytes.h"
#include "lenslet/data/testing/jpeg_bytes.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/data/testing/png_bytes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAreArray;

constexpr absl::string_view kExifName("Exif\0\0", 6);

// Upright, this is
//
//   1 2 3
//   4 5 6
//
// and is stored as one of
struct Stored {
  Shape shape;
  std::vector<uint8_t> pixels;
};

std::vector<Stored> StoredWithEachOrientation() {
  const Shape flat = {2, 3, 1}, tall = {3, 2, 1};
  return {{flat, {1, 2, 3, 4, 5, 6}},   // 1: as it is.
          {flat, {3, 2, 1, 6, 5, 4}},   // 2: mirrored left to right.
          {flat, {6, 5, 4, 3, 2, 1}},   // 3: upside down.
          {flat, {4, 5, 6, 1, 2, 3}},   // 4: mirrored top to bottom.
          {tall, {1, 4, 2, 5, 3, 6}},   // 5: rows and columns exchanged.
          {tall, {3, 6, 2, 5, 1, 4}},   // 6: turned left by 90 degrees.
          {tall, {6, 3, 5, 2, 4, 1}},   // 7: 5, upside down.
          {tall, {4, 1, 5, 2, 6, 3}}};  // 8: turned right by 90 degrees.
}

Tensor ToTensor(const Stored& stored) {
  Tensor image(stored.shape, ElementType::kUint8);
  std::copy(stored.pixels.begin(), stored.pixels.end(), image.data<uint8_t>());
  return image;
}

// Each pixel as a square of 8 x 8, which JPEG keeps, times 40.
Tensor Enlarged(const Stored& stored) {
  const int64_t height = stored.shape.dim(0), width = stored.shape.dim(1);
  Tensor image({8 * height, 8 * width, 1}, ElementType::kUint8);
  uint8_t* out = image.data<uint8_t>();
  for (int64_t row = 0; row < 8 * height; ++row) {
    for (int64_t column = 0; column < 8 * width; ++column) {
      *out++ = 40 * stored.pixels[row / 8 * width + column / 8];
    }
  }
  return image;
}

TEST(ExifOrientationTest, ReadsBothByteOrders) {
  for (const bool is_big_endian : {true, false}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const std::string exif = ExifBytes(orientation, is_big_endian);
      EXPECT_EQ(ExifOrientation(exif), orientation);
      EXPECT_EQ(ExifOrientation(absl::StrCat(kExifName, exif)), orientation);
    }
    EXPECT_EQ(ExifOrientation(ExifBytes(0, is_big_endian)), 1);
    EXPECT_EQ(ExifOrientation(ExifBytes(9, is_big_endian)), 1);
  }
}

TEST(ExifOrientationTest, DamagedDataIsUpright) {
  const std::string exif = ExifBytes(6);
  // Orientation is complete 12 bytes before the end.
  for (size_t size = 0; size + 4 < exif.size(); ++size) {
    EXPECT_EQ(ExifOrientation(exif.substr(0, size)), 1) << size;
  }
  std::string far = exif;
  far[4] = '\xff';  // Where the directory is.
  EXPECT_EQ(ExifOrientation(far), 1);
  EXPECT_EQ(ExifOrientation("XX" + exif.substr(2)), 1);
}

TEST(ExifTest, TurnsAllEightOrientationsUpright) {
  const std::vector<Stored> stored = StoredWithEachOrientation();
  for (int i = 0; i < 8; ++i) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor upright,
                                 TurnUpright(ToTensor(stored[i]), i + 1));
    EXPECT_EQ(upright.shape(), Shape({2, 3, 1}));
    EXPECT_EQ(UprightShape(stored[i].shape, i + 1), Shape({2, 3, 1}));
    EXPECT_THAT(upright.span<uint8_t>(), ElementsAreArray(stored[0].pixels));
  }
}

TEST(ExifTest, TurnsColorsAndFloatsOfAnySize) {
  constexpr int64_t kHeight = 37, kWidth = 70;
  Tensor image({kHeight, kWidth, 3});
  for (int64_t i = 0; i < image.shape().elements(); ++i) image.data()[i] = i;
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor upright,
                               TurnUpright(image.Clone(), 6));
  ASSERT_EQ(upright.shape(), Shape({kWidth, kHeight, 3}));
  for (int64_t row = 0; row < kHeight; ++row) {
    for (int64_t column = 0; column < kWidth; ++column) {
      for (int64_t c = 0; c < 3; ++c) {
        ASSERT_EQ(upright(column, kHeight - 1 - row, c), image(row, column, c));
      }
    }
  }
}

// Training and test data come from folders, other programs read single files.
TEST(ExifTest, FilesOfAllEightOrientationsAreReadUpright) {
  const std::string folder = EmptyTempFolder("exif_test");
  std::filesystem::create_directories(folder + "/class");
  const std::vector<Stored> stored = StoredWithEachOrientation();
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Stored& one = stored[orientation - 1];
    const std::string png =
        PngWithExif(PngBytes(ToTensor(one)), ExifBytes(orientation));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor exact, DecodeImage("png", png));
    EXPECT_EQ(exact.shape(), Shape({2, 3, 1}));
    EXPECT_THAT(exact.span<uint8_t>(), ElementsAreArray(stored[0].pixels));

    const std::string jpeg =
        JpegWithExif(JpegBytes(Enlarged(one)), ExifBytes(orientation, false));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor near, DecodeImage("jpeg", jpeg));
    ASSERT_EQ(near.shape(), Shape({16, 24, 1}));
    const Tensor expected = Enlarged(stored[0]);
    for (int64_t i = 0; i < expected.shape().elements(); ++i) {
      EXPECT_NEAR(near.data<uint8_t>()[i], expected.data<uint8_t>()[i], 2);
    }

    const std::string path = folder + "/class/a.jpg";
    std::ofstream(path, std::ios::binary) << jpeg;
    LENSLET_ASSERT_OK_AND_ASSIGN(const ImageHeader header,
                                 ReadImageHeader(path));
    EXPECT_EQ(header.shape, Shape({16, 24, 1}));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                                 LoadImageFolders(folder, {16, 24, 1}));
    EXPECT_THAT(Pixels(dataset), ElementsAreArray(near.span<uint8_t>()));
  }
}

TEST(ExifTest, LargePhotographsAreDecodedSmallerAndTurned) {
  // Dark above, bright below; stored turned left.
  Tensor stored({64, 96, 1}, ElementType::kUint8);
  for (int64_t i = 0; i < 64 * 96; ++i) {
    stored.data<uint8_t>()[i] = i % 96 < 48 ? 40 : 200;
  }
  const std::string jpeg = JpegWithExif(JpegBytes(stored), ExifBytes(6));
  LENSLET_ASSERT_OK_AND_ASSIGN(const FittedImage fitted,
                               DecodeFittedImage("FILE", jpeg, {6, 4, 1}));
  EXPECT_EQ(fitted.changes, ", turned upright, resized from 64 x 96");
  ASSERT_EQ(fitted.image.shape(), Shape({6, 4, 1}));
  // Filters reach over the edge between the two, at rows 2 and 3.
  for (int64_t i = 0; i < 6 * 4; ++i) {
    EXPECT_NEAR(fitted.image.data<uint8_t>()[i], i < 12 ? 40 : 200, 20) << i;
  }
}

}  // namespace
}  // namespace lenslet
