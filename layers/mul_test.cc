#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(MulTest, InfersTheInputsShape) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Mul().Infer({Shape{4, 3}, Shape{4, 3}}));
  EXPECT_EQ(info.output, Shape({4, 3}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.reach, Reach::kPosition);
  EXPECT_EQ(info.cost.other_operations, 12);
  EXPECT_EQ(info.cost.bytes(), 3 * 12 * 4);
  EXPECT_EQ(Mul().type(), "Mul");
  EXPECT_FALSE(Mul().IsReshape(/*training=*/true));
  EXPECT_TRUE(EpilogueOf(Mul()).empty());
}

TEST(MulTest, RepeatsInputsOfSizeOne) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Mul().Infer({Shape{4, 3}, Shape{1, 3}}));
  EXPECT_EQ(info.output, Shape({4, 3}));
  EXPECT_EQ(info.reach, Reach::kAll);
  CheckOnAllBackends(LayerCaseOfInputs(Mul(), {{5, 7}, {1, 7}}, 5));
}

TEST(MulTest, KernelsOfAllBackends) {
  CheckOnAllBackends(LayerCaseOfInputs(Mul(), {{3, 7}, {3, 7}}));
}

TEST(MulTest, SaysWhatIsWrongWithItsInputs) {
  const auto differ =
      StatusIs(absl::StatusCode::kInvalidArgument,
               "input 1 has shape [3]; expected [2], the shape of input 0");
  EXPECT_THAT(
      Mul().Infer({Shape{2}}),
      StatusIs(absl::StatusCode::kInvalidArgument, "has 1 input; expected 2"));
  EXPECT_THAT(Mul().Infer({Shape{2}, Shape{3}}), differ);
  for (Backend backend : kBackends) {
    EXPECT_THAT(Mul().MakeKernel(backend, {Shape{2}, Shape{3}}, 1), differ);
  }
}

}  // namespace
}  // namespace lenslet::layers
