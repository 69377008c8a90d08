#include "layers/pool.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/testing/layer_case.h"
#include "ops/run_once.h"
#include "tensor/tensor.h"

namespace lenslet::layers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Pool2dTest, InfersOutputAndCost) {
  const MaxPool2d max({.kernel = {2, 2}});
  const AvgPool2d average({.kernel = {2, 2}});
  for (const Pool* layer : std::vector<const Pool*>{&max, &average}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                                 layer->Infer({Shape{28, 28, 6}}));
    EXPECT_EQ(info.output, Shape({14, 14, 6}));
    EXPECT_THAT(info.parameters, IsEmpty());
    // One addition or comparison for each tap.
    EXPECT_EQ(info.cost.other_operations, 14 * 14 * 6 * 4);
    EXPECT_EQ(info.cost.bytes(), (28 * 28 * 6 + 14 * 14 * 6) * 4);
    EXPECT_FALSE(layer->IsReshape(/*training=*/true));
  }
  EXPECT_EQ(max.type(), "MaxPool2d");
  EXPECT_EQ(average.type(), "AvgPool2d");
}

// Rows: 7 + 1 + 0 padding, a kernel of 2 dilated to 3, stride 2. Columns: 8 + 0
// + 2, a kernel of 3 dilated to 7, stride 3.
TEST(Pool2dTest, TakesAllOptions) {
  const MaxPool2d layer({.kernel = {2, 3},
                         .stride = {2, 3},
                         .dilation = {2, 3},
                         .padding = {{1, 0}, {0, 2}}});
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, layer.Infer({Shape{7, 8, 4}}));
  EXPECT_EQ(info.output, Shape({3, 2, 4}));
}

// One window of four taps over the image [3] and padding around it.
TEST(Pool2dTest, CountsPaddingAsItIsTold) {
  const Tensor x = Tensor::Of({1, 1, 1, 1}, {3});
  for (const bool count_padding : {true, false}) {
    const AvgPool2d layer({.kernel = {2, 2},
                           .padding = {{1, 1}, {0, 0}},
                           .count_padding = count_padding});
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto kernel,
        layer.MakeKernel(Backend::kReference, {Shape{1, 1, 1}}, 1));
    Tensor y({1, 1, 1, 1});
    LENSLET_ASSERT_OK(RunOnce(std::move(kernel), {&x}, {}, y));
    EXPECT_THAT(y.span(), ElementsAre(count_padding ? 0.75f : 3.0f));
  }
}

// Each maximum stands out of its 2x2 window by more than finite differences
// move it: the taps are multiples of scale / 8, all different.
void FillWithDistinctNumbers(Random& random, double scale,
                             absl::Span<float> input) {
  for (size_t i = 0; i < input.size(); ++i) {
    input[i] = static_cast<float>(scale / 8 * static_cast<double>(i));
  }
  for (size_t i = input.size() - 1; i > 0; --i) {
    std::swap(input[i], input[random.Below(static_cast<int64_t>(i) + 1)]);
  }
}

TEST(Pool2dTest, KernelsOfAllBackends) {
  const PoolOptions options = {.kernel = {2, 2}};
  KernelCase max =
      LayerCase(std::make_shared<MaxPool2d>(options), {4, 4, 1}, /*terms=*/4);
  max.fill_input = FillWithDistinctNumbers;
  CheckOnAllBackends(max);
  CheckOnAllBackends(
      LayerCase(std::make_shared<AvgPool2d>(options), {6, 5, 3}, /*terms=*/4));
}

struct Rejected {
  std::string name;
  PoolOptions options;
  std::vector<Shape> inputs;
  // "LAYER" stands for the layer's type.
  std::string message;
};

class Pool2dRejectedTest : public ::testing::TestWithParam<Rejected> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, Pool2dRejectedTest,
    ::testing::ValuesIn(std::vector<Rejected>{
        {"NoInput", {.kernel = {2, 2}}, {}, "has 0 inputs, expected 1"},
        {"TwoInputs",
         {.kernel = {2, 2}},
         {{4, 4, 1}, {4, 4, 1}},
         "has 2 inputs, expected 1"},
        {"NoKernel", {}, {{4, 4, 1}}, "kernel [] has 0 numbers, LAYER needs 2"},
        {"KernelOfOneDimension",
         {.kernel = {2}},
         {{4, 1}},
         "kernel [2] has 1 numbers, LAYER needs 2"},
        {"FlatInput",
         {.kernel = {2, 2}},
         {{16}},
         "input has shape [16], LAYER expects [height, width, channels]"},
        {"ZeroKernel",
         {.kernel = {0, 2}},
         {{4, 4, 1}},
         "kernel [0, 2] has 0, which is not in [1, 2147483647]"},
        {"LongStride",
         {.kernel = {2, 2}, .stride = {1, 1, 1}},
         {{4, 4, 1}},
         "stride [1, 1, 1] has 3 numbers, the kernel has 2"},
        {"ZeroDilation",
         {.kernel = {2, 2}, .dilation = {1, 0}},
         {{4, 4, 1}},
         "dilation [1, 0] has 0, which is not in [1, 2147483647]"},
        {"NegativePadding",
         {.kernel = {2, 2}, .padding = {-1, 0}},
         {{4, 4, 1}},
         "padding before [-1, 0] has -1, which is not in [0, 2147483647]"},
        {"PaddingAsLargeAsTheWindow",
         {.kernel = {2, 2}, .padding = {{0, 0}, {0, 2}}},
         {{4, 4, 1}},
         "padding [0, 2] is not smaller than the window, which covers 2 "
         "positions of axis 1"},
        {"NoChannels",
         {.kernel = {2, 2}},
         {{4, 4, 0}},
         "an image of shape [4, 4, 0] has no channels"},
        {"WindowAboveImage",
         {.kernel = {5, 2}},
         {{4, 4, 1}},
         "kernel [5, 2] with dilation [1, 1] covers 5 positions of axis 0, "
         "more than the padded input's 4 (input [4, 4], padding [0, 0] before "
         "and [0, 0] after)"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(Pool2dRejectedTest, SaysWhy) {
  const MaxPool2d max(GetParam().options);
  const AvgPool2d average(GetParam().options);
  for (const Pool* layer : std::vector<const Pool*>{&max, &average}) {
    const auto error = StatusIs(
        absl::StatusCode::kInvalidArgument,
        absl::StrReplaceAll(GetParam().message, {{"LAYER", layer->type()}}));
    EXPECT_THAT(layer->Infer(GetParam().inputs), error);
    for (Backend backend : kBackends) {
      EXPECT_THAT(layer->MakeKernel(backend, GetParam().inputs, 1), error);
    }
  }
}

}  // namespace
}  // namespace lenslet::layers
