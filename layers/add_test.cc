
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(AddTest, InfersTheInputsShape) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      LayerInfo info, Add().Infer({Shape{4, 3}, Shape{4, 3}, Shape{4, 3}}));
  EXPECT_EQ(info.output, Shape({4, 3}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.reach, Reach::kPosition);
  EXPECT_EQ(info.cost.other_operations, 2 * 12);
  EXPECT_EQ(info.cost.bytes(), 4 * 12 * 4);
  EXPECT_EQ(Add().type(), "Add");
  EXPECT_FALSE(Add().IsReshape(/*training=*/true));
  EXPECT_TRUE(EpilogueOf(Add()).empty());
}

TEST(AddTest, RepeatsInputsOfSizeOne) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Add().Infer({Shape{4, 3}, Shape{1, 3}}));
  EXPECT_EQ(info.output, Shape({4, 3}));
  // Of another position.
  EXPECT_EQ(info.reach, Reach::kAll);
  EXPECT_EQ(info.cost.other_operations, 12);
  EXPECT_EQ(info.cost.bytes(), (12 + 3 + 12) * 4);
  CheckOnAllBackends(LayerCaseOfInputs(Add(), {{5, 7}, {1, 7}}, 5));
}

TEST(AddTest, KernelsOfAllBackends) {
  CheckOnAllBackends(LayerCaseOfInputs(Add(), {{3, 7}, {3, 7}}, 2));
}

TEST(AddTest, SaysWhatIsWrongWithItsInputs) {
  const auto differ =
      StatusIs(absl::StatusCode::kInvalidArgument,
               "input 1 has shape [3]; expected [2], the shape of input 0");
  EXPECT_THAT(Add().Infer({Shape{2}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "has 1 input; expected at least 2"));
  EXPECT_THAT(Add().Infer({Shape{2}, Shape{3}}), differ);
  for (Backend backend : kBackends) {
    EXPECT_THAT(Add().MakeKernel(backend, {Shape{2}, Shape{3}}, 1), differ);
  }
}

}  // namespace
}  // namespace lenslet::layers
