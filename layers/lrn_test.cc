#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(LrnTest, InfersTheSameShape) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, Lrn().Infer({Shape{4, 5, 7}}));
  EXPECT_EQ(info.output, Shape({4, 5, 7}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.reach, Reach::kPosition);
  EXPECT_EQ(info.cost.multiply_adds, 5 * 140);
  EXPECT_EQ(Lrn().Infer({Shape{7}})->reach, Reach::kAll);
  EXPECT_EQ(Lrn().type(), "Lrn");
  EXPECT_EQ(Lrn({.size = 3, .bias = 2}).Details(),
            "size 3, alpha 0.0001, beta 0.75, bias 2");
  EXPECT_FALSE(Lrn().IsReshape(/*training=*/true));
}

// The bounds are those of ops/lrn's test.
TEST(LrnTest, KernelsOfTheBackends) {
  KernelCase c = LayerCase(Lrn({.alpha = 0.5f}), {3, 7}, /*terms=*/5);
  c.third_derivative = 8.1;
  c.rounding_error = 48 * 0x1p-24;
  CheckAgainstReference(c, Backend::kLanes);
  CheckAgainstReference(c, Backend::kDirect);
  CheckAgainstReference(c, Backend::kXnnpack, /*expect_kernel=*/false);
  CheckGradients(c, Backend::kReference);
  CheckGradients(c, Backend::kLanes);
}

TEST(LrnTest, SaysWhatIsWrong) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Lrn().Infer({}), StatusIs(code, "has 0 inputs; expected 1"));
  const auto error =
      StatusIs(code, "size is 0; expected a number in [1, 2147483647]");
  EXPECT_THAT(Lrn({.size = 0}).Infer({Shape{4, 3}}), error);
  for (Backend backend : kBackends) {
    EXPECT_THAT(Lrn({.size = 0}).MakeKernel(backend, {Shape{4, 3}}, 1), error);
  }
}

}  // namespace
}  // namespace lenslet::layers
