// What is wrong with an operator is said in the same words wherever it comes
// from: a simple call, a layer, a model file. The words name the field and the
// values.

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/layers.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/add/add.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/batch_norm/batch_norm.h"
#include "lenslet/ops/concat/concat.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv_transpose/conv_transpose.h"
#include "lenslet/ops/dropout/dropout.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/ops/mul/mul.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/reshape/reshape.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct BadSpec {
  std::string name;
  // Of one image each.
  std::vector<Shape> inputs;
  std::string message;
  // On images of zeros, [1, ...].
  std::function<absl::Status(const std::vector<Tensor>& x)> call;
  Layer layer;
  std::string text;  // As in a model file.
  // What BuildGraph() says instead of `message`, where a rule of the model file
  // is broken.
  std::string broken_rule = "";
};

constexpr int64_t kHuge = int64_t{1} << 40;

std::vector<BadSpec> BadSpecs() {
  using Tensors = std::vector<Tensor>;
  return {
      {"ConvWindowAbovePaddedInput",
       {{3, 3, 1}},
       "kernel [6, 2] with dilation [1, 1] covers 6 positions of axis 0, more "
       "than the padded input's 5 (input [3, 3], padding [1, 1] before and "
       "[1, 1] after)",
       [](const Tensors& x) {
         return Conv2d(x[0], Tensor({1, 6, 2, 1}), {.padding = {1, 1}})
             .status();
       },
       layers::Conv2d({.output_channels = 1,
                       .window = {.kernel = {6, 2}, .padding = {1, 1}}}),
       "conv2d { output_channels: 1 kernel: [6, 2] padding: 1 }"},
      {"ConvGroupsThatDoNotDivide",
       {{3, 3, 4}},
       "groups is 3; expected a divisor of the 4 input channels",
       [](const Tensors& x) {
         // The filter's last dimension is the channels of a group.
         return MakeConvKernel(Backend::kReference,
                               {.input_channels = 4,
                                .output_channels = 3,
                                .window = {.kernel = {1, 1}},
                                .groups = 3},
                               {3, 3, 4}, x[0].shape().dim(0))
             .status();
       },
       layers::Conv2d(
           {.output_channels = 3, .window = {.kernel = {1, 1}}, .groups = 3}),
       "conv2d { output_channels: 3 kernel: 1 groups: 3 }"},
      {"ConvGroupsThatDoNotDivideOutputs",
       {{3, 3, 4}},
       "groups is 2; expected a divisor of the 3 output channels",
       [](const Tensors& x) {
         return Conv2d(x[0], Tensor({3, 1, 1, 2}), {.groups = 2}).status();
       },
       layers::Conv2d(
           {.output_channels = 3, .window = {.kernel = {1, 1}}, .groups = 2}),
       "conv2d { output_channels: 3 kernel: 1 groups: 2 }"},
      {"ConvZeroStride",
       {{5, 1}},
       "stride [0] has 0; expected a number in [1, 2147483647]",
       [](const Tensors& x) {
         return Conv1d(x[0], Tensor({1, 2, 1}), {.stride = {0}}).status();
       },
       layers::Conv1d(
           {.output_channels = 1, .window = {.kernel = {2}, .stride = {0}}}),
       "conv1d { output_channels: 1 kernel: 2 stride: 0 }",
       "stride[0] is 0; expected a number in [1, 2147483647]"},
      {"ConvHugeDilation",
       {{3, 3, 1}},
       "dilation [1099511627776, 1] has 1099511627776; expected a number in "
       "[1, "
       "2147483647]",
       [](const Tensors& x) {
         return Conv2d(x[0], Tensor({1, 2, 2, 1}), {.dilation = {kHuge, 1}})
             .status();
       },
       layers::Conv2d({.output_channels = 1,
                       .window = {.kernel = {2, 2}, .dilation = {kHuge, 1}}}),
       "conv2d { output_channels: 1 kernel: 2 dilation: [1099511627776, 1] }",
       "dilation[0] is 1099511627776; expected a number in [1, 2147483647]"},
      {"ConvReflectsMoreThanThereIs",
       {{2, 2, 2, 1}},
       "reflects 2 positions of axis 1; expected at most 1, as the input is "
       "[2, 2, 2]",
       [](const Tensors& x) {
         return Conv3d(x[0], Tensor({1, 1, 1, 1, 1}),
                       {.padding = {0, 2, 0},
                        .padding_mode = PaddingMode::kReflect})
             .status();
       },
       layers::Conv3d({.output_channels = 1,
                       .window = {.kernel = {1, 1, 1}, .padding = {0, 2, 0}},
                       .padding_mode = PaddingMode::kReflect}),
       "conv3d { output_channels: 1 kernel: 1 padding: [0, 2, 0] "
       "padding_mode: REFLECT }"},
      {"ConvOutputBeyondCounting",
       {{1, 1, 1}},
       "shape [2147483649, 2147483649, 2147483647] has more elements than 64 "
       "bits can count",
       [](const Tensors&) {
         return MakeConvKernel(Backend::kLanes,
                               {.input_channels = 1,
                                .output_channels = 2147483647,
                                .window = {.kernel = {1, 1},
                                           .padding = {1 << 30, 1 << 30}}},
                               {1, 1, 1}, 1)
             .status();
       },
       layers::Conv2d(
           {.output_channels = 2147483647,
            .window = {.kernel = {1, 1}, .padding = {1 << 30, 1 << 30}}}),
       "conv2d { output_channels: 2147483647 kernel: 1 padding: 1073741824 }"},
      {"ConvTransposeOfNothing",
       {{1, 1}},
       "the output's size along axis 0 is 0",
       [](const Tensors& x) {
         return ConvTranspose1d(x[0], Tensor({1, 2, 1}),
                                {.padding = Padding(Axes{1}, Axes{1})})
             .status();
       },
       layers::ConvTranspose1d(
           {.output_channels = 1,
            .window = {.kernel = {2}, .padding = Padding(Axes{1}, Axes{1})}}),
       "conv_transpose1d { output_channels: 1 kernel: 2 padding: 1 }"},
      {"PoolWindowAboveInput",
       {{3, 3, 1}},
       "kernel [4, 4] with dilation [1, 1] covers 4 positions of axis 0, more "
       "than the padded input's 3",
       [](const Tensors& x) {
         return MaxPool2d(x[0], {4, 4}).status();
       },
       layers::MaxPool2d({.window = {.kernel = {4, 4}}}),
       "max_pool2d { kernel: 4 }"},
      {"PoolZeroStride",
       {{3, 3, 1}},
       "stride [1, 0] has 0; expected a number in [1, 2147483647]",
       [](const Tensors& x) {
         return AvgPool2d(x[0], {2, 2}, {.stride = {1, 0}}).status();
       },
       layers::AvgPool2d({.window = {.kernel = {2, 2}, .stride = {1, 0}}}),
       "avg_pool2d { kernel: 2 stride: [1, 0] }",
       "stride[1] is 0; expected a number in [1, 2147483647]"},
      {"PoolPaddingAsLargeAsTheWindow",
       {{3, 3, 1}},
       "padding [2, 2] is 2 on axis 0; expected less than 2, the number of "
       "positions that the window covers",
       [](const Tensors& x) {
         return MinPool2d(x[0], {2, 2}, {.padding = {2, 2}}).status();
       },
       layers::MinPool2d({.window = {.kernel = {2, 2}, .padding = {2, 2}}}),
       "min_pool2d { kernel: 2 padding: 2 }"},
      {"SoftmaxPoolWithoutTemperature",
       {{3, 3, 1}},
       "temperature is 0; expected a finite number above 0",
       [](const Tensors& x) {
         return SoftmaxPool2d(x[0], {2, 2}, {.temperature = 0}).status();
       },
       layers::SoftmaxPool2d({.window = {.kernel = {2, 2}}, .temperature = 0}),
       "softmax_pool2d { kernel: 2 temperature: 0 }",
       "temperature is 0; expected a positive number"},
      {"AdaptivePoolOfNothing",
       {{3, 3, 1}},
       "output [0, 2] has 0; expected a number in [1, 2147483647]",
       [](const Tensors& x) {
         return Pool(x[0], {.output = {0, 2}}).status();
       },
       layers::AdaptiveMaxPool(Axes{0, 2}),
       "adaptive_max_pool { output: [0, 2] }",
       "output[0] is 0; expected a number in [1, 2147483647]"},
      {"NegativePadding",
       {{3, 1}},
       "padding before [-1] has -1; expected a number in [0, 2147483647]",
       [](const Tensors& x) {
         return Pad(x[0], Padding(Axes{-1}, Axes{1})).status();
       },
       layers::Pad({.padding = Padding(Axes{-1}, Axes{1})}),
       "pad { padding_before: -1 padding_after: 1 }",
       "padding_before[0] is -1; expected a number in [0, 2147483647]"},
      {"LinearOfOtherFeatures",
       {{3}},
       "input has 3 features; expected 4",
       [](const Tensors& x) {
         return Linear(x[0], Tensor({2, 4})).status();
       },
       layers::Linear({.input_features = 4, .output_features = 2}),
       "linear { input_features: 4 output_features: 2 }"},
      {"NegativeSlope",
       {{3}},
       "slope is -1; expected a finite number of at least 0",
       [](const Tensors& x) { return LeakyRelu(x[0], -1).status(); },
       layers::LeakyRelu(-1.0f),
       "leaky_relu { slope: -1 }",
       "slope is -1; expected a number of at least 0"},
      {"AlphaThatIsNoNumber",
       {{3}},
       "alpha is nan; expected a finite number above 0",
       [](const Tensors& x) { return Elu(x[0], NAN).status(); },
       layers::Elu(NAN),
       "elu { alpha: nan }",
       "alpha is nan; expected a positive number"},
      {"ClipToNothing",
       {{3}},
       "min is 2; expected a number below max, which is 1",
       [](const Tensors& x) { return Clip(x[0], 2, 1).status(); },
       layers::Clip(2, 1),
       "clip { min: 2 max: 1 }"},
      {"MulOfOtherShapes",
       {{3, 3}, {3, 2}},
       "input 1 has shape [",
       [](const Tensors& x) { return Mul(x[0], x[1]).status(); },
       layers::Mul(),
       "mul {}"},
      {"AddOfOtherShapes",
       {{3, 3}, {3, 2}},
       ", the shape of ",
       [](const Tensors& x) { return Add(x[0], x[1]).status(); },
       layers::Add(),
       "add {}"},
      {"ConcatOfOtherShapes",
       {{3, 1}, {2, 1}},
       "input 1 has shape [2, 1]; expected [3, 1], the shape of input 0, "
       "except along axis 1",
       [](const Tensors& x) {
         return Concat({&x[0], &x[1]}).status();
       },
       layers::Concat(),
       "concat {}"},
      {"ReshapeToOtherElements",
       {{3, 2}},
       "shape [4, -1] does not fit an input of shape [3, 2], which has 6 "
       "elements",
       [](const Tensors& x) {
         return Reshape(x[0], {4, -1}).status();
       },
       layers::Reshape(std::vector<int64_t>{4, -1}),
       "reshape { shape: [4, -1] }"},
      {"DropoutOfEverything",
       {{3}},
       "rate is 1; expected a number in [0, 1)",
       [](const Tensors& x) { return Dropout(x[0], 1, /*seed=*/0).status(); },
       layers::Dropout(1.0),
       "dropout { rate: 1 }"},
      {"BatchNormWithoutEpsilon",
       {{3, 2}},
       "epsilon is 0; expected a positive number",
       [](const Tensors& x) {
         return BatchNorm(x[0], Tensor({2}), Tensor({2}), /*epsilon=*/0)
             .status();
       },
       layers::BatchNorm({.epsilon = 0}),
       "batch_norm { epsilon: 0 }"},
  };
}

class BadSpecTest : public ::testing::TestWithParam<BadSpec> {};

INSTANTIATE_TEST_SUITE_P(Specs, BadSpecTest, ::testing::ValuesIn(BadSpecs()),
                         [](const auto& info) { return info.param.name; });

TEST_P(BadSpecTest, SimpleCallSaysWhy) {
  const BadSpec& bad = GetParam();
  std::vector<Tensor> x;
  for (const Shape& input : bad.inputs) x.emplace_back(*input.WithOuter(1));
  EXPECT_THAT(bad.call(x), StatusIs(absl::StatusCode::kInvalidArgument,
                                    HasSubstr(bad.message)));
}

TEST_P(BadSpecTest, LayerSaysWhy) {
  const BadSpec& bad = GetParam();
  const auto matcher =
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(bad.message));
  EXPECT_THAT(bad.layer.Infer(bad.inputs), matcher);
  for (const Backend backend : kBackends) {
    if (bad.layer.IsReshape(/*training=*/true)) continue;
    EXPECT_THAT(bad.layer.MakeKernel(backend, bad.inputs, 1), matcher)
        << std::string(Name(backend));
  }
}

TEST_P(BadSpecTest, ModelFileSaysWhyAndWhere) {
  const BadSpec& bad = GetParam();
  std::string text;
  std::string inputs;
  for (size_t i = 0; i < bad.inputs.size(); ++i) {
    absl::StrAppend(&text, "input { name: 'x", i, "' shape: [",
                    absl::StrJoin(bad.inputs[i].dims(), ", "), "] } ");
    absl::StrAppend(&inputs, " input: 'x", i, "'");
  }
  absl::StrAppend(&text, "\nlayer { name: 'a'", inputs, " ", bad.text, " }");
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText model,
                               ParseModelText(text, "bad.textproto"));
  EXPECT_THAT(
      BuildGraph(model),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(StartsWith("bad.textproto:2:"),
                     HasSubstr(absl::StrCat("layer \"a\": ")),
                     HasSubstr(bad.broken_rule.empty() ? bad.message
                                                       : bad.broken_rule))));
}

}  // namespace
}  // namespace lenslet
