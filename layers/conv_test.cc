#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

// The first convolution of LeNet.
ConvSpec First() {
  return {.output_channels = 6,
          .window = {.kernel = {5, 5}, .padding = {2, 2}}};
}

TEST(Conv2dTest, InfersOutputParametersAndCost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Conv2d(First()).Infer({Shape{28, 28, 1}}));
  EXPECT_EQ(info.output, Shape({28, 28, 6}));
  ASSERT_EQ(info.parameters.size(), 2);
  const ParameterInfo& weight = info.parameters[0];
  EXPECT_EQ(weight.name, "weight");
  EXPECT_EQ(weight.role, ParameterRole::kWeight);
  EXPECT_EQ(weight.shape, Shape({6, 5, 5, 1}));
  EXPECT_EQ(weight.fan_in, 25);
  EXPECT_EQ(weight.fan_out, 6 * 25);
  const ParameterInfo& bias = info.parameters[1];
  EXPECT_EQ(bias.name, "bias");
  EXPECT_EQ(bias.role, ParameterRole::kBias);
  EXPECT_EQ(bias.shape, Shape({6}));
  EXPECT_EQ(bias.fan_in, 25);
  EXPECT_EQ(bias.fan_out, 6 * 25);
  EXPECT_EQ(info.cost.multiply_adds, 117600);
  EXPECT_EQ(info.cost.bytes(), (784 + 156 + 4704) * 4);
}

// Each option goes to its place: rows 7 + 1 + 0 padding, a kernel of 2 dilated
// to 3, stride 2: (8 - 3) / 2 + 1 = 3. Columns 8 + 0 + 2, a kernel of 3 dilated
// to 7, stride 3: (10 - 7) / 3 + 1 = 2.
TEST(Conv2dTest, TakesAllOptions) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Conv2d({.input_channels = 4,
                                       .output_channels = 5,
                                       .window = {.kernel = {2, 3},
                                                  .stride = {2, 3},
                                                  .dilation = {2, 3},
                                                  .padding = {{1, 0}, {0, 2}}},
                                       .has_bias = false})
                                   .Infer({Shape{7, 8, 4}}));
  EXPECT_EQ(info.output, Shape({3, 2, 5}));
  ASSERT_EQ(info.parameters.size(), 1);
  EXPECT_EQ(info.parameters[0].shape, Shape({5, 2, 3, 4}));
  EXPECT_EQ(info.parameters[0].fan_in, 2 * 3 * 4);
  EXPECT_EQ(info.parameters[0].fan_out, 2 * 3 * 5);
  EXPECT_EQ(info.cost.parameter_bytes, 5 * 2 * 3 * 4 * 4);
}

// Each output channel reads 4 / 2 channels, each input channel goes into 6 / 2.
TEST(Conv2dTest, GroupsShareTheChannels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      LayerInfo info,
      Conv2d({.output_channels = 6, .window = {.kernel = {3, 3}}, .groups = 2})
          .Infer({Shape{5, 5, 4}}));
  EXPECT_EQ(info.output, Shape({3, 3, 6}));
  EXPECT_EQ(info.parameters[0].shape, Shape({6, 3, 3, 2}));
  EXPECT_EQ(info.parameters[0].fan_in, 9 * 2);
  EXPECT_EQ(info.parameters[0].fan_out, 9 * 3);
  EXPECT_EQ(info.cost.multiply_adds, 9 * 6 * 9 * 2);
}

// Five pairs for 2 output channels and 3 input channels.
TEST(Conv2dTest, ConnectionsHaveAKernelForEachPair) {
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                               Conv2d({.output_channels = 2,
                                       .window = {.kernel = {3, 3}},
                                       .connections = {{0, 1, 2}, {0, 2}}})
                                   .Infer({Shape{5, 5, 3}}));
  EXPECT_EQ(info.parameters[0].shape, Shape({5, 3, 3}));
  EXPECT_EQ(info.parameters[0].fan_in, 45 / 2);
  EXPECT_EQ(info.parameters[0].fan_out, 45 / 3);
  EXPECT_EQ(info.parameters[1].shape, Shape({2}));
  EXPECT_EQ(info.cost.multiply_adds, 9 * 5 * 9);
  LENSLET_ASSERT_OK_AND_ASSIGN(info, Conv2d({.output_channels = 1,
                                             .window = {.kernel = {1, 1}},
                                             .connections = {{0}}})
                                         .Infer({Shape{5, 5, 3}}));
  EXPECT_EQ(info.parameters[0].fan_in, 1);
  EXPECT_EQ(info.parameters[0].fan_out, 1);
}

TEST(Conv2dTest, KernelsOfAllBackends) {
  // Terms of the longest sum: 9 taps of 3 channels forward, of 4 channels
  // backward, and 4 * 3 positions for the filter's gradient.
  CheckOnAllBackends(
      LayerCase(Conv2d({.output_channels = 4,
                        .window = {.kernel = {3, 3}, .padding = {0, 1}}}),
                {6, 3, 3}, /*terms=*/36));
  CheckOnAllBackends(
      LayerCase(Conv2d({.output_channels = 2,
                        .window = {.kernel = {2, 1}, .stride = {1, 2}},
                        .has_bias = false}),
                {4, 3, 2}, /*terms=*/6));
  CheckOnAllBackends(
      LayerCase(Conv2d({.output_channels = 4,
                        .window = {.kernel = {2, 3}, .padding = {1, 2}},
                        .groups = 2,
                        .padding_mode = PaddingMode::kReflect,
                        .flip = true}),
                {4, 3, 2}, /*terms=*/6 * 2 * 9));
  CheckOnAllBackends(LayerCase(Conv2d({.output_channels = 2,
                                       .window = {.kernel = {2, 2}},
                                       .connections = {{0, 1, 2}, {0, 2}}}),
                               {4, 3, 3}, /*terms=*/12));
}

TEST(Conv2dTest, TypeIsItsNameInModelFiles) {
  EXPECT_EQ(Conv2d(First()).type(), "Conv2d");
  EXPECT_FALSE(Conv2d(First()).IsReshape(/*training=*/true));
}

struct RejectedConv {
  std::string name;
  ConvSpec options;
  std::vector<Shape> inputs;
  std::string message;
};

class Conv2dRejectedTest : public ::testing::TestWithParam<RejectedConv> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, Conv2dRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedConv>{
        {"NoInput", First(), {}, "has 0 inputs; expected 1"},
        {"TwoInputs",
         First(),
         {{28, 28, 1}, {28, 28, 1}},
         "has 2 inputs; expected 1"},
        {"NoKernel",
         {.output_channels = 6},
         {{28, 28, 1}},
         "kernel [] has 0 numbers; expected 2"},
        {"KernelOfOneDimension",
         {.output_channels = 6, .window = {.kernel = {5}}},
         {{28, 1}},
         "kernel [5] has 1 number; expected 2"},
        {"KernelOfThreeDimensions",
         {.output_channels = 6, .window = {.kernel = {5, 5, 5}}},
         {{28, 28, 28, 1}},
         "kernel [5, 5, 5] has 3 numbers; expected 2"},
        {"ZeroKernel",
         {.output_channels = 6, .window = {.kernel = {5, 0}}},
         {{28, 28, 1}},
         "kernel [5, 0] has 0; expected a number in [1, 2147483647]"},
        {"FlatInput",
         First(),
         {{784}},
         "input has shape [784]; expected [height, width, channels]"},
        {"ScalarInput",
         First(),
         {Shape()},
         "input has shape []; expected [height, width, channels]"},
        {"OtherChannels",
         {.input_channels = 3,
          .output_channels = 6,
          .window = {.kernel = {5, 5}}},
         {{14, 14, 6}},
         "input has 6 channels; expected 3"},
        {"NoInputChannels",
         First(),
         {{28, 28, 0}},
         "input_channels is 0; expected a number in [1, 2147483647]"},
        {"OutputChannelsLeftOut",
         {.window = {.kernel = {5, 5}}},
         {{28, 28, 1}},
         "output_channels is 0; expected a number in [1, 2147483647]"},
        {"ShortStride",
         {.output_channels = 6, .window = {.kernel = {5, 5}, .stride = {2}}},
         {{28, 28, 1}},
         "stride [2] has 1 number; expected 2, as many as the kernel"},
        {"ZeroDilation",
         {.output_channels = 6,
          .window = {.kernel = {5, 5}, .dilation = {0, 1}}},
         {{28, 28, 1}},
         "dilation [0, 1] has 0; expected a number in [1, 2147483647]"},
        {"NegativePadding",
         {.output_channels = 6,
          .window = {.kernel = {5, 5}, .padding = {0, -1}}},
         {{28, 28, 1}},
         "padding before [0, -1] has -1; expected a number in [0, 2147483647]"},
        {"GroupsThatDoNotDivide",
         {.output_channels = 6, .window = {.kernel = {5, 5}}, .groups = 3},
         {{28, 28, 16}},
         "groups is 3; expected a divisor of the 16 input channels"},
        {"ReflectionAsLargeAsTheInput",
         {.output_channels = 6,
          .window = {.kernel = {5, 5}, .padding = {0, 28}},
          .padding_mode = PaddingMode::kReflect},
         {{28, 28, 1}},
         "padding before [0, 28] reflects 28 positions of axis 1; expected at "
         "most 27, as the input is [28, 28]"},
        {"ConnectionToNothing",
         {.output_channels = 1,
          .window = {.kernel = {5, 5}},
          .connections = {{0, 1}}},
         {{28, 28, 1}},
         "the connections of output channel 0 list input channel 1; expected a "
         "number in [0, 0]"},
        {"KernelAboveImage",
         {.output_channels = 6, .window = {.kernel = {5, 5}}},
         {{4, 28, 1}},
         "kernel [5, 5] with dilation [1, 1] covers 5 positions of axis 0, "
         "more than the padded input's 4 (input [4, 28], padding [0, 0] before "
         "and [0, 0] after)"},
        {"TooManyMultiplyAdds",
         {.output_channels = 2147483647, .window = {.kernel = {1, 1}}},
         {{1, 5, 1073741824}},
         "filters of shape [2147483647, 1, 1, 1073741824] at 5 positions need "
         "more multiply-adds than 64 bits can count"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(Conv2dRejectedTest, SaysWhy) {
  const Layer layer = Conv2d(GetParam().options);
  const auto error =
      StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message);
  EXPECT_THAT(layer.Infer(GetParam().inputs), error);
}

TEST(Conv2dTest, KernelsHaveTheSameErrors) {
  for (Backend backend : kBackends) {
    EXPECT_THAT(Conv2d(First()).MakeKernel(backend, {Shape{784}}, 1),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "input has shape [784]; expected [height, "
                         "width, channels]"));
    EXPECT_THAT(Conv2d(First()).MakeKernel(backend, {}, 1),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "has 0 inputs; expected 1"));
  }
}

}  // namespace
}  // namespace lenslet::layers
