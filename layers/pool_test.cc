#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet::layers {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::IsEmpty;

TEST(Pool2dTest, InfersOutputAndCost) {
  const Layer max = MaxPool2d({.window = {.kernel = {2, 2}}});
  const Layer average = AvgPool2d({.window = {.kernel = {2, 2}}});
  for (const Layer& layer : {max, average}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info,
                                 layer.Infer({Shape{28, 28, 6}}));
    EXPECT_EQ(info.output, Shape({14, 14, 6}));
    EXPECT_THAT(info.parameters, IsEmpty());
    // One addition or comparison for each tap.
    EXPECT_EQ(info.cost.other_operations, 14 * 14 * 6 * 4);
    EXPECT_EQ(info.cost.bytes(), (28 * 28 * 6 + 14 * 14 * 6) * 4);
    EXPECT_FALSE(layer.IsReshape(/*training=*/true));
  }
  EXPECT_EQ(max.type(), "MaxPool2d");
  EXPECT_EQ(average.type(), "AvgPool2d");
}

// Rows: 7 + 1 + 0 padding, a kernel of 2 dilated to 3, stride 2. Columns: 8 + 0
// + 2, a kernel of 3 dilated to 7, stride 3.
TEST(Pool2dTest, TakesAllOptions) {
  const Layer layer = MaxPool2d({.window = {.kernel = {2, 3},
                                            .stride = {2, 3},
                                            .dilation = {2, 3},
                                            .padding = {{1, 0}, {0, 2}}}});
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, layer.Infer({Shape{7, 8, 4}}));
  EXPECT_EQ(info.output, Shape({3, 2, 4}));
}

// One window of four taps over the image [3] and padding around it.
TEST(Pool2dTest, CountsPaddingAsItIsTold) {
  const Tensor x = Tensor::Of({1, 1, 1, 1}, {3});
  for (const bool count_padding : {true, false}) {
    const Layer layer =
        AvgPool2d({.window = {.kernel = {2, 2}, .padding = {{1, 1}, {0, 0}}},
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
  const PoolSpec options = {.window = {.kernel = {2, 2}},
                            .rounding = Rounding::kCeil};
  KernelCase max = LayerCase(MaxPool2d(options), {4, 4, 1}, /*terms=*/4);
  max.fill_input = FillWithDistinctNumbers;
  CheckOnAllBackends(max);
  CheckOnAllBackends(LayerCase(AvgPool2d(options), {6, 5, 3}, /*terms=*/4));
}

// One layer of each kind and number of dimensions.
TEST(PoolTest, TypesAndDimensions) {
  const auto expect = [](const Layer& layer, absl::string_view type,
                         const Shape& input, const Shape& output) {
    EXPECT_EQ(layer.type(), type);
    LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, layer.Infer({input}));
    EXPECT_EQ(info.output, output);
  };
  const PoolSpec one = {.window = {.kernel = {2}}};
  const PoolSpec two = {.window = {.kernel = {2, 3}}};
  const PoolSpec three = {.window = {.kernel = {2, 3, 1}}};
  expect(MaxPool1d(one), "MaxPool1d", {6, 5}, {3, 5});
  expect(MaxPool2d(two), "MaxPool2d", {6, 6, 5}, {3, 2, 5});
  expect(MaxPool3d(three), "MaxPool3d", {6, 6, 6, 5}, {3, 2, 6, 5});
  expect(AvgPool1d(one), "AvgPool1d", {6, 5}, {3, 5});
  expect(AvgPool2d(two), "AvgPool2d", {6, 6, 5}, {3, 2, 5});
  expect(AvgPool3d(three), "AvgPool3d", {6, 6, 6, 5}, {3, 2, 6, 5});
  expect(MinPool1d(one), "MinPool1d", {6, 5}, {3, 5});
  expect(MinPool2d(two), "MinPool2d", {6, 6, 5}, {3, 2, 5});
  expect(MinPool3d(three), "MinPool3d", {6, 6, 6, 5}, {3, 2, 6, 5});
  expect(SoftmaxPool1d(one), "SoftmaxPool1d", {6, 5}, {3, 5});
  expect(SoftmaxPool2d(two), "SoftmaxPool2d", {6, 6, 5}, {3, 2, 5});
  expect(SoftmaxPool3d(three), "SoftmaxPool3d", {6, 6, 6, 5}, {3, 2, 6, 5});
  for (const Shape& input :
       std::vector<Shape>{{7, 5}, {7, 3, 5}, {7, 3, 4, 5}}) {
    const int rank = input.rank() - 1;
    const auto sizes = [&](int64_t size) {
      std::vector<int64_t> dims(rank, size);
      dims.push_back(5);
      return *Shape::Create(dims);
    };
    expect(AdaptiveMaxPool({2}), "AdaptiveMaxPool", input, sizes(2));
    expect(AdaptiveAvgPool({9}), "AdaptiveAvgPool", input, sizes(9));
    expect(GlobalMaxPool(), "GlobalMaxPool", input, sizes(1));
    expect(GlobalAvgPool(), "GlobalAvgPool", input, sizes(1));
  }
  expect(AdaptiveMaxPool({2, 3}), "AdaptiveMaxPool", {7, 3, 5}, {2, 3, 5});
}

TEST(PoolTest, RoundsAsItIsTold) {
  for (const Rounding rounding : {Rounding::kFloor, Rounding::kCeil}) {
    const Layer layer =
        MinPool2d({.window = {.kernel = {2, 3}}, .rounding = rounding});
    LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, layer.Infer({Shape{5, 6, 1}}));
    EXPECT_EQ(info.output, rounding == Rounding::kFloor ? Shape({2, 2, 1})
                                                        : Shape({3, 2, 1}));
  }
}

// What a layer makes of numbers, on the reference backend.
std::vector<float> Output(const Layer& layer, const Tensor& x) {
  const Shape image = *Shape::Create(x.shape().dims().subspan(1));
  Tensor y(*layer.Infer({image})->output.WithOuter(1));
  LENSLET_EXPECT_OK(
      RunOnce(*layer.MakeKernel(Backend::kReference, {image}, 1), {&x}, {}, y));
  return std::vector<float>(y.span().begin(), y.span().end());
}

TEST(PoolTest, ComputesItsKind) {
  const Tensor x = Tensor::Of({1, 3, 1}, {1, 8, 3});
  const PoolSpec options = {.window = {.kernel = {3}}};
  EXPECT_THAT(Output(MaxPool1d(options), x), ElementsAre(8));
  EXPECT_THAT(Output(MinPool1d(options), x), ElementsAre(1));
  EXPECT_THAT(Output(AvgPool1d(options), x), ElementsAre(4));
  // All of the weight is with the largest, or with none.
  EXPECT_THAT(
      Output(SoftmaxPool1d({.window = {.kernel = {3}}, .temperature = 1e-3}),
             x),
      ElementsAre(8));
  EXPECT_THAT(
      Output(SoftmaxPool1d({.window = {.kernel = {3}}, .temperature = 1e9}), x),
      ElementsAre(FloatNear(4, 1e-6)));
  EXPECT_THAT(Output(AdaptiveMaxPool({2}), x), ElementsAre(8, 8));
  EXPECT_THAT(Output(AdaptiveAvgPool({2}), x), ElementsAre(4.5, 5.5));
  EXPECT_THAT(Output(GlobalMaxPool(), x), ElementsAre(8));
  EXPECT_THAT(Output(GlobalAvgPool(), x), ElementsAre(4));
}

// What a kernel before the pooling may compute.
TEST(PoolTest, OffersWhatCanBeFused) {
  const PoolSpec options = {.window = {.kernel = {2, 2}},
                            .rounding = Rounding::kCeil};
  const auto expect_offer = [](const Layer& layer, PoolKind kind) {
    const Epilogue epilogue = EpilogueOf(layer);
    EXPECT_FALSE(epilogue.activation);
    ASSERT_TRUE(epilogue.pool.has_value());
    EXPECT_EQ(epilogue.pool->kind, kind);
    EXPECT_EQ(epilogue.pool->window.kernel, (Axes{2, 2}));
    EXPECT_EQ(epilogue.pool->rounding, Rounding::kCeil);
  };
  expect_offer(MaxPool2d(options), PoolKind::kMax);
  expect_offer(AvgPool2d(options), PoolKind::kAverage);
  expect_offer(MinPool2d(options), PoolKind::kMin);
  EXPECT_TRUE(EpilogueOf(SoftmaxPool2d(options)).empty());
  EXPECT_TRUE(EpilogueOf(AdaptiveMaxPool({2})).empty());
  EXPECT_TRUE(EpilogueOf(GlobalAvgPool()).empty());
}

// For receptive fields.
TEST(PoolTest, SaysWhatAnOutputDependsOn) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      LayerInfo info,
      MinPool2d({.window = {.kernel = {2, 3}, .padding = {{1, 0}, {0, 2}}}})
          .Infer({Shape{7, 8, 4}}));
  EXPECT_EQ(info.reach, Reach::kWindow);
  EXPECT_EQ(info.window, (Window{.kernel = {2, 3},
                                 .stride = {2, 3},
                                 .dilation = {1, 1},
                                 .padding = {{1, 0}, {0, 2}}}));
  LENSLET_ASSERT_OK_AND_ASSIGN(info,
                               AdaptiveMaxPool({4}).Infer({Shape{8, 12, 1}}));
  EXPECT_EQ(info.reach, Reach::kWindow);
  EXPECT_EQ(info.window, (Window{.kernel = {2, 3},
                                 .stride = {2, 3},
                                 .dilation = {1, 1},
                                 .padding = {0, 0}}));
  LENSLET_ASSERT_OK_AND_ASSIGN(info,
                               AdaptiveMaxPool({4}).Infer({Shape{8, 10, 1}}));
  EXPECT_EQ(info.reach, Reach::kAll);
  LENSLET_ASSERT_OK_AND_ASSIGN(info, GlobalAvgPool().Infer({Shape{9, 2}}));
  EXPECT_EQ(info.reach, Reach::kWindow);
  EXPECT_EQ(info.window.kernel, Axes{9});
}

TEST(PoolTest, SaysWhichTemperatureItCannotHave) {
  EXPECT_THAT(SoftmaxPool2d({.window = {.kernel = {2, 2}}, .temperature = 0})
                  .Infer({Shape{4, 4, 1}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "temperature is 0; expected a finite number above 0"));
}

TEST(AdaptivePoolTest, SaysWhatDoesNotFit) {
  const auto expect = [](const Layer& layer, const std::vector<Shape>& inputs,
                         const std::string& message) {
    const auto error =
        StatusIs(absl::StatusCode::kInvalidArgument,
                 absl::StrReplaceAll(message, {{"LAYER", layer.type()}}));
    EXPECT_THAT(layer.Infer(inputs), error);
    for (Backend backend : kBackends) {
      EXPECT_THAT(layer.MakeKernel(backend, inputs, 1), error);
    }
  };
  const std::string no_axes =
      "input has shape [16]; expected 1 to 3 spatial dimensions and "
      "channels";
  expect(GlobalMaxPool(), {{16}}, no_axes);
  expect(GlobalAvgPool(), {{16}}, no_axes);
  expect(AdaptiveMaxPool({4}), {{16}}, no_axes);
  expect(AdaptiveAvgPool({4, 4}), {{16}}, no_axes);
  expect(GlobalMaxPool(), {{2, 2, 2, 2, 2}},
         "input has shape [2, 2, 2, 2, 2]; expected 1 to 3 spatial "
         "dimensions and channels");
  expect(GlobalAvgPool(), {}, "has 0 inputs; expected 1");
  expect(GlobalAvgPool(), {{4, 4, 0}},
         "an image of shape [4, 4, 0] has no channels");
  expect(AdaptiveAvgPool({}), {{4, 4, 1}},
         "output [] has 0 numbers; expected one for all axes or 2 for input "
         "[4, 4, 1]");
  expect(AdaptiveMaxPool({2, 3}), {{4, 1}},
         "output [2, 3] has 2 numbers; expected one for all axes or 1 for "
         "input [4, 1]");
  expect(AdaptiveMaxPool({0}), {{4, 4, 1}},
         "output [0, 0] has 0; expected a number in [1, 2147483647]");
  expect(AdaptiveAvgPool({2, -1}), {{4, 4, 1}},
         "output [2, -1] has -1; expected a number in [1, 2147483647]");
}

struct RejectedPool {
  std::string name;
  PoolSpec options;
  std::vector<Shape> inputs;
  // "LAYER" stands for the layer's type.
  std::string message;
};

class Pool2dRejectedTest : public ::testing::TestWithParam<RejectedPool> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, Pool2dRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedPool>{
        {"NoInput",
         {.window = {.kernel = {2, 2}}},
         {},
         "has 0 inputs; expected 1"},
        {"TwoInputs",
         {.window = {.kernel = {2, 2}}},
         {{4, 4, 1}, {4, 4, 1}},
         "has 2 inputs; expected 1"},
        {"NoKernel", {}, {{4, 4, 1}}, "kernel [] has 0 numbers; expected 2"},
        {"KernelOfOneDimension",
         {.window = {.kernel = {2}}},
         {{4, 1}},
         "kernel [2] has 1 number; expected 2"},
        {"FlatInput",
         {.window = {.kernel = {2, 2}}},
         {{16}},
         "input has shape [16]; expected [height, width, channels]"},
        {"ZeroKernel",
         {.window = {.kernel = {0, 2}}},
         {{4, 4, 1}},
         "kernel [0, 2] has 0; expected a number in [1, 2147483647]"},
        {"LongStride",
         {.window = {.kernel = {2, 2}, .stride = {1, 1, 1}}},
         {{4, 4, 1}},
         "stride [1, 1, 1] has 3 numbers; expected 2, as many as the kernel"},
        {"ZeroDilation",
         {.window = {.kernel = {2, 2}, .dilation = {1, 0}}},
         {{4, 4, 1}},
         "dilation [1, 0] has 0; expected a number in [1, 2147483647]"},
        {"NegativePadding",
         {.window = {.kernel = {2, 2}, .padding = {-1, 0}}},
         {{4, 4, 1}},
         "padding before [-1, 0] has -1; expected a number in [0, 2147483647]"},
        {"PaddingAsLargeAsTheWindow",
         {.window = {.kernel = {2, 2}, .padding = {{0, 0}, {0, 2}}}},
         {{4, 4, 1}},
         "padding [0, 2] is 2 on axis 1; expected less than 2, the number of "
         "positions that the window covers"},
        {"NoChannels",
         {.window = {.kernel = {2, 2}}},
         {{4, 4, 0}},
         "an image of shape [4, 4, 0] has no channels"},
        {"WindowAboveImage",
         {.window = {.kernel = {5, 2}}},
         {{4, 4, 1}},
         "kernel [5, 2] with dilation [1, 1] covers 5 positions of axis 0, "
         "more than the padded input's 4 (input [4, 4], padding [0, 0] before "
         "and [0, 0] after)"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(Pool2dRejectedTest, SaysWhy) {
  const Layer max = MaxPool2d(GetParam().options);
  const Layer average = AvgPool2d(GetParam().options);
  const Layer min = MinPool2d(GetParam().options);
  const Layer softmax = SoftmaxPool2d(GetParam().options);
  for (const Layer& layer : {max, average, min, softmax}) {
    const auto error = StatusIs(
        absl::StatusCode::kInvalidArgument,
        absl::StrReplaceAll(GetParam().message, {{"LAYER", layer.type()}}));
    EXPECT_THAT(layer.Infer(GetParam().inputs), error);
    for (Backend backend : kBackends) {
      EXPECT_THAT(layer.MakeKernel(backend, GetParam().inputs, 1), error);
    }
  }
}

}  // namespace
}  // namespace lenslet::layers
