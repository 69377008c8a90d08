#include "lenslet/data/warp_image.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

std::vector<uint8_t> RandomBytes(int64_t size) {
  Random random(/*seed=*/3);
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Below(256));
  return bytes;
}

// The definition in double; -1 outside, and NaN near its edge, where rounding
// decides.
double WarpedInDouble(const ImageFormat& format, const std::vector<uint8_t>& in,
                      const ImageWarp& warp, int64_t row, int64_t column,
                      int64_t channel) {
  const double angle = warp.degrees * std::numbers::pi / 180;
  // From the center, rows down.
  const double x = (column + 0.5 - format.width / 2.0) / warp.factor;
  const double y = (row + 0.5 - format.height / 2.0) / warp.factor;
  const double turned_x = std::cos(angle) * x - std::sin(angle) * y;
  const double turned_y = std::sin(angle) * x + std::cos(angle) * y;
  const double part_x = turned_x / format.width + 0.5;
  const double part_y = turned_y / format.height + 0.5;
  double from_x = warp.part.left + part_x * warp.part.width;
  double from_y = warp.part.top + part_y * warp.part.height;
  for (const double edge :
       {from_x, from_y, from_x - format.width, from_y - format.height}) {
    if (std::abs(edge) < 0.01) return NAN;
  }
  if (from_x < 0 || from_x > format.width || from_y < 0 ||
      from_y > format.height) {
    return -1;
  }
  from_x = std::clamp(from_x - 0.5, 0.0, format.width - 1.0);
  from_y = std::clamp(from_y - 0.5, 0.0, format.height - 1.0);
  double sum = 0;
  for (int64_t r = 0; r < format.height; ++r) {
    for (int64_t c = 0; c < format.width; ++c) {
      sum += std::max(0.0, 1 - std::abs(from_x - c)) *
             std::max(0.0, 1 - std::abs(from_y - r)) *
             in[(r * format.width + c) * format.channels + channel];
    }
  }
  return sum;
}

TEST(WarpImageTest, AgreesWithTheDefinition) {
  const ImageFormat format = {.height = 9, .width = 13, .channels = 3};
  const std::vector<uint8_t> in = RandomBytes(format.bytes());
  const std::vector<float> numbers(in.begin(), in.end());
  const ImageBox whole = {.height = 9, .width = 13};
  for (const ImageWarp& warp : std::vector<ImageWarp>{
           {.part = {.top = 2, .left = 5, .height = 4, .width = 7}},
           {.part = {.top = 0, .left = 0, .height = 9, .width = 3}},
           {.part = whole, .factor = 0.7},
           {.part = whole, .factor = 1.3},
           {.part = whole, .degrees = 33, .factor = 0.9},
           {.part = {.top = 3, .left = 2, .height = 5, .width = 9},
           .degrees = -71,
           .factor = 1.1}}) {
    std::vector<uint8_t> out(in.size(), 77);
    WarpImage(format, in.data(), warp, out.data());
    std::vector<float> of_numbers(in.size(), 77);
    WarpNumbers(format, numbers.data(), warp, of_numbers.data());
    for (int64_t i = 0; i < format.bytes(); ++i) {
      const double expected = WarpedInDouble(
          format, in, warp, i / 3 / format.width, i / 3 % format.width, i % 3);
      if (std::isnan(expected)) continue;
      if (expected == -1) {
        EXPECT_EQ(out[i], 0);
        EXPECT_EQ(of_numbers[i], 0);
        continue;
      }
      // Positions are off by 1/512 in each direction, of steps of up to 255.
      EXPECT_NEAR(of_numbers[i], expected, 1.01);
      EXPECT_NEAR(out[i], of_numbers[i], 0.501);
    }
  }
}

TEST(WarpImageTest, TheWholeStaysAsItIs) {
  const ImageFormat format = {.height = 5, .width = 4, .channels = 2};
  const std::vector<uint8_t> in = RandomBytes(format.bytes());
  std::vector<uint8_t> out(in.size());
  WarpImage(format, in.data(), {.part = {.height = 5, .width = 4}}, out.data());
  EXPECT_EQ(out, in);
}

TEST(WarpMapTest, TakesTheNearest) {
  const std::vector<int32_t> map = {1, 2, 3, 4,  //
                                    5, 6, 7, 8};
  std::vector<int32_t> out(8);
  const ImageFormat format = {.height = 2, .width = 4};
  WarpMap(format, map.data(),
          {.part = {.top = 0, .left = 1, .height = 2, .width = 2}}, -1,
          out.data());
  EXPECT_THAT(out, ElementsAre(2, 2, 3, 3, 6, 6, 7, 7));
  WarpMap(format, map.data(),
          {.part = {.height = 2, .width = 4}, .degrees = 180}, -1, out.data());
  EXPECT_THAT(out, ElementsAre(8, 7, 6, 5, 4, 3, 2, 1));
  // At half the size, from the middles of every second pixel.
  const std::vector<int32_t> row = {1, 2, 3, 4, 5};
  std::vector<int32_t> smaller(5);
  WarpMap({.height = 1, .width = 5}, row.data(),
          {.part = {.height = 1, .width = 5}, .factor = 0.5}, -1,
          smaller.data());
  EXPECT_THAT(smaller, ElementsAre(-1, 1, 3, 5, -1));
}

TEST(DrawPartTest, HasAreasAndProportionsInTheirRanges) {
  const ImageFormat format = {.height = 200, .width = 400};
  Random random(/*seed=*/1);
  constexpr int kDraws = 3000;
  std::vector<int> areas(3), ratios(2);
  for (int i = 0; i < kDraws; ++i) {
    const ImageBox part = DrawPart(format, 0.1, random);
    ASSERT_GE(part.top, 0);
    ASSERT_GE(part.left, 0);
    ASSERT_LE(part.top + part.height, 200);
    ASSERT_LE(part.left + part.width, 400);
    const double area = part.height * part.width / 80000.0;
    const double ratio = part.width / 400.0 / (part.height / 200.0);
    EXPECT_GT(area, 0.098);
    EXPECT_GT(ratio, 0.74);
    EXPECT_LT(ratio, 1.36);
    // Up to 3/4, all proportions fit.
    if (area < 0.55) {
      ++areas[std::clamp(static_cast<int>((area - 0.1) / 0.15), 0, 2)];
      ++ratios[ratio > 1];
    }
  }
  // Of areas in thirds and of proportions in halves, as many. Of about 1700,
  // five standard deviations are 97 and 103.
  const double all = areas[0] + areas[1] + areas[2];
  EXPECT_GT(all, kDraws / 2);
  for (const int count : areas) EXPECT_NEAR(count, all / 3, 97);
  for (const int count : ratios) EXPECT_NEAR(count, all / 2, 103);
}

TEST(DrawPartTest, IsTheWholeForAnAreaOfOne) {
  Random random(/*seed=*/1);
  int whole = 0;
  for (int i = 0; i < 20; ++i) {
    const ImageBox part = DrawPart({.height = 50, .width = 50}, 1, random);
    whole += part == ImageBox{.height = 50, .width = 50};
  }
  // But for proportions that round to the whole, all others do not fit.
  EXPECT_EQ(whole, 20);
}

TEST(DrawErasedBoxTest, HasAreasAndProportionsInTheirRanges) {
  const ImageFormat format = {.height = 300, .width = 200};
  Random random(/*seed=*/1);
  double least = 1, greatest = 0;
  for (int i = 0; i < 2000; ++i) {
    const ImageBox box = DrawErasedBox(format, random);
    ASSERT_GE(box.height, 1);
    ASSERT_LE(box.top + box.height, 300);
    ASSERT_LE(box.left + box.width, 200);
    const double area = box.height * box.width / 60000.0;
    least = std::min(least, area);
    greatest = std::max(greatest, area);
    const double ratio = static_cast<double>(box.height) / box.width;
    EXPECT_GT(ratio, 0.29);
    EXPECT_LT(ratio, 3.45);
  }
  EXPECT_NEAR(least, 0.02, 0.002);
  EXPECT_NEAR(greatest, 0.4, 0.01);
}

// 2% of the area is too high for the width that it may have.
TEST(DrawErasedBoxTest, IsEmptyIfNoneFits) {
  Random random(/*seed=*/1);
  const ImageBox box = DrawErasedBox({.height = 1, .width = 1000}, random);
  EXPECT_EQ(box.height * box.width, 0);
}

TEST(FillAtRandomTest, StaysInTheBox) {
  const ImageFormat format = {.height = 60, .width = 50, .channels = 3};
  std::vector<uint8_t> image(format.bytes(), 7);
  Random random(/*seed=*/1);
  FillAtRandom(format, {.top = 10, .left = 20, .height = 40, .width = 25},
               random, image.data());
  std::vector<int> counts(4);
  for (int64_t i = 0; i < format.bytes(); ++i) {
    const int64_t row = i / 150, column = i % 150 / 3;
    const bool inside = row >= 10 && row < 50 && column >= 20 && column < 45;
    if (inside) {
      ++counts[image[i] / 64];
    } else {
      EXPECT_EQ(image[i], 7);
    }
  }
  // Of 3000, standard deviation 24; five of them.
  for (const int count : counts) EXPECT_NEAR(count, 750, 119);
}

}  // namespace
}  // namespace lenslet
