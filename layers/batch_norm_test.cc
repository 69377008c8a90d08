#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"

namespace lenslet::layers {
namespace {

TEST(BatchNormTest, InfersOutputParametersAndCost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const LayerInfo info,
                               BatchNorm().Infer({Shape{4, 5, 6}}));
  EXPECT_EQ(info.output, Shape({4, 5, 6}));
  EXPECT_EQ(info.cost.multiply_adds, 4 * 5 * 6);
  EXPECT_EQ(info.reach, Reach::kPosition);
  const std::vector<ParameterInfo>& p = info.parameters;
  ASSERT_EQ(p.size(), 4);
  EXPECT_EQ(p[0].name, "scale");
  EXPECT_EQ(p[0].role, ParameterRole::kScale);
  EXPECT_TRUE(p[0].trainable);
  EXPECT_EQ(p[1].name, "bias");
  EXPECT_EQ(p[1].role, ParameterRole::kBias);
  EXPECT_TRUE(p[1].trainable);
  EXPECT_EQ(p[2].name, "running_mean");
  EXPECT_EQ(p[2].role, ParameterRole::kRunningMean);
  EXPECT_FALSE(p[2].trainable);
  EXPECT_EQ(p[3].name, "running_variance");
  EXPECT_EQ(p[3].role, ParameterRole::kRunningVariance);
  EXPECT_FALSE(p[3].trainable);
  for (const ParameterInfo& parameter : p) {
    EXPECT_EQ(parameter.shape, Shape({6}));
  }
}

TEST(BatchNormTest, TypeIsItsNameInModelFiles) {
  const Layer layer = BatchNorm({.epsilon = 0.5});
  EXPECT_EQ(layer.type(), "BatchNorm");
  EXPECT_FALSE(layer.IsReshape(/*training=*/false));
  EXPECT_EQ(std::get<BatchNormSpec>(layer.spec()).epsilon, 0.5);
}

TEST(BatchNormTest, RejectsWrongOptionsAndInputs) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const auto expect = [&](const BatchNormSpec& options,
                          const std::vector<Shape>& inputs,
                          const std::string& message) {
    const Layer layer = BatchNorm(options);
    EXPECT_THAT(layer.Infer(inputs), StatusIs(code, message));
    for (const Backend backend : kBackends) {
      EXPECT_THAT(layer.MakeKernel(backend, inputs, 1),
                  StatusIs(code, message));
    }
  };
  expect({}, {}, "has 0 inputs; expected 1");
  expect({}, {{3}, {3}}, "has 2 inputs; expected 1");
  expect({}, {Shape()}, "input is one number; expected [..., channels]");
  expect({}, {{0, 3}}, "an image of shape [0, 3] has no channels");
  expect({.epsilon = 0}, {{3}}, "epsilon is 0; expected a positive number");
  expect({.momentum = 2}, {{3}}, "momentum is 2; expected a number in [0, 1]");
}

}  // namespace
}  // namespace lenslet::layers
