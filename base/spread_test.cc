#include "lenslet/base/spread.h"

#include <cmath>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

// Mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32 over 8 - 1.
TEST(SpreadTest, IsMeanAndSampleDeviation) {
  const Spread spread = SpreadOf({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_EQ(spread.mean, 5);
  EXPECT_DOUBLE_EQ(spread.deviation, std::sqrt(32.0 / 7));
}

// Small beside the mean, as the sum of squares alone would not show.
TEST(SpreadTest, KeepsASmallDeviationOfLargeValues) {
  const Spread spread = SpreadOf({1e9, 1e9 + 1, 1e9 + 2});
  EXPECT_EQ(spread.mean, 1e9 + 1);
  EXPECT_EQ(spread.deviation, 1);
}

TEST(SpreadTest, IsNaNOfNaN) {
  const Spread spread = SpreadOf({1, NAN});
  EXPECT_TRUE(std::isnan(spread.mean));
  EXPECT_TRUE(std::isnan(spread.deviation));
}

TEST(SpreadDeathTest, NeedsTwoValues) {
  EXPECT_DEATH(SpreadOf({1.0}), "broken invariant");
}

}  // namespace
}  // namespace lenslet
