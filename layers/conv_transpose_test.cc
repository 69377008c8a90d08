#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

// Twice the height and width.
ConvTransposeSpec Twice() {
  return {.output_channels = 6,
          .window = {.kernel = {4, 4}, .stride = {2, 2}, .padding = {1, 1}}};
}

// Of the filter's 16 taps an output position has 4, one of two along each axis.
TEST(ConvTranspose2dTest, InfersOutputParametersAndCost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      LayerInfo info, ConvTranspose2d(Twice()).Infer({Shape{7, 5, 3}}));
  EXPECT_EQ(info.output, Shape({14, 10, 6}));
  ASSERT_EQ(info.parameters.size(), 2);
  const ParameterInfo& weight = info.parameters[0];
  EXPECT_EQ(weight.name, "weight");
  EXPECT_EQ(weight.role, ParameterRole::kWeight);
  EXPECT_EQ(weight.shape, Shape({6, 4, 4, 3}));
  EXPECT_EQ(weight.fan_in, 4 * 3);
  EXPECT_EQ(weight.fan_out, 16 * 6);
  const ParameterInfo& bias = info.parameters[1];
  EXPECT_EQ(bias.name, "bias");
  EXPECT_EQ(bias.role, ParameterRole::kBias);
  EXPECT_EQ(bias.shape, Shape({6}));
  EXPECT_EQ(bias.fan_in, 4 * 3);
  EXPECT_EQ(bias.fan_out, 16 * 6);
  EXPECT_EQ(info.cost.multiply_adds, 7 * 5 * 16 * 6 * 3);
  EXPECT_EQ(info.cost.bytes(), (7 * 5 * 3 + 16 * 6 * 3 + 6 + 14 * 10 * 6) * 4);
}

// Each option goes to its place: rows (3 - 1) * 2 + 3 - 1 - 0 + 1 = 7 for a
// kernel of 2 dilated to 3; columns (4 - 1) * 3 + 7 - 0 - 2 + 2 = 16 for one of
// 3 dilated to 7. All taps of these windows write the same positions.
TEST(ConvTranspose2dTest, TakesAllOptions) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      LayerInfo info, ConvTranspose2d({.input_channels = 4,
                                       .output_channels = 5,
                                       .window = {.kernel = {2, 3},
                                                  .stride = {2, 3},
                                                  .dilation = {2, 3},
                                                  .padding = {{1, 0}, {0, 2}}},
                                       .output_padding = {1, 2},
                                       .has_bias = false})
                          .Infer({Shape{3, 4, 4}}));
  EXPECT_EQ(info.output, Shape({7, 16, 5}));
  ASSERT_EQ(info.parameters.size(), 1);
  EXPECT_EQ(info.parameters[0].shape, Shape({5, 2, 3, 4}));
  EXPECT_EQ(info.parameters[0].fan_in, 2 * 3 * 4);
  EXPECT_EQ(info.parameters[0].fan_out, 2 * 3 * 5);
}

TEST(ConvTransposeTest, OneAndThreeDimensions) {
  // Stride one half.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      LayerInfo info,
      ConvTranspose1d(
          {.output_channels = 2,
           .window = {.kernel = {3}, .stride = {2}, .padding = {1}}})
          .Infer({Shape{16, 1}}));
  EXPECT_EQ(info.output, Shape({31, 2}));
  // 2 of the 3 taps are an even number of positions apart.
  EXPECT_EQ(info.parameters[0].fan_in, 2);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      info,
      ConvTranspose3d({.output_channels = 2, .window = {.kernel = {1, 2, 3}}})
          .Infer({Shape{2, 3, 4, 1}}));
  EXPECT_EQ(info.output, Shape({2, 4, 6, 2}));
}

TEST(ConvTransposeTest, KernelsOfTheBackendsThatHaveThem) {
  // Terms of the longest sum: 16 taps of 4 channels backward, 6 * 8 positions
  // for the bias's gradient.
  const KernelCase c = LayerCase(
      ConvTranspose2d(
          {.output_channels = 4,
           .window = {.kernel = {4, 4}, .stride = {2, 2}, .padding = {1, 1}}}),
      {3, 4, 3}, /*terms=*/64);
  CheckAgainstReference(c, Backend::kXnnpack);
  CheckAgainstReference(c, Backend::kLanes);
  CheckAgainstReference(c, Backend::kDirect, /*expect_kernel=*/false);
  for (Backend backend : kTrainingBackends) CheckGradients(c, backend);
}

TEST(ConvTransposeTest, TypesAreTheirNamesInModelFiles) {
  EXPECT_EQ(ConvTranspose1d(Twice()).type(), "ConvTranspose1d");
  EXPECT_EQ(ConvTranspose2d(Twice()).type(), "ConvTranspose2d");
  EXPECT_EQ(ConvTranspose3d(Twice()).type(), "ConvTranspose3d");
  EXPECT_FALSE(ConvTranspose2d(Twice()).IsReshape(/*training=*/true));
}

struct RejectedConvTranspose {
  std::string name;
  ConvTransposeSpec options;
  std::vector<Shape> inputs;
  std::string message;
};

class ConvTranspose2dRejectedTest
    : public ::testing::TestWithParam<RejectedConvTranspose> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, ConvTranspose2dRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedConvTranspose>{
        {"NoInput", Twice(), {}, "has 0 inputs; expected 1"},
        {"TwoInputs",
         Twice(),
         {{7, 7, 1}, {7, 7, 1}},
         "has 2 inputs; expected 1"},
        {"KernelOfOneDimension",
         {.output_channels = 6, .window = {.kernel = {5}}},
         {{28, 1}},
         "kernel [5] has 1 number; expected 2"},
        {"FlatInput",
         Twice(),
         {{784}},
         "input has shape [784]; expected [height, width, "
         "channels]"},
        {"OtherChannels",
         {.input_channels = 3,
          .output_channels = 6,
          .window = {.kernel = {5, 5}}},
         {{14, 14, 6}},
         "input has 6 channels; expected 3"},
        {"OutputChannelsLeftOut",
         {.window = {.kernel = {5, 5}}},
         {{28, 28, 1}},
         "output_channels is 0; expected a number in [1, 2147483647]"},
        {"ShortStride",
         {.output_channels = 6, .window = {.kernel = {5, 5}, .stride = {2}}},
         {{28, 28, 1}},
         "stride [2] has 1 number; expected 2, as many as the kernel"},
        {"OutputPaddingWithoutStride",
         {.output_channels = 6,
          .window = {.kernel = {5, 5}},
          .output_padding = {0, 1}},
         {{28, 28, 1}},
         "output padding [0, 1] has 1; expected a number in [0, 0]: less than "
         "the "
         "larger one of stride 1 and dilation 1"},
        {"PaddingLeavesNothing",
         {.output_channels = 6,
          .window = {.kernel = {1, 1}, .padding = {0, 2}}},
         {{3, 4, 1}},
         "the output's size along axis 1 is 0; expected a number in [1, "
         "2147483647] "
         "(input [3, 4], kernel [1, 1] with dilation [1, 1], stride [1, 1], "
         "padding [0, 2] before and [0, 2] after, output padding [0, 0])"},
        {"TooManyMultiplyAdds",
         {.output_channels = 2147483647, .window = {.kernel = {1, 1}}},
         {{1, 5, 1073741824}},
         "filters of shape [2147483647, 1, 1, 1073741824] at 5 positions need "
         "more multiply-adds than 64 bits can count"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(ConvTranspose2dRejectedTest, SaysWhy) {
  const Layer layer = ConvTranspose2d(GetParam().options);
  const auto error =
      StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message);
  EXPECT_THAT(layer.Infer(GetParam().inputs), error);
  for (Backend backend : kBackends) {
    EXPECT_THAT(layer.MakeKernel(backend, GetParam().inputs, 1), error);
  }
}

}  // namespace
}  // namespace lenslet::layers
