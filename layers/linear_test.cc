#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

TEST(LinearTest, InfersOutputParametersAndCost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      LayerInfo info, Linear({.output_features = 120}).Infer({Shape{400}}));
  EXPECT_EQ(info.output, Shape({120}));
  ASSERT_EQ(info.parameters.size(), 2);
  const ParameterInfo& weight = info.parameters[0];
  EXPECT_EQ(weight.name, "weight");
  EXPECT_EQ(weight.role, ParameterRole::kWeight);
  EXPECT_EQ(weight.shape, Shape({120, 400}));
  EXPECT_EQ(weight.fan_in, 400);
  EXPECT_EQ(weight.fan_out, 120);
  const ParameterInfo& bias = info.parameters[1];
  EXPECT_EQ(bias.name, "bias");
  EXPECT_EQ(bias.role, ParameterRole::kBias);
  EXPECT_EQ(bias.shape, Shape({120}));
  EXPECT_EQ(bias.fan_in, 400);
  EXPECT_EQ(bias.fan_out, 120);
  EXPECT_EQ(info.cost.multiply_adds, 48000);
  EXPECT_EQ(info.cost.bytes(), (400 + 400 * 120 + 120 + 120) * 4);
}

TEST(LinearTest, WorksOnTheLastDimensionAndWithoutABias) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      LayerInfo info,
      Linear({.input_features = 3, .output_features = 5, .has_bias = false})
          .Infer({Shape{2, 4, 3}}));
  EXPECT_EQ(info.output, Shape({2, 4, 5}));
  ASSERT_EQ(info.parameters.size(), 1);
  EXPECT_EQ(info.parameters[0].shape, Shape({5, 3}));
  EXPECT_EQ(info.cost.multiply_adds, 2 * 4 * 5 * 3);
}

TEST(LinearTest, KernelsOfAllBackends) {
  CheckOnAllBackends(
      LayerCase(Linear({.output_features = 5}), {17}, /*terms=*/17));
  CheckOnAllBackends(LayerCase(
      Linear({.output_features = 4, .has_bias = false}), {2, 3}, /*terms=*/4));
}

TEST(LinearTest, TypeIsItsNameInModelFiles) {
  const Layer layer = Linear({.output_features = 1});
  EXPECT_EQ(layer.type(), "Linear");
  EXPECT_FALSE(layer.IsReshape(/*training=*/true));
}

struct RejectedLinear {
  std::string name;
  LinearSpec options;
  std::vector<Shape> inputs;
  std::string message;
};

class LinearRejectedTest : public ::testing::TestWithParam<RejectedLinear> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, LinearRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedLinear>{
        {"NoInput", {.output_features = 2}, {}, "has 0 inputs; expected 1"},
        {"TwoInputs",
         {.output_features = 2},
         {{3}, {3}},
         "has 2 inputs; expected 1"},
        {"ScalarInput",
         {.output_features = 2},
         {Shape()},
         "input is one number; expected [..., features]"},
        {"OtherFeatures",
         {.input_features = 4, .output_features = 2},
         {{4, 3}},
         "input has 3 features; expected 4"},
        {"OutputFeaturesLeftOut",
         {},
         {{3}},
         "output_features is 0; expected a number in [1, 2147483647]"},
        {"NegativeInputFeatures",
         {.input_features = -1, .output_features = 2},
         {{3}},
         "input_features is -1; expected a number in [1, 2147483647]"},
        {"TooManyOutputFeatures",
         {.output_features = 2147483648},
         {{3}},
         "output_features is 2147483648; expected a number in [1, 2147483647]"},
        {"TooManyInputFeatures",
         {.output_features = 2},
         {{2147483648}},
         "input_features is 2147483648; expected a number in [1, 2147483647]"},
        {"NoRows",
         {.output_features = 2},
         {{0, 3}},
         "an image of shape [0, 3] has no features"},
        {"TooManyOutputs",
         {.output_features = 2147483647},
         {{4294967300, 1}},
         "shape [4294967300, 2147483647] has more elements than 64 bits can "
         "count"},
        {"TooManyMultiplyAdds",
         {.output_features = 2147483647},
         {{5, 1073741824}},
         "a weight of shape [2147483647, 1073741824] on 5 rows needs more "
         "multiply-adds than 64 bits can count"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(LinearRejectedTest, SaysWhy) {
  EXPECT_THAT(Linear(GetParam().options).Infer(GetParam().inputs),
              StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message));
}

TEST(LinearTest, KernelsHaveTheSameErrors) {
  const Layer layer = Linear({.input_features = 4, .output_features = 2});
  for (Backend backend : kBackends) {
    EXPECT_THAT(layer.MakeKernel(backend, {Shape{3}}, 1),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "input has 3 features; expected 4"));
    EXPECT_THAT(layer.MakeKernel(backend, {Shape{4}, Shape{4}}, 1),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "has 2 inputs; expected 1"));
  }
}

}  // namespace
}  // namespace lenslet::layers
