#include "lenslet/data/change_image.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

using Bytes = std::vector<uint8_t>;

Bytes Rotated(const ImageFormat& format, const Bytes& in, double degrees) {
  Bytes out(in.size(), 77);
  ImageRotation(format).Rotate(in.data(), degrees, out.data());
  return out;
}

Bytes Moved(const ImageFormat& format, const Bytes& in, int64_t rows,
            int64_t columns, bool mirrored) {
  Bytes out(in.size(), 77);
  MoveImage(format, in.data(), rows, columns, mirrored, out.data());
  return out;
}

constexpr ImageFormat kSquare = {.height = 3, .width = 3};
const Bytes& Square() {
  static const Bytes& square = *new Bytes({1, 2, 3,  //
                                           4, 5, 6,  //
                                           7, 8, 9});
  return square;
}

TEST(ImageRotationTest, QuarterTurnsMovePixels) {
  EXPECT_EQ(Rotated(kSquare, Square(), 0), Square());
  EXPECT_THAT(Rotated(kSquare, Square(), 90), ElementsAre(3, 6, 9,  //
                                                          2, 5, 8,  //
                                                          1, 4, 7));
  EXPECT_THAT(Rotated(kSquare, Square(), -90), ElementsAre(7, 4, 1,  //
                                                           8, 5, 2,  //
                                                           9, 6, 3));
  EXPECT_THAT(Rotated(kSquare, Square(), 180), ElementsAre(9, 8, 7,  //
                                                           6, 5, 4,  //
                                                           3, 2, 1));
}

TEST(RotateMapTest, QuarterTurnsMoveClasses) {
  const std::vector<int32_t> map = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<int32_t> out(9);
  RotateMap(kSquare, map.data(), 90, -1, out.data());
  EXPECT_THAT(out, ElementsAre(3, 6, 9, 2, 5, 8, 1, 4, 7));
  // The corners come from 1.414 pixels beside the middle; the nearest pixels
  // there are inside in one direction alone.
  RotateMap(kSquare, map.data(), 45, -1, out.data());
  EXPECT_THAT(out, ElementsAre(2, 3, 6, 1, 5, 9, 4, 7, 8));
  const std::vector<int32_t> row = {1, 2, 3};
  std::vector<int32_t> turned(3);
  RotateMap({.height = 1, .width = 3}, row.data(), 90, -1, turned.data());
  EXPECT_THAT(turned, ElementsAre(-1, 2, -1));
}

TEST(RotateNumbersTest, IsNotRounded) {
  const std::vector<float> numbers = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<float> out(9);
  RotateNumbers(kSquare, numbers.data(), -90, out.data());
  EXPECT_THAT(out, ElementsAre(7, 4, 1, 8, 5, 2, 9, 6, 3));
  RotateNumbers(kSquare, std::vector<float>(9, 0.25f).data(), 45, out.data());
  EXPECT_EQ(out[4], 0.25f);
  // As the bytes below.
  EXPECT_FLOAT_EQ(out[0], 0.25f * (1 - 106.0f / 256));
}

TEST(TurnUpsideDownTest, ReversesRows) {
  Bytes bytes = Square();
  TurnUpsideDown(kSquare, bytes.data());
  EXPECT_THAT(bytes, ElementsAre(7, 8, 9,  //
                                 4, 5, 6,  //
                                 1, 2, 3));
  std::vector<float> numbers = {1, 2, 3, 4, 5, 6, 7, 8};
  TurnUpsideDown({.height = 2, .width = 2, .channels = 2}, numbers.data());
  EXPECT_THAT(numbers, ElementsAre(5, 6, 7, 8, 1, 2, 3, 4));
}

TEST(MoveMapTest, MovesAsBytes) {
  const ImageFormat format = {.height = 2, .width = 3, .channels = 2};
  const Bytes bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const std::vector<int32_t> map(bytes.begin(), bytes.end());
  for (int64_t rows = -1; rows <= 1; ++rows) {
    for (int64_t columns = -2; columns <= 2; ++columns) {
      for (const bool mirrored : {false, true}) {
        std::vector<int32_t> out(12);
        MoveMap(format, map.data(), rows, columns, mirrored, 0, out.data());
        EXPECT_THAT(out, ElementsAreArray(
                             Moved(format, bytes, rows, columns, mirrored)));
      }
    }
  }
}

TEST(ImageRotationTest, MovesWholePixelsOfColor) {
  const ImageFormat format = {.height = 2, .width = 2, .channels = 3};
  EXPECT_THAT(Rotated(format, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 90),
              ElementsAre(4, 5, 6, 10, 11, 12, 1, 2, 3, 7, 8, 9));
}

// The corners of the turned image come from 1.414 pixels beside the middle, of
// which 0.586 are inside: 100 * (1 - 0.414), and 0.414 are 106 / 256.
TEST(ImageRotationTest, InterpolatesAndBringsZerosIn) {
  const Bytes all(9, 100);
  EXPECT_THAT(Rotated(kSquare, all, 45), ElementsAre(59, 100, 59,    //
                                                     100, 100, 100,  //
                                                     59, 100, 59));
}

// A row of 0, 100, 200 has at (row, column) 100 + 100 x, x being what lies
// right of the middle. Turned by 60 degrees, the pixel above the middle comes
// from sin(60) = 0.866 to the right and 0.5 above, the one on the right from
// cos(60) = 0.5 to the right. Places are rounded to 1/256.
TEST(ImageRotationTest, InterpolatesWithinTheImage) {
  const Bytes ramp = {0, 100, 200, 0, 100, 200, 0, 100, 200};
  const Bytes out = Rotated(kSquare, ramp, 60);
  EXPECT_EQ(out[4], 100);
  EXPECT_NEAR(out[1], 186.6, 1);
  EXPECT_NEAR(out[5], 150, 1);
  EXPECT_NEAR(out[3], 50, 1);
  EXPECT_NEAR(out[7], 13.4, 1);
}

TEST(ImageRotationTest, KeepsNothingOfTheImageBefore) {
  ImageRotation rotation(kSquare);
  Bytes out(9);
  rotation.Rotate(Square().data(), 45, out.data());
  const Bytes zeros(9, 0);
  rotation.Rotate(zeros.data(), 45, out.data());
  EXPECT_EQ(out, zeros);
}

TEST(MoveImageTest, BringsZerosIn) {
  EXPECT_EQ(Moved(kSquare, Square(), 0, 0, false), Square());
  EXPECT_THAT(Moved(kSquare, Square(), 1, 0, false), ElementsAre(0, 0, 0,  //
                                                                 1, 2, 3,  //
                                                                 4, 5, 6));
  EXPECT_THAT(Moved(kSquare, Square(), -2, 1, false), ElementsAre(0, 7, 8,  //
                                                                  0, 0, 0,  //
                                                                  0, 0, 0));
  EXPECT_THAT(Moved(kSquare, Square(), 0, -2, false), ElementsAre(3, 0, 0,  //
                                                                  6, 0, 0,  //
                                                                  9, 0, 0));
}

TEST(MoveImageTest, MirrorsAfterwards) {
  EXPECT_THAT(Moved(kSquare, Square(), 0, 0, true), ElementsAre(3, 2, 1,  //
                                                                6, 5, 4,  //
                                                                9, 8, 7));
  EXPECT_THAT(Moved(kSquare, Square(), 1, 1, true), ElementsAre(0, 0, 0,  //
                                                                2, 1, 0,  //
                                                                5, 4, 0));
  EXPECT_THAT(Moved(kSquare, Square(), 0, -1, true), ElementsAre(0, 3, 2,  //
                                                                 0, 6, 5,  //
                                                                 0, 9, 8));
}

TEST(MoveImageTest, MirrorsPixelsNotChannels) {
  const ImageFormat format = {.height = 1, .width = 3, .channels = 2};
  EXPECT_THAT(Moved(format, {1, 2, 3, 4, 5, 6}, 0, 0, true),
              ElementsAre(5, 6, 3, 4, 1, 2));
  EXPECT_THAT(Moved(format, {1, 2, 3, 4, 5, 6}, 0, 1, true),
              ElementsAre(3, 4, 1, 2, 0, 0));
}

// Eight bytes at a time, and a rest.
TEST(MoveImageTest, MirrorsRowsOfAnyLength) {
  for (int64_t width = 1; width < 40; ++width) {
    Bytes in(width);
    for (int64_t i = 0; i < width; ++i) in[i] = static_cast<uint8_t>(i + 1);
    const Bytes expected(in.rbegin(), in.rend());
    EXPECT_THAT(Moved({.height = 1, .width = width}, in, 0, 0, true),
                ElementsAreArray(expected))
        << width;
  }
}

TEST(EraseSquareTest, ClipsAtTheBorder) {
  const ImageFormat format = {.height = 3, .width = 4};
  Bytes image(12, 9);
  EraseSquare(format, 1, 2, 2, image.data());
  EXPECT_THAT(image, ElementsAre(9, 0, 0, 9,  //
                                 9, 0, 0, 9,  //
                                 9, 9, 9, 9));
  image.assign(12, 9);
  EraseSquare(format, 2, 0, 3, image.data());
  EXPECT_THAT(image, ElementsAre(9, 9, 9, 9,  //
                                 0, 0, 9, 9,  //
                                 0, 0, 9, 9));
}

TEST(EraseSquareTest, ErasesAllChannels) {
  const ImageFormat format = {.height = 1, .width = 2, .channels = 3};
  Bytes image(6, 9);
  EraseSquare(format, 0, 1, 1, image.data());
  EXPECT_THAT(image, ElementsAre(9, 9, 9, 0, 0, 0));
}

}  // namespace
}  // namespace lenslet
