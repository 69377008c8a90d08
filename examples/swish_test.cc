#include "lenslet/examples/swish.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace {

using lenslet::KernelCase;
using lenslet::Shape;

// The checker's betas are from [-1, 1] and its inputs from [-4, 4]. The third
// derivative w.r.t. x is beta^2 times that of SiLU, which is below 0.31; that
// w.r.t. beta is x^4 times that of the sigmoid, which is at most 1/8: 32.
// The output's error is a few roundings of numbers up to 4, and the sigmoid's.
TEST(SwishTest, GradientsAreThoseOfItsFunction) {
  for (const Shape& image : {Shape{5}, Shape{2, 3, 4}}) {
    KernelCase c = LayerCase(Swish(), image, /*terms=*/6);
    c.third_derivative = 32;
    c.function_error = 4 * 16 * 0x1p-24;
    CheckOnAllBackends(c);
  }
}

// With beta = log 3, s(1) = 3/4 and s(-1) = 1/4. With beta = 0, s is 1/2.
TEST(SwishTest, ComputesItsFunction) {
  const float x[] = {1, 8, -1, 8};
  const float beta[] = {std::log(3.0f), 0};
  float y[4];
  const lenslet::View<const float> input(x, {2, 2});
  const lenslet::View<const float> parameter(beta, {2});
  SwishOperator().Forward({.inputs = {&input, 1},
                           .parameters = {&parameter, 1},
                           .output = {y, {2, 2}}});
  EXPECT_NEAR(y[0], 0.75, 1e-6);
  EXPECT_EQ(y[1], 4);
  EXPECT_NEAR(y[2], -0.25, 1e-6);
  EXPECT_EQ(y[3], 4);
}

TEST(SwishTest, RejectsAnImageWithoutChannels) {
  EXPECT_THAT(Swish().Infer({Shape()}),
              lenslet::StatusIs(absl::StatusCode::kInvalidArgument,
                                "input has shape []; expected [..., "
                                "channels]"));
}

}  // namespace
