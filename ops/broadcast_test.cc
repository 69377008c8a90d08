#include "lenslet/ops/broadcast.h"

#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(BroadcastShapeTest, TakesTheLargerSizes) {
  const auto shape = [](std::vector<Shape> images) {
    return *BroadcastShape("sum", images);
  };
  EXPECT_EQ(shape({{4, 3}, {4, 3}}), Shape({4, 3}));
  EXPECT_EQ(shape({{4, 5, 3}, {1, 1, 3}}), Shape({4, 5, 3}));
  EXPECT_EQ(shape({{1, 1, 3}, {4, 5, 3}}), Shape({4, 5, 3}));
  EXPECT_EQ(shape({{4, 1}, {1, 3}, {1, 1}}), Shape({4, 3}));
  EXPECT_EQ(shape({Shape(), Shape()}), Shape());
}

TEST(BroadcastShapeTest, NamesTheInputThatDoesNotFit) {
  EXPECT_THAT(BroadcastShape("sum", {{2}}),
              StatusIs(kInvalid, "has 1 input; expected at least 2"));
  EXPECT_THAT(BroadcastShape("sum", {{2, 3}, {1, 3}, {2, 2}}),
              StatusIs(kInvalid,
                       "input 2 has shape [2, 2]; expected [2, 3], the shape "
                       "of input 0"));
  EXPECT_THAT(BroadcastShape("sum", {{2, 3}, {3}}),
              StatusIs(kInvalid, ::testing::HasSubstr("input 1 has shape")));
  EXPECT_THAT(
      BroadcastShape("sum", {{2, 0}, {2, 1}}),
      StatusIs(kInvalid,
               "sum of images of shape [2, 0], which have no elements"));
}

TEST(BroadcastShapeTest, KnowsRepeatedPositions) {
  EXPECT_FALSE(RepeatsPositions({{4, 5, 3}, {4, 5, 3}}));
  EXPECT_FALSE(RepeatsPositions({{4, 5, 3}, {4, 5, 1}}));
  EXPECT_TRUE(RepeatsPositions({{4, 5, 3}, {4, 1, 3}}));
  EXPECT_FALSE(RepeatsPositions({{3}, {1}}));
}

// For each element of the output, the input's that meets it.
std::vector<int64_t> Meets(const BroadcastPlan& plan, int input) {
  std::vector<int64_t> met(plan.output_elements(), -1);
  plan.ForEachRow([&](int64_t output, const BroadcastPlan::Index& index) {
    const int64_t offset = plan.OffsetOf(input, index);
    ForEachInRow(plan.RepeatsInRow(input), plan.row(), /*unit=*/1,
                 [&](int64_t i, int64_t j) { met[output + i] = offset + j; });
  });
  return met;
}

//   0 1 2       10 20 30
//   3 4 5  and
TEST(BroadcastPlanTest, MeetsRepeatedElements) {
  const BroadcastPlan channels(std::vector<Shape>{{2, 1, 3}, {1, 1, 3}});
  EXPECT_FALSE(channels.is_trivial());
  EXPECT_FALSE(channels.Repeats(0));
  EXPECT_TRUE(channels.Repeats(1));
  EXPECT_EQ(channels.row(), 3);
  EXPECT_THAT(Meets(channels, 0), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(Meets(channels, 1), ElementsAre(0, 1, 2, 0, 1, 2));
  const BroadcastPlan outer(std::vector<Shape>{{1, 3}, {2, 1}});
  EXPECT_THAT(Meets(outer, 0), ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THAT(Meets(outer, 1), ElementsAre(0, 0, 0, 1, 1, 1));
  const BroadcastPlan inside(std::vector<Shape>{{2, 2, 2}, {2, 1, 2}});
  EXPECT_THAT(Meets(inside, 1), ElementsAre(0, 1, 0, 1, 2, 3, 2, 3));
}

TEST(BroadcastPlanTest, AxesThatAreAlikeAreOne) {
  const BroadcastPlan same(std::vector<Shape>{{2, 3, 4}, {2, 3, 4}});
  EXPECT_TRUE(same.is_trivial());
  EXPECT_EQ(same.row(), 24);
  const BroadcastPlan one(std::vector<Shape>{{2, 3, 4}, {1, 1, 1}});
  EXPECT_EQ(one.row(), 24);
  EXPECT_TRUE(one.RepeatsInRow(1));
  const BroadcastPlan scalars(std::vector<Shape>{Shape(), Shape()});
  EXPECT_TRUE(scalars.is_trivial());
  EXPECT_EQ(scalars.row(), 1);
  EXPECT_EQ(scalars.output_elements(), 1);
}

TEST(BroadcastPlanTest, ARowOfLanes) {
  std::vector<std::pair<int64_t, int64_t>> met;
  ForEachInRow(/*repeats=*/true, /*size=*/2, /*unit=*/2,
               [&](int64_t i, int64_t j) { met.emplace_back(i, j); });
  EXPECT_THAT(met, ElementsAre(Pair(0, 0), Pair(1, 1), Pair(2, 0), Pair(3, 1)));
}

}  // namespace
}  // namespace lenslet
