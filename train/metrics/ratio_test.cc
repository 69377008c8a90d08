#include "lenslet/train/metrics/ratio.h"

#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

using Ratios = std::vector<std::optional<double>>;

TEST(RatioTest, WithoutADenominatorIsAbsent) {
  EXPECT_EQ(Ratio(3, 4), 0.75);
  EXPECT_EQ(Ratio(0, 4), 0);
  EXPECT_EQ(Ratio(0, 0), std::nullopt);
}

TEST(MeanOfPresentTest, LeavesOutTheOthers) {
  EXPECT_EQ(MeanOfPresent(Ratios{1, std::nullopt, 0.5}), 0.75);
  EXPECT_EQ(MeanOfPresent(Ratios{std::nullopt}), std::nullopt);
  EXPECT_EQ(MeanOfPresent({}), std::nullopt);
}

TEST(MeanWithZerosTest, CountsTheOthersAsZero) {
  EXPECT_EQ(MeanWithZeros(Ratios{1, std::nullopt, 0.5}), 0.5);
  EXPECT_EQ(MeanWithZeros(Ratios{std::nullopt}), 0);
  EXPECT_EQ(MeanWithZeros({}), 0);
}

}  // namespace
}  // namespace lenslet
