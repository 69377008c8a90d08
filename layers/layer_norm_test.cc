#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

TEST(LayerNormTest, InfersItsParameters) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               LayerNorm().Infer({Shape{4, 5, 3}}));
  EXPECT_EQ(info.output, Shape({4, 5, 3}));
  EXPECT_EQ(info.reach, Reach::kPosition);
  EXPECT_EQ(info.cost.multiply_adds, 2 * 60);
  ASSERT_EQ(info.parameters.size(), 2);
  EXPECT_EQ(info.parameters[0].name, "scale");
  EXPECT_EQ(info.parameters[0].role, ParameterRole::kScale);
  EXPECT_EQ(info.parameters[0].shape, Shape({3}));
  EXPECT_TRUE(info.parameters[0].trainable);
  EXPECT_EQ(info.parameters[1].name, "bias");
  EXPECT_EQ(info.parameters[1].role, ParameterRole::kBias);
  EXPECT_EQ(info.parameters[1].shape, Shape({3}));
  EXPECT_EQ(LayerNorm().type(), "LayerNorm");
  EXPECT_EQ(LayerNorm().Details(), "");
  EXPECT_FALSE(LayerNorm().IsReshape(/*training=*/true));
}

TEST(LayerNormTest, NormalizesSeveralAxes) {
  const Layer layer = LayerNorm({.axis = 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, layer.Infer({Shape{4, 5, 3}}));
  EXPECT_EQ(info.parameters[0].shape, Shape({5, 3}));
  EXPECT_EQ(info.reach, Reach::kAll);
  EXPECT_EQ(layer.Details(), "from axis 1");
  EXPECT_EQ(LayerNorm().Infer({Shape{7}})->reach, Reach::kAll);
}

// Alternating signs keep the variance above 1/9. The bounds are those of
// ops/layer_norm's test.
TEST(LayerNormTest, KernelsOfTheBackends) {
  KernelCase c = LayerCase(LayerNorm({.axis = 0}), {3, 7});
  c.scaled_third_derivative = 40;
  c.function_error = 25 * 0x1p-24;
  c.input_gradient_error = 140 * 0x1p-24;
  c.parameter_gradient_error = 25 * 0x1p-24;
  c.fill_input = [](Random& random, double scale, absl::Span<float> x) {
    for (size_t i = 0; i < x.size(); ++i) {
      const double sign = i % 2 == 0 ? scale : -scale;
      x[i] = static_cast<float>(sign * (0.5 + random.Uniform() / 2));
    }
  };
  CheckAgainstReference(c, Backend::kLanes);
  CheckAgainstReference(c, Backend::kDirect);
  CheckAgainstReference(c, Backend::kXnnpack, /*expect_kernel=*/false);
  CheckGradients(c, Backend::kReference);
  CheckGradients(c, Backend::kLanes);
}

TEST(LayerNormTest, SaysWhatIsWrong) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(LayerNorm().Infer({}),
              StatusIs(code, "has 0 inputs; expected 1"));
  EXPECT_THAT(
      LayerNorm({.axis = 2}).Infer({Shape{4, 3}}),
      StatusIs(code,
               "axis is 2; expected one of the 2 axes of an image of shape "
               "[4, 3]"));
  EXPECT_THAT(
      LayerNorm({.epsilon = 0}).MakeKernel(Backend::kLanes, {Shape{2}}, 1),
      StatusIs(code, "epsilon is 0; expected a finite number above 0"));
}

}  // namespace
}  // namespace lenslet::layers
