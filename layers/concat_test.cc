
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(ConcatTest, InfersTheSumOfTheSizesAlongTheAxis) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Concat().Infer({Shape{4, 3}, Shape{4, 2}}));
  EXPECT_EQ(info.output, Shape({4, 5}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.reach, Reach::kPosition);
  EXPECT_EQ(info.cost.bytes(), 2 * 20 * 4);
  EXPECT_EQ(Concat({.axis = 0}).Infer({Shape{4, 3}, Shape{1, 3}})->output,
            Shape({5, 3}));
  EXPECT_EQ(Concat({.axis = 0}).Infer({Shape{4, 3}, Shape{1, 3}})->reach,
            Reach::kAll);
  EXPECT_EQ(Concat().type(), "Concat");
  EXPECT_FALSE(Concat().IsReshape(/*training=*/true));
}

TEST(ConcatTest, KernelsOfAllBackends) {
  CheckOnAllBackends(LayerCaseOfInputs(Concat(), {{3, 7}, {3, 2}}));
  CheckOnAllBackends(
      LayerCaseOfInputs(Concat(ConcatSpec{.axis = 0}), {{3, 7}, {2, 7}}));
}

TEST(ConcatTest, SaysWhatIsWrongWithItsInputs) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const auto no_axis = StatusIs(
      code, "axis is 1; expected a number in [0, 0] for input 0 of shape [2]");
  EXPECT_THAT(Concat().Infer({Shape{2}}),
              StatusIs(code, "has 1 input; expected at least 2"));
  EXPECT_THAT(Concat({.axis = 1}).Infer({Shape{2}, Shape{2}}), no_axis);
  for (Backend backend : kBackends) {
    EXPECT_THAT(
        Concat({.axis = 1}).MakeKernel(backend, {Shape{2}, Shape{2}}, 1),
        no_axis);
  }
}

}  // namespace
}  // namespace lenslet::layers
