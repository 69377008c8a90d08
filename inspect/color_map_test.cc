#include "lenslet/inspect/color_map.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();

constexpr Color kBlack = {0, 0, 0};
constexpr Color kMiddle = {128, 128, 128};
constexpr Color kWhite = {255, 255, 255};
constexpr Color kBlue = {0x21, 0x66, 0xac};
constexpr Color kRed = {0xb2, 0x18, 0x2b};

TEST(FiniteRangeTest, LeavesOutWhatIsNotFinite) {
  ValueRange range = FiniteRange({kNan, 3, -kInf, 2, kInf, 7});
  EXPECT_EQ(range.min, 2);
  EXPECT_EQ(range.max, 7);
  for (const std::vector<float>& none :
       {std::vector<float>(), std::vector<float>({kNan, kInf})}) {
    range = FiniteRange(none);
    EXPECT_EQ(range.min, 0);
    EXPECT_EQ(range.max, 0);
  }
}

TEST(ColorOfTest, GrayGoesFromTheSmallestToTheLargest) {
  const ValueRange range = {.min = -1, .max = 3};
  EXPECT_EQ(ColorOf(-1, ColorMap::kGray, range), kBlack);
  EXPECT_EQ(ColorOf(1, ColorMap::kGray, range), kMiddle);
  EXPECT_EQ(ColorOf(3, ColorMap::kGray, range), kWhite);
}

TEST(ColorOfTest, DivergingIsWhiteAtZero) {
  // 4 is the larger one by size, so -2 is half way to blue.
  const ValueRange range = {.min = -2, .max = 4};
  EXPECT_EQ(ColorOf(0, ColorMap::kDiverging, range), kWhite);
  EXPECT_EQ(ColorOf(4, ColorMap::kDiverging, range), kRed);
  EXPECT_EQ(ColorOf(-4, ColorMap::kDiverging, range), kBlue);
  // Half way from 255 to 33, 102 and 172, rounded.
  EXPECT_EQ(ColorOf(-2, ColorMap::kDiverging, range), Color({144, 179, 214}));
}

TEST(ColorOfTest, TakesConstants) {
  EXPECT_EQ(ColorOf(5, ColorMap::kGray, {.min = 5, .max = 5}), kMiddle);
  EXPECT_EQ(ColorOf(0, ColorMap::kDiverging, {}), kWhite);
  EXPECT_EQ(ColorOf(-5, ColorMap::kDiverging, {.min = -5, .max = -5}), kBlue);
}

TEST(ColorOfTest, TakesNumbersThatAreNotFinite) {
  for (const ValueRange& range :
       {ValueRange{}, ValueRange{.min = -1, .max = 1}}) {
    EXPECT_EQ(ColorOf(kNan, ColorMap::kGray, range), kNanColor);
    EXPECT_EQ(ColorOf(kNan, ColorMap::kDiverging, range), kNanColor);
    EXPECT_EQ(ColorOf(-kInf, ColorMap::kGray, range), kBlack);
    EXPECT_EQ(ColorOf(kInf, ColorMap::kGray, range), kWhite);
    EXPECT_EQ(ColorOf(-kInf, ColorMap::kDiverging, range), kBlue);
    EXPECT_EQ(ColorOf(kInf, ColorMap::kDiverging, range), kRed);
  }
}

TEST(ColorOfTest, TakesTheWidestRange) {
  const ValueRange range = {.min = -kLargest, .max = kLargest};
  EXPECT_EQ(ColorOf(0, ColorMap::kGray, range), kMiddle);
  EXPECT_EQ(ColorOf(0, ColorMap::kDiverging, range), kWhite);
}

TEST(ColorImageTest, HasAPixelForEachNumber) {
  const Tensor image = ColorImage(Tensor::Of({2, 2}, {0, 1, 0, kNan}).view());
  EXPECT_EQ(image.shape(), Shape({2, 2, 3}));
  EXPECT_THAT(image.span<uint8_t>(),
              ElementsAre(0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 255));
}

TEST(ColorImageTest, TakesNumbersAsStrengthsOfColors) {
  const Tensor map = Tensor::Of({1, 2, 3}, {-1, 0, 3, 1, kNan, 1});
  EXPECT_THAT(ColorImage(map.view()).span<uint8_t>(),
              ElementsAre(0, 64, 255, 255, 0, 255));
  // From -3 to 3: -1 is a third of the way.
  EXPECT_THAT(ColorImage(map.view(), ColorMap::kDiverging).span<uint8_t>(),
              ElementsAre(85, 128, 255, 255, 0, 255));
}

TEST(ColorImageDeathTest, NeedsAMap) {
  EXPECT_DEATH(ColorImage(Tensor({4}).view()), "broken invariant");
  EXPECT_DEATH(ColorImage(Tensor({4, 4, 2}).view()), "broken invariant");
}

}  // namespace
}  // namespace lenslet
