// Models that are wrong, and what is said about them: where, and why.

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"

namespace lenslet {
namespace {

constexpr char kImage[] = "input { name: \"image\" shape: [28, 28, 1] }\n";

struct WrongModel {
  std::string name;
  std::string text;
  std::string message;  // After "m:".
};

void PrintTo(const WrongModel& wrong, std::ostream* os) { *os << wrong.name; }

std::vector<WrongModel> WrongModels() {
  const std::string image = kImage;
  return {
      {"NoInput", "layer { name: 'a' relu {} }", " the model has no input"},
      {"NoLayers", image, " the model has no layers"},
      {"ModelNameWithControlCharacters", "\nname: 'a\\033[2J'",
       "2:1: the model's name \"a\\x1b[2J\" has control characters; expected "
       "none"},
      {"ModelNameThatIsNotUtf8", "name: 'a\\377'",
       "1:1: the model's name \"a\\xff\" is not UTF-8"},
      {"LongModelName", "name: '" + std::string(129, 'a') + "'",
       "1:1: the model's name has 129 bytes; expected at most 128"},
      {"InputWithoutName", "input { shape: 1 }",
       "1:1: input 1: it has no name; expected name: \"...\""},
      {"InputWithoutShape", "input { name: 'x' }",
       "1:1: input \"x\": shape has 0 sizes; expected 1 to 5, such as [28, "
       "28, 1]"},
      {"SevenDimensions", "input { name: 'x'\n shape: [1, 1, 1, 1, 1, 1, 1] }",
       "2:2: input \"x\": shape has 7 sizes; expected 1 to 5, such as [28, "
       "28, 1]"},
      {"ZeroSize", "input { name: 'x' shape: [28, 0, 1] }",
       "1:19: input \"x\": shape[1] is 0; expected a number in [1, "
       "2147483647]"},
      {"NegativeSize", "input { name: 'x' shape: 28\nshape: -1 }",
       "2:1: input \"x\": shape[1] is -1; expected a number in [1, "
       "2147483647]"},
      {"SizeAbove31Bits", "input { name: 'x' shape: 2147483648 }",
       "1:19: input \"x\": shape[0] is 2147483648; expected a number in [1, "
       "2147483647]"},
      {"TooManyElements",
       "input { name: 'x' shape: [2147483647, 2147483647, 4] }",
       "1:19: input \"x\": shape [2147483647, 2147483647, 4] has more elements "
       "than 64 bits can count"},
      {"TooManyBytes",
       "input { name: 'x' shape: [2147483647, 2147483647, 1] }\n"
       "layer { name: 'a' relu {} }",
       "2:1: layer \"a\": an array has 4611686014132420609 floats; expected "
       "at most 288230376151711744"},
      {"TwoInputsOfOneName",
       image + image + "layer { name: 'a' input: 'image' relu {} }",
       "2:1: input \"image\": duplicate name"},
      {"FirstLayerOfTwoInputs",
       image + "input { name: 'mask' shape: 1 }\nlayer { name: 'a' relu {} }",
       "3:1: layer \"a\": it is the first layer and names no input; expected "
       "at least one of \"image\", \"mask\""},
      {"UnusedInput",
       image + "input { name: 'mask' shape: 1 }\n"
               "layer { name: 'a' input: 'image' relu {} }",
       "2:1: input \"mask\": unused input"},
      {"LayerWithoutName", image + "layer { relu {} }",
       "2:1: layer 1 (Relu): it has no name; expected name: \"...\""},
      {"LayerWithoutType", image + "layer {\n  name: 'a'\n}",
       "2:1: layer \"a\": missing layer kind, for example conv2d { ... } or "
       "relu {}"},
      {"LayerNameWithControlCharacters",
       image + "layer { name: 'a\\033[2J' relu {} }",
       "2:1: layer \"a\\x1b[2J\": its name has invalid characters; expected "
       "only letters, digits and _-./"},
      {"LongLayerName",
       image + "layer { name: '" + std::string(129, 'a') + "' relu {} }",
       "2:1: layer \"" + std::string(128, 'a') +
           "...\": its name has 129 characters; expected at most 128"},
      {"LongInputName",
       image + "layer { name: 'a'\ninput: 'image'\ninput: '" +
           std::string(1000, 'a') + "' relu {} }",
       "4:1: layer \"a\": the name of an input has 1000 characters; expected "
       "at most "
       "128"},
      {"TwoLayersOfOneName",
       image + "layer { name: 'a' relu {} }\nlayer { name: 'a' relu {} }",
       "3:1: layer \"a\": duplicate name"},
      {"UnknownInput",
       image + "layer {\n  name: 'a'\n  input: 'imagee'\n  relu {}\n}",
       "4:3: layer \"a\": there is no layer or input \"imagee\"; did you mean "
       "\"image\"?"},
      {"Circle",
       image + "layer { name: 'a' relu {} }\n"
               "layer { name: 'b' input: 'd' relu {} }\n"
               "layer { name: 'c' relu {} }\nlayer { name: 'd' relu {} }",
       "3:1: layer \"b\": layers form a cycle: b <- d <- c <- b"},
      {"ReadsItself", image + "layer { name: 'a' input: 'a' relu {} }",
       "2:1: layer \"a\": layers form a cycle: a <- a"},
      {"TwoOutputs",
       image + "layer { name: 'a' relu {} }\n"
               "layer { name: 'b' input: 'image' relu {} }",
       " no layer reads the outputs of 2 layers: a, b; expected one such "
       "layer, whose output is the network's"},
      {"TwoInputsOfALayer",
       image + "layer { name: 'a' input: ['image', 'image'] relu {} }",
       "2:1: layer \"a\": has 2 inputs; expected 1"},
      {"WrongInputChannels",
       image + "layer {\n  name: 'conv2'\n"
               "  conv2d { output_channels: 2 kernel: 5 input_channels: 3 }\n}",
       "2:1: layer \"conv2\": input has 1 channel; expected 3"},
      {"WrongInputFeatures",
       image + "layer { name: 'a' linear { output_features: 2 "
               "input_features: 784 } }",
       "2:1: layer \"a\": input has 1 feature; expected 784"},
      {"RateOfOne", image + "layer { name: 'a' dropout { rate: 1 } }",
       "2:29: layer \"a\": rate is 1; expected a number in [0, 1)"},
      {"NegativeEpsilon",
       image + "layer { name: 'a' batch_norm { epsilon: -1 } }",
       "2:32: layer \"a\": epsilon is -1; expected a positive number"},
      {"MomentumAboveOne",
       image + "layer { name: 'a' batch_norm { momentum: 1.5 } }",
       "2:32: layer \"a\": momentum is 1.5; expected a number in [0, 1]"},
      {"NoOutputChannels", image + "layer { name: 'a' conv2d { kernel: 5 } }",
       "2:19: layer \"a\": output_channels is required: a number in [1, "
       "2147483647]"},
      {"NoOutputFeatures", image + "layer { name: 'a' linear {} }",
       "2:19: layer \"a\": output_features is required: a number in [1, "
       "2147483647]"},
      {"NoKernel",
       image + "layer {\n  name: 'a'\n  conv2d { output_channels: 1 }\n}",
       "4:3: layer \"a\": it has no kernel; expected sizes: one for both axes, "
       "or [rows, columns]"},
      {"EmptyListOfAKernel",
       image + "layer { name: 'a' max_pool2d { kernel: [] } }",
       "2:19: layer \"a\": it has no kernel; expected sizes: one for both "
       "axes, "
       "or [rows, columns]"},
      {"ThreeNumbers",
       image + "layer { name: 'a' max_pool2d { kernel: 2 stride: [2, 2, 2] } }",
       "2:42: layer \"a\": stride has 3 numbers; expected one for both axes, "
       "or [rows, columns]"},
      {"PaddingTwice",
       image + "layer { name: 'a' avg_pool2d { kernel: 2 padding: 1 "
               "padding_after: 0 } }",
       "2:42: layer \"a\": it has padding, which is for both sides, and also "
       "padding_before or padding_after; expected one or the other"},
      {"ZeroKernel",
       image + "layer { name: 'a' max_pool2d { kernel: [2, 0] } }",
       "2:32: layer \"a\": kernel[1] is 0; expected a number in [1, "
       "2147483647]"},
      {"NegativeStride",
       image + "layer { name: 'a' max_pool2d { kernel: 2 stride: -1 } }",
       "2:42: layer \"a\": stride[0] is -1; expected a number in [1, "
       "2147483647]"},
      {"ZeroDilation",
       image + "layer { name: 'a' max_pool2d { kernel: 2 dilation: 0 } }",
       "2:42: layer \"a\": dilation[0] is 0; expected a number in [1, "
       "2147483647]"},
      {"NegativePadding",
       image + "layer { name: 'a' conv2d { output_channels: 1 kernel: 2 "
               "padding: -9223372036854775808 } }",
       "2:57: layer \"a\": padding[0] is -9223372036854775808; expected a "
       "number in [0, 2147483647]"},
      {"TransposedConvolutionWithoutKernel",
       image + "layer { name: 'a' conv_transpose2d { output_channels: 1 } }",
       "2:19: layer \"a\": it has no kernel; expected sizes: one for both "
       "axes, or [rows, columns]"},
      {"ThreeNumbersOfOutputPadding",
       image + "layer { name: 'a' conv_transpose2d { output_channels: 1 "
               "kernel: 2 output_padding: [0, 0, 0] } }",
       "2:67: layer \"a\": output_padding has 3 numbers; expected one for both "
       "axes, or [rows, columns]"},
      {"OutputPaddingOfAStride",
       image + "layer { name: 'a' conv_transpose2d { output_channels: 1 "
               "kernel: 2 stride: 2 output_padding: 2 } }",
       "2:1: layer \"a\": output padding [2, 2] has 2; expected a number in "
       "[0, 1]: "
       "less than the larger one of stride 2 and dilation 1"},
      {"TransposedConvolutionCutToNothing",
       image + "layer { name: 'a' conv_transpose2d { output_channels: 1 "
               "kernel: 1 padding: 14 } }",
       "2:1: layer \"a\": the output's size along axis 0 is 0; expected a "
       "number in [1, 2147483647] (input [28, 28], kernel [1, 1] with dilation "
       "[1, 1], "
       "stride [1, 1], padding [14, 14] before and [14, 14] after, output "
       "padding [0, 0])"},
      {"TransposedConvolutionOfARow",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' conv_transpose1d { output_channels: 1 "
               "kernel: 1 } }",
       "3:1: layer \"a\": input has shape [784]; expected "
       "[length, channels]"},
      {"KernelAboveImage",
       image + "layer { name: 'a' max_pool2d { kernel: [28, 29] } }",
       "2:1: layer \"a\": kernel [28, 29] with dilation [1, 1] covers 29 "
       "positions of axis 1, more than the padded input's 28 (input [28, 28], "
       "padding [0, 0] before and [0, 0] after)"},
      {"PoolWithMorePaddingThanWindow",
       image + "layer { name: 'a' max_pool2d { kernel: 2 padding: 2 } }",
       "2:1: layer \"a\": padding [2, 2] is 2 on axis 0; expected less than 2, "
       "the number of positions that the window covers"},
      {"AddOfOne", image + "layer { name: 'a' add {} }",
       "2:1: layer \"a\": has 1 input; expected at least 2"},
      {"AddOfDifferentShapes",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' input: ['f', 'image'] add {} }",
       "3:1: layer \"a\": input 1 has shape [28, 28, 1]; expected [784], the "
       "shape of input 0"},
      {"NegativeAxis",
       image + "layer { name: 'a' input: ['image', 'image'] concat { axis: -1 "
               "} }",
       "2:54: layer \"a\": axis is -1; expected a number in [0, 4]"},
      {"ReshapeWithoutAShape", image + "layer { name: 'a' reshape {} }",
       "2:1: layer \"a\": shape has 0 sizes; expected 1 to 5"},
      {"ReshapeToMore", image + "layer { name: 'a' reshape { shape: 785 } }",
       "2:1: layer \"a\": shape [785] does not fit an input of shape [28, 28, "
       "1], which has 784 elements"},
      {"NegativeSlope", image + "layer { name: 'a' leaky_relu { slope: -1 } }",
       "2:32: layer \"a\": slope is -1; expected a number of at least 0"},
      {"InfiniteSlope", image + "layer { name: 'a' leaky_relu { slope: inf } }",
       "2:32: layer \"a\": slope is inf; expected a finite number of at least "
       "0"},
      {"AlphaOfZero", image + "layer { name: 'a' elu { alpha: 0 } }",
       "2:25: layer \"a\": alpha is 0; expected a positive number"},
      {"NormOfAMissingAxis",
       image + "layer { name: 'a' layer_norm { axis: 3 } }",
       "2:1: layer \"a\": axis is 3; expected one of the 3 axes of an image of "
       "shape [28, 28, 1]"},
      {"ResizeToNothing", image + "layer { name: 'a' resize {} }",
       "2:1: layer \"a\": it has neither scale nor output; expected one of "
       "them"},
      {"LrnOfNoChannels", image + "layer { name: 'a' lrn { size: 0 } }",
       "2:25: layer \"a\": size is 0; expected a number in [1, 2147483647]"},
      {"ClipToNothing", image + "layer { name: 'a' clip { min: 2 max: 1 } }",
       "2:1: layer \"a\": min is 2; expected a number below max, which is 1"},
      {"SlopeOfZero", image + "layer { name: 'a' hard_sigmoid { slope: 0 } }",
       "2:34: layer \"a\": slope is 0; expected a positive number"},
      {"GroupsThatDoNotDivide",
       "input { name: 'x' shape: [28, 28, 16] }\n"
       "layer { name: 'a' conv2d { output_channels: 6 kernel: 5 groups: 3 } }",
       "2:1: layer \"a\": groups is 3; expected a divisor of the 16 input "
       "channels"},
      {"NoGroups",
       image + "layer { name: 'a' conv2d { output_channels: 6 kernel: 5 "
               "groups: 0 } }",
       "2:57: layer \"a\": groups is 0; expected a number in [1, 2147483647]"},
      {"LargeReflection",
       image + "layer { name: 'a' conv2d { output_channels: 6 kernel: 5 "
               "padding: [2, 28] padding_mode: REFLECT } }",
       "2:1: layer \"a\": padding before [2, 28] reflects 28 positions of axis "
       "1; expected at most 27, as the input is [28, 28]"},
      {"UnknownPaddingMode",
       image + "layer { name: 'a'\nconv2d { output_channels: 6 kernel: 5\n"
               "padding_mode: 3 } }",
       "4:1: layer \"a\": padding_mode is 3; expected ZERO, REFLECT or "
       "REPLICATE"},
      {"ConnectionToNothing",
       image + "layer { name: 'a' conv2d { output_channels: 1 kernel: 5 "
               "connection { input: [0, 1] } } }",
       "2:1: layer \"a\": the connections of output channel 0 list input "
       "channel 1; expected a number in [0, 0]"},
      {"TooFewConnections",
       image + "layer { name: 'a' conv2d { output_channels: 2 kernel: 5 "
               "connection { input: 0 } } }",
       "2:1: layer \"a\": connections has 1 list; expected 2, one for each "
       "output channel"},
      {"EmptyConnection",
       image + "layer { name: 'a' conv2d { output_channels: 1 kernel: 5 "
               "connection {} } }",
       "2:1: layer \"a\": the connections of output channel 0 list no input "
       "channels; expected at least 1"},
      {"PadOfFourAxes",
       image + "layer { name: 'a' pad { padding: [1, 1, 1, 1] } }",
       "2:25: layer \"a\": padding has 4 numbers; expected one for all axes, "
       "or "
       "one for each of at most three"},
      {"PadOfOtherAxes",
       image + "layer { name: 'a' pad { padding: [1, 1, 1] } }",
       "2:1: layer \"a\": padding before [1, 1, 1] has 3 numbers; expected 2, "
       "one for each spatial dimension of the image"},
      {"PadTwice",
       image + "layer { name: 'a' pad { padding: 1 padding_after: 0 } }",
       "2:25: layer \"a\": it has padding, which is for both sides, and also "
       "padding_before or padding_after; expected one or the other"},
      {"PadOfUnknownMode",
       image + "layer { name: 'a' pad { padding: 1 mode: -1 } }",
       "2:36: layer \"a\": mode is -1; expected ZERO, REFLECT or REPLICATE"},
      {"PadOfARow",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' pad { padding: 1 } }",
       "3:1: layer \"a\": an image of shape [784] has 1 dimension; padding "
       "needs 1 to 3 spatial ones and channels"},
      {"ConvolutionOfARow",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' conv2d { output_channels: 1 kernel: 1 } }",
       "3:1: layer \"a\": input has shape [784]; expected [height, "
       "width, channels]"},
      {"TooManyOutputs",
       "input { name: 'x' shape: [2147483647, 2147483647, 1] }\n"
       "layer { name: 'a' conv2d { output_channels: 2147483647 kernel: 1 } }",
       "2:1: layer \"a\": shape [2147483647, 2147483647, 2147483647] has more "
       "elements than 64 bits can count"},
      {"TooManyMultiplyAddsOfALayer",
       "input { name: 'x' shape: [2147483647, 100, 100] }\n"
       "layer { name: 'a' conv2d { output_channels: 10000 kernel: 99 } }",
       "2:1: layer \"a\": filters of shape [10000, 99, 99, 100] at 4294967098 "
       "positions need more multiply-adds than 64 bits can count"},
  };
}

class WrongModelTest : public ::testing::TestWithParam<WrongModel> {};

INSTANTIATE_TEST_SUITE_P(Models, WrongModelTest,
                         ::testing::ValuesIn(WrongModels()),
                         [](const auto& info) { return info.param.name; });

TEST_P(WrongModelTest, SaysWhereAndWhy) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                               ParseModelText(GetParam().text, "m"));
  const absl::StatusOr<Graph> graph = BuildGraph(text);
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(graph.status().message()),
            absl::StrCat("m:", GetParam().message));
}

TEST_P(WrongModelTest, SaysWhyWithoutAText) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                               ParseModelText(GetParam().text, "m"));
  const absl::StatusOr<Graph> graph = BuildGraph(text.model);
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(absl::StrCat("m:", GetParam().message),
              ::testing::EndsWith(std::string(graph.status().message())));
}

}  // namespace
}  // namespace lenslet
