#include "lenslet/ops/axes.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

TEST(AxesTest, HoldsOneNumberForEachDimension) {
  Axes axes = {5, 3};
  EXPECT_EQ(axes.rank(), 2);
  EXPECT_FALSE(axes.empty());
  axes[1] = -4;
  EXPECT_EQ(axes[0], 5);
  EXPECT_THAT(std::vector<int64_t>(axes.begin(), axes.end()),
              ElementsAre(5, -4));
}

TEST(AxesTest, DefaultIsEmpty) {
  EXPECT_TRUE(Axes().empty());
  EXPECT_EQ(Axes().rank(), 0);
  EXPECT_EQ(Axes(), Axes::Filled(0, 9));
}

TEST(AxesTest, IsCreatedFromUpToThreeNumbers) {
  EXPECT_EQ(*Axes::Create(std::vector<int64_t>{}), Axes());
  EXPECT_EQ(*Axes::Create({1, 2, 3}), (Axes{1, 2, 3}));
  EXPECT_THAT(Axes::Create({1, -2, 3, 4}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "[1, -2, 3, 4] has 4 numbers, more than the 3 spatial "
                       "dimensions possible"));
}

TEST(AxesTest, FilledRepeatsANumber) {
  EXPECT_EQ(Axes::Filled(1, 7), Axes{7});
  EXPECT_EQ(Axes::Filled(3, -1), (Axes{-1, -1, -1}));
}

TEST(AxesTest, PrintsAsAList) {
  EXPECT_EQ(Axes().ToString(), "[]");
  EXPECT_EQ(Axes{28}.ToString(), "[28]");
  EXPECT_EQ((Axes{3, 28, -28}).ToString(), "[3, 28, -28]");
}

TEST(AxesTest, EqualMeansTheSameNumbersInTheSameDimensions) {
  EXPECT_EQ((Axes{1, 2}), (Axes{1, 2}));
  EXPECT_NE((Axes{1, 2}), (Axes{2, 1}));
  EXPECT_NE((Axes{1}), (Axes{1, 1}));
  // The numbers past the rank are zeros, and do not count.
  EXPECT_NE((Axes{1}), (Axes{1, 0}));
}

TEST(AxesDeathTest, RefusesMoreNumbersThanDimensions) {
  EXPECT_DEATH((Axes{1, 2, 3, 4}), "broken invariant");
  EXPECT_DEATH(Axes::Filled(4, 1), "broken invariant");
}

}  // namespace
}  // namespace lenslet
