// Groups, padding modes, flipped filters and tables of connections: all
// backends agree, and so do their gradients.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/ops/conv/conv_case.h"
#include "lenslet/ops/testing/kernel_checks.h"

namespace lenslet {
namespace {

constexpr PaddingMode kReflect = PaddingMode::kReflect;
constexpr PaddingMode kReplicate = PaddingMode::kReplicate;

// Each case is one where a kernel can go wrong in a way of its own.
std::vector<KernelCase> VariantCases() {
  return {
      ConvCase("TwoGroups",
               {.input_channels = 4,
                .output_channels = 6,
                .window = {.kernel = {3, 2}, .padding = {1, 0}},
                .groups = 2},
               {5, 6, 4}, 2),
      ConvCase("GroupsOffTheVector",
               {.input_channels = 9,
                .output_channels = 51,
                .window = {.kernel = {2, 2}, .stride = {1, 2}},
                .has_bias = false,
                .groups = 3},
               {4, 7, 9}, 2),
      ConvCase("Depthwise",
               {.input_channels = 5,
                .output_channels = 5,
                .window = {.kernel = {3, 3}, .padding = {1, 1}},
                .groups = 5},
               {5, 6, 5}, 2),
      ConvCase("WideDepthwise",
               {.input_channels = 33,
                .output_channels = 33,
                .window = {.kernel = {3, 3},
                           .stride = {2, 2},
                           .padding = {{0, 1}, {1, 1}}},
                .groups = 33},
               {6, 37, 33}, 1),
      ConvCase("DilatedDepthwise",
               {.input_channels = 4,
                .output_channels = 4,
                .window = {.kernel = {2, 3},
                           .stride = {2, 1},
                           .dilation = {2, 2},
                           .padding = {1, 3}},
                .has_bias = false,
                .groups = 4},
               {7, 8, 4}, 2),
      ConvCase("DepthwiseWithTwoFiltersEach",
               {.input_channels = 3,
                .output_channels = 6,
                .window = {.kernel = {3, 3}},
                .groups = 3},
               {5, 4, 3}, 2),
      ConvCase("OnePixelDepthwise",
               {.input_channels = 17,
                .output_channels = 17,
                .window = {.kernel = {1, 1}},
                .groups = 17},
               {1, 1, 17}, 3),
      // Channels of two, of four and of sixteen positions, that fill vectors
      // together; with a rest of each row.
      ConvCase("DepthwiseOfHalfVectors",
               {.input_channels = 24,
                .output_channels = 24,
                .window = {.kernel = {3, 3}, .padding = {1, 1}},
                .groups = 24},
               {3, 9, 24}, 2),
      ConvCase("DepthwiseOfQuarterVectors",
               {.input_channels = 4,
                .output_channels = 4,
                .window = {.kernel = {5, 5}, .padding = {{2, 1}, {0, 3}}},
                .groups = 4},
               {7, 22, 4}, 2),
      ConvCase("DepthwiseOfOddVectors",
               {.input_channels = 7,
                .output_channels = 7,
                .window = {.kernel = {1, 3}, .padding = {{0, 0}, {2, 0}}},
                .has_bias = false,
                .groups = 7},
               {2, 37, 7}, 1),
      // More vectors than a tile has, and channels left of the last.
      ConvCase("DepthwiseOfManyVectors",
               {.input_channels = 205,
                .output_channels = 205,
                .window = {.kernel = {3, 3}, .stride = {1, 2}},
                .groups = 205},
               {4, 10, 205}, 1),
      // Several tiles of a row, of positions a multiple of 4096 bytes apart in
      // lanes.
      ConvCase("DepthwiseOfLongRows",
               {.input_channels = 64,
                .output_channels = 64,
                .window = {.kernel = {3, 3}, .padding = {1, 1}},
                .groups = 64},
               {2, 31, 64}, 1),
      ConvCase("StridedDepthwiseOfFiveTaps",
               {.input_channels = 18,
                .output_channels = 18,
                .window = {.kernel = {5, 5},
                           .stride = {2, 2},
                           .padding = {{4, 1}, {3, 4}}},
                .groups = 18},
               {3, 26, 18}, 2),
      ConvCase("DepthwiseOfOneColumn",
               {.input_channels = 9,
                .output_channels = 9,
                .window = {.kernel = {1, 5}, .padding = {{0, 0}, {4, 4}}},
                .groups = 9},
               {2, 1, 9}, 2),
      ConvCase("DepthwiseThatSkipsTheLastColumn",
               {.input_channels = 12,
                .output_channels = 12,
                .window = {.kernel = {3, 3}, .stride = {2, 2}},
                .has_bias = false,
                .groups = 12},
               {4, 16, 12}, 1),
      // Outputs in the corners, and whole rows of them, meet padding alone.
      ConvCase("DepthwiseOfPadding",
               {.input_channels = 3,
                .output_channels = 3,
                .window = {.kernel = {2, 2},
                           .dilation = {3, 5},
                           .padding = {{4, 6}, {7, 3}}},
                .groups = 3},
               {2, 3, 3}, 2),
      ConvCase("DepthwiseLine",
               {.input_channels = 10,
                .output_channels = 10,
                .window = {.kernel = {4}, .padding = Padding(Axes{1}, Axes{2})},
                .groups = 10},
               {19, 10}, 2),
      ConvCase("DilatedGroups",
               {.input_channels = 6,
                .output_channels = 34,
                .window = {.kernel = {2, 3},
                           .stride = {2, 1},
                           .dilation = {1, 2},
                           .padding = {1, 2}},
                .groups = 2},
               {6, 15, 6}, 2),
      // Few enough channels for vectors of pixels, but for their groups.
      ConvCase("WideRowsOfGroups",
               {.input_channels = 4,
                .output_channels = 6,
                .window = {.kernel = {3, 3}, .padding = {1, 1}},
                .groups = 2},
               {4, 40, 4}, 1),
      ConvCase("WholeImageGroups",
               {.input_channels = 4,
                .output_channels = 4,
                .window = {.kernel = {3, 4}},
                .groups = 2},
               {3, 4, 4}, 2),
      ConvCase("Reflect",
               {.input_channels = 2,
                .output_channels = 3,
                .window = {.kernel = {3, 3}, .padding = {{1, 3}, {2, 0}}},
                .padding_mode = kReflect},
               {4, 5, 2}, 2),
      ConvCase("Replicate",
               {.input_channels = 2,
                .output_channels = 3,
                .window = {.kernel = {3, 2},
                           .stride = {2, 3},
                           .padding = {{1, 3}, {2, 0}}},
                .padding_mode = kReplicate},
               {4, 5, 2}, 2),
      ConvCase("ReplicateOfOnePixel",
               {.input_channels = 1,
                .output_channels = 2,
                .window = {.kernel = {3, 3}, .padding = {1, 1}},
                .padding_mode = kReplicate},
               {1, 1, 1}, 2),
      ConvCase("ReflectLine",
               {.input_channels = 2,
                .output_channels = 2,
                .window = {.kernel = {4}, .padding = Padding(Axes{4}, Axes{1})},
                .padding_mode = kReflect},
               {5, 2}, 2),
      ConvCase("ReflectOfNoPadding",
               {.input_channels = 2,
                .output_channels = 2,
                .window = {.kernel = {2, 2}},
                .padding_mode = kReflect},
               {3, 3, 2}, 1),
      ConvCase("Flip",
               {.input_channels = 3,
                .output_channels = 4,
                .window = {.kernel = {2, 3}, .padding = {1, 2}},
                .flip = true},
               {4, 5, 3}, 2),
      ConvCase("FlipStridedAndDilated",
               {.input_channels = 2,
                .output_channels = 3,
                .window = {.kernel = {3, 2},
                           .stride = {2, 1},
                           .dilation = {1, 2},
                           .padding = {{1, 0}, {0, 1}}},
                .has_bias = false,
                .flip = true},
               {7, 6, 2}, 2),
      ConvCase("FlipOfOneTap",
               {.input_channels = 2,
                .output_channels = 3,
                .window = {.kernel = {1, 1}},
                .flip = true},
               {3, 4, 2}, 1),
      ConvCase("GroupsFlippedAndReflected",
               {.input_channels = 4,
                .output_channels = 2,
                .window = {.kernel = {3, 3}, .padding = {1, 2}},
                .groups = 2,
                .padding_mode = kReflect,
                .flip = true},
               {4, 4, 4}, 2),
      ConvCase("DepthwiseFlippedAndReplicated",
               {.input_channels = 3,
                .output_channels = 3,
                .window = {.kernel = {2, 3}, .padding = {1, 2}},
                .groups = 3,
                .padding_mode = kReplicate,
                .flip = true},
               {3, 4, 3}, 2),
      ConvCase("LeNetTable",
               {.input_channels = 6,
                .output_channels = 16,
                .window = {.kernel = {3, 3}},
                .connections = LeNet5Connections()},
               {5, 6, 6}, 2),
      ConvCase("TableWithoutAnInput",
               {.input_channels = 3,
                .output_channels = 2,
                .window = {.kernel = {2, 2}, .padding = {1, 1}},
                .has_bias = false,
                .padding_mode = kReplicate,
                .flip = true,
                .connections = {{2}, {0, 2}}},
               {3, 4, 3}, 2),
  };
}

std::vector<KernelCase> ClipCases() {
  return {
      ConvCase("GroupsOfAClip",
               {.input_channels = 4,
                .output_channels = 2,
                .window = {.kernel = {2, 2, 3}, .padding = {1, 0, 1}},
                .groups = 2},
               {2, 3, 4, 4}, 2),
      ConvCase("DepthwiseClip",
               {.input_channels = 3,
                .output_channels = 3,
                .window = {.kernel = {2, 2, 2},
                           .stride = {1, 2, 1},
                           .padding = {1, 1, 0}},
                .groups = 3},
               {3, 3, 4, 3}, 2),
      ConvCase("ReflectedClip",
               {.input_channels = 2,
                .output_channels = 2,
                .window = {.kernel = {2, 2, 2}, .padding = {1, 1, 2}},
                .padding_mode = kReflect,
                .flip = true},
               {2, 2, 3, 2}, 1),
  };
}

class ConvVariantsCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ConvVariantsCaseTest,
                         ::testing::ValuesIn(VariantCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ConvVariantsCaseTest, BackendsAgreeWithReference) {
  for (const Backend backend :
       {Backend::kXnnpack, Backend::kLanes, Backend::kDirect}) {
    CheckAgainstReference(GetParam(), backend);
  }
}

TEST_P(ConvVariantsCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

class ConvClipTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ConvClipTest, ::testing::ValuesIn(ClipCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ConvClipTest, IsForAllButXnnpack) {
  CheckGradients(GetParam(), Backend::kReference);
  CheckGradients(GetParam(), Backend::kLanes);
  CheckAgainstReference(GetParam(), Backend::kLanes);
  CheckAgainstReference(GetParam(), Backend::kDirect);
  CheckAgainstReference(GetParam(), Backend::kXnnpack, /*expect_kernel=*/false);
}

}  // namespace
}  // namespace lenslet
