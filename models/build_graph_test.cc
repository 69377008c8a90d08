#include "models/build_graph.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/executor.h"
#include "layers/graph.h"
#include "layers/parameters.h"
#include "models/model_text.h"
#include "tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

absl::StatusOr<Graph> BuildFrom(absl::string_view text) {
  LENSLET_ASSIGN_OR_RETURN(const ModelText model, ParseModelText(text, "m"));
  return BuildGraph(model);
}

// The only layer's output for an image of 13 rows, 17 columns and 2 channels.
absl::StatusOr<Shape> OutputOf(absl::string_view layer) {
  LENSLET_ASSIGN_OR_RETURN(
      const Graph graph,
      BuildFrom(absl::StrCat(
          "input { name: 'x' shape: [13, 17, 2] } layer { name: 'y' ", layer,
          " }")));
  return graph.nodes()[0].output;
}

void ExpectOutput(absl::string_view layer, const Shape& output) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Shape shape, OutputOf(layer));
  EXPECT_EQ(shape, output) << layer;
}

TEST(BuildGraphTest, OneNumberStandsForBothAxes) {
  ExpectOutput("conv2d { output_channels: 4 kernel: 3 }", {11, 15, 4});
  ExpectOutput("conv2d { output_channels: 4 kernel: 3 stride: 2 }", {6, 8, 4});
  ExpectOutput("conv2d { output_channels: 4 kernel: 3 dilation: 2 }",
               {9, 13, 4});
  ExpectOutput("conv2d { output_channels: 4 kernel: 3 padding: 2 }",
               {15, 19, 4});
  ExpectOutput("conv2d { output_channels: 4 kernel: 3 padding_before: 2 }",
               {13, 17, 4});
  ExpectOutput("conv2d { output_channels: 4 kernel: 3 padding_after: 1 }",
               {12, 16, 4});
}

TEST(BuildGraphTest, EachAxisCanHaveANumber) {
  ExpectOutput("conv2d { output_channels: 4 kernel: [1, 3] }", {13, 15, 4});
  ExpectOutput("conv2d { output_channels: 4 kernel: 1 stride: [1, 2] }",
               {13, 9, 4});
  ExpectOutput("conv2d { output_channels: 4 kernel: 3 dilation: [1, 3] }",
               {11, 11, 4});
  ExpectOutput("conv2d { output_channels: 4 kernel: 1 padding: [0, 5] }",
               {13, 27, 4});
  ExpectOutput(
      "conv2d { output_channels: 4 kernel: 1"
      " padding_before: [1, 2] padding_after: [10, 20] }",
      {24, 39, 4});
  // Without brackets.
  ExpectOutput("conv2d { output_channels: 4 kernel: 1 kernel: 3 }",
               {13, 15, 4});
}

TEST(BuildGraphTest, PoolsHaveTheSameWindow) {
  for (const absl::string_view pool :
       {"max_pool2d", "avg_pool2d", "min_pool2d", "softmax_pool2d"}) {
    const auto expect = [pool](absl::string_view fields, const Shape& output) {
      ExpectOutput(absl::StrCat(pool, " { ", fields, " }"), output);
    };
    expect("kernel: 3", {4, 5, 2});
    expect("kernel: [3, 2]", {4, 8, 2});
    expect("kernel: 3 stride: [1, 2]", {11, 8, 2});
    expect("kernel: 3 stride: 1 dilation: [2, 3]", {9, 11, 2});
    expect("kernel: 3 stride: 1 padding: [1, 2]", {13, 19, 2});
    expect("kernel: 3 stride: 1 padding_before: [2, 1] padding_after: [1, 0]",
           {14, 16, 2});
    expect("kernel: [3, 2] ceil: true", {5, 9, 2});
    expect("kernel: [3, 2] ceil: false", {4, 8, 2});
  }
}

TEST(BuildGraphTest, PaddingTakesTheAxesOfItsInput) {
  ExpectOutput("pad { padding: 2 }", {17, 21, 2});
  ExpectOutput("pad { padding: [1, 2] mode: REFLECT }", {15, 21, 2});
  ExpectOutput("pad { padding_before: 1 }", {14, 18, 2});
  ExpectOutput("pad { padding_before: [1, 2] padding_after: 3 }", {17, 22, 2});
  ExpectOutput("pad {}", {13, 17, 2});
  const auto pad = [](absl::string_view shape) {
    return BuildFrom(absl::StrCat("input { name: 'x' shape: ", shape,
                                  " } layer { name: 'y' pad { padding: 2 } }"))
        ->nodes()[0]
        .output;
  };
  EXPECT_EQ(pad("[5, 3]"), Shape({9, 3}));
  EXPECT_EQ(pad("[5, 6, 7, 3]"), Shape({9, 10, 11, 3}));
}

// What the only layer makes of an image of one row, 1 2 4, with all weights and
// biases 1.
std::vector<float> OutputNumbers(absl::string_view layer) {
  const absl::StatusOr<Graph> graph = BuildFrom(absl::StrCat(
      "input { name: 'x' shape: [1, 3, 1] } layer { name: 'y' ", layer, " }"));
  LENSLET_EXPECT_OK(graph);
  absl::StatusOr<Parameters> parameters = Parameters::Create(*graph);
  LENSLET_EXPECT_OK(parameters);
  const absl::Span<float> array = parameters->array();
  std::fill(array.begin(), array.end(), 1.0f);
  const auto executor = Executor::Create(*graph, *parameters, {.images = 1});
  LENSLET_EXPECT_OK(executor);
  float* image = (*executor)->input().data();
  image[0] = 1;
  image[1] = 2;
  image[2] = 4;
  (*executor)->Forward(1);
  const absl::Span<const float> output = (*executor)->output().span();
  return std::vector<float>(output.begin(), output.end());
}

TEST(BuildGraphTest, PaddingBeforeAndAfterAreNotMixedUp) {
  const std::string window = "kernel: [1, 2] stride: [1, 2] ";
  const std::string before = "padding_before: [0, 1] ";
  const std::string after = "padding_after: [0, 1] ";
  const auto run = [&](absl::string_view type, absl::string_view fields) {
    return OutputNumbers(absl::StrCat(type, " { ", window, fields, "}"));
  };
  const std::string channel = "output_channels: 1 bias: false ";
  EXPECT_THAT(run("conv2d", channel + before), ElementsAre(1, 6));
  EXPECT_THAT(run("conv2d", channel + after), ElementsAre(3, 4));
  EXPECT_THAT(run("max_pool2d", before), ElementsAre(1, 4));
  EXPECT_THAT(run("max_pool2d", after), ElementsAre(2, 4));
  EXPECT_THAT(run("avg_pool2d", before), ElementsAre(0.5, 3));
  EXPECT_THAT(run("avg_pool2d", after), ElementsAre(1.5, 2));
}

// The row 1 2 4 with one more number on both sides.
TEST(BuildGraphTest, PaddingHoldsZerosUnlessToldOtherwise) {
  const std::string pad = "pad { padding: [0, 1] ";
  EXPECT_THAT(OutputNumbers(pad + "}"), ElementsAre(0, 1, 2, 4, 0));
  EXPECT_THAT(OutputNumbers(pad + "mode: ZERO }"), ElementsAre(0, 1, 2, 4, 0));
  EXPECT_THAT(OutputNumbers(pad + "mode: REFLECT }"),
              ElementsAre(2, 1, 2, 4, 2));
  EXPECT_THAT(OutputNumbers(pad + "mode: REPLICATE }"),
              ElementsAre(1, 1, 2, 4, 4));
  const std::string conv =
      "conv2d { output_channels: 1 bias: false kernel: [1, 3] padding: [0, 1] ";
  EXPECT_THAT(OutputNumbers(conv + "}"), ElementsAre(3, 7, 6));
  EXPECT_THAT(OutputNumbers(conv + "padding_mode: REFLECT }"),
              ElementsAre(5, 7, 8));
  EXPECT_THAT(OutputNumbers(conv + "padding_mode: REPLICATE }"),
              ElementsAre(4, 7, 10));
}

// The only parameters of a graph of one layer, in their order.
std::vector<Shape> ParameterShapes(absl::string_view layer) {
  const absl::StatusOr<Graph> graph =
      BuildFrom(absl::StrCat("input { name: 'x' shape: [13, 17, 4] } "
                             "layer { name: 'y' ",
                             layer, " }"));
  LENSLET_EXPECT_OK(graph);
  std::vector<Shape> shapes;
  for (const auto& parameter : graph->parameters()) {
    shapes.push_back(parameter.info.shape);
  }
  return shapes;
}

TEST(BuildGraphTest, GroupsAndConnectionsLeaveWeightsOut) {
  EXPECT_THAT(ParameterShapes("conv2d { output_channels: 6 kernel: 3 }"),
              ElementsAre(Shape({6, 3, 3, 4}), Shape({6})));
  EXPECT_THAT(
      ParameterShapes("conv2d { output_channels: 6 kernel: 3 groups: 2 }"),
      ElementsAre(Shape({6, 3, 3, 2}), Shape({6})));
  EXPECT_THAT(ParameterShapes("conv2d { output_channels: 2 kernel: 3"
                              " connection { input: [0, 1, 3] }"
                              " connection { input: 2 } }"),
              ElementsAre(Shape({4, 3, 3}), Shape({2})));
}

// The filter 1 10 over the row 1 2 4, read from its start and from its end.
TEST(BuildGraphTest, FiltersAreFlippedIfToldSo) {
  for (const bool flip : {false, true}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Graph graph,
        BuildFrom(absl::StrCat(
            "input { name: 'x' shape: [3, 1] } layer { name: 'y' conv1d { "
            "output_channels: 1 bias: false kernel: 2",
            flip ? " flip: true" : "", " } }")));
    LENSLET_ASSERT_OK_AND_ASSIGN(Parameters parameters,
                                 Parameters::Create(graph));
    parameters.array()[0] = 1;
    parameters.array()[1] = 10;
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto executor,
        Executor::Create(graph, parameters, {.images = 1}));
    const std::vector<float> row = {1, 2, 4};
    std::copy(row.begin(), row.end(), executor->input().data());
    executor->Forward(1);
    if (flip) {
      EXPECT_THAT(executor->output().span(), ElementsAre(12, 24));
    } else {
      EXPECT_THAT(executor->output().span(), ElementsAre(21, 42));
    }
  }
}

TEST(BuildGraphTest, AnAverageCountsPaddingUnlessToldOtherwise) {
  const std::string pool =
      "avg_pool2d { kernel: [1, 2] stride: [1, 2] padding_after: [0, 1] ";
  EXPECT_THAT(OutputNumbers(pool + "}"), ElementsAre(1.5, 2));
  EXPECT_THAT(OutputNumbers(pool + "count_padding: true }"),
              ElementsAre(1.5, 2));
  EXPECT_THAT(OutputNumbers(pool + "count_padding: false }"),
              ElementsAre(1.5, 4));
}

TEST(BuildGraphTest, LayersHaveABiasUnlessToldOtherwise) {
  const std::string conv = "conv2d { output_channels: 1 kernel: 1 ";
  EXPECT_THAT(OutputNumbers(conv + "}"), ElementsAre(2, 3, 5));
  EXPECT_THAT(OutputNumbers(conv + "bias: true }"), ElementsAre(2, 3, 5));
  EXPECT_THAT(OutputNumbers(conv + "bias: false }"), ElementsAre(1, 2, 4));
  const std::string linear = "linear { output_features: 1 ";
  EXPECT_THAT(OutputNumbers(linear + "}"), ElementsAre(2, 3, 5));
  EXPECT_THAT(OutputNumbers(linear + "bias: true }"), ElementsAre(2, 3, 5));
  EXPECT_THAT(OutputNumbers(linear + "bias: false }"), ElementsAre(1, 2, 4));
}

TEST(BuildGraphTest, ActivationsAreWhatTheyAreCalled) {
  const auto type = [](absl::string_view layer) {
    return std::string(BuildFrom(absl::StrCat("input { name: 'x' shape: 3 } "
                                              "layer { name: 'y' ",
                                              layer, " }"))
                           ->nodes()[0]
                           .layer->type());
  };
  EXPECT_EQ(type("sigmoid {}"), "Sigmoid");
  EXPECT_EQ(type("tanh {}"), "Tanh");
  EXPECT_EQ(type("relu {}"), "Relu");
  EXPECT_EQ(type("leaky_relu {}"), "LeakyRelu");
  EXPECT_EQ(type("elu {}"), "Elu");
  EXPECT_EQ(type("gelu {}"), "Gelu");
  EXPECT_EQ(type("silu {}"), "Silu");
  EXPECT_EQ(type("softplus {}"), "Softplus");
  ExpectOutput("sigmoid {}", {13, 17, 2});
  ExpectOutput("tanh {}", {13, 17, 2});
  ExpectOutput("relu {}", {13, 17, 2});
}

TEST(BuildGraphTest, TransposedConvolutionsHaveAWindowAndOutputPadding) {
  const auto expect = [](absl::string_view fields, const Shape& output) {
    ExpectOutput(
        absl::StrCat("conv_transpose2d { output_channels: 4 ", fields, " }"),
        output);
  };
  expect("kernel: 3", {15, 19, 4});
  expect("kernel: [1, 3]", {13, 19, 4});
  expect("kernel: 3 stride: 2", {27, 35, 4});
  expect("kernel: 3 dilation: [1, 2]", {15, 21, 4});
  expect("kernel: 3 padding: [1, 2]", {13, 15, 4});
  expect("kernel: 3 padding_before: [2, 1] padding_after: [1, 0]", {12, 18, 4});
  expect("kernel: 3 stride: 2 output_padding: 1", {28, 36, 4});
  expect("kernel: 3 stride: 3 output_padding: [1, 2]", {40, 53, 4});
  expect("kernel: 3 input_channels: 2", {15, 19, 4});
  const auto output_of = [](absl::string_view shape, absl::string_view layer) {
    return BuildFrom(absl::StrCat("input { name: 'x' shape: ", shape,
                                  " } layer { name: 'y' ", layer, " }"))
        ->nodes()[0]
        .output;
  };
  EXPECT_EQ(output_of("[16, 1]",
                      "conv_transpose1d { output_channels: 4 kernel: 3 stride: "
                      "2 padding: 1 }"),
            Shape({31, 4}));
  EXPECT_EQ(output_of("[2, 3, 4, 1]",
                      "conv_transpose3d { output_channels: 4 kernel: 2 stride: "
                      "[1, 2, 3] output_padding: [0, 1, 2] }"),
            Shape({3, 7, 13, 4}));
}

// 1 2 4 write two ones each, three steps apart, onto a bias of one.
TEST(BuildGraphTest, TransposedConvolutionsCutPaddingOff) {
  const std::string conv =
      "conv_transpose2d { output_channels: 1 kernel: [1, 2] stride: [1, 3] ";
  EXPECT_THAT(OutputNumbers(conv + "}"), ElementsAre(2, 2, 1, 3, 3, 1, 5, 5));
  EXPECT_THAT(OutputNumbers(conv + "bias: false padding_before: [0, 1] }"),
              ElementsAre(1, 0, 2, 2, 0, 4, 4));
  EXPECT_THAT(OutputNumbers(conv + "bias: false padding_after: [0, 1] }"),
              ElementsAre(1, 1, 0, 2, 2, 0, 4));
  EXPECT_THAT(OutputNumbers(conv + "bias: false output_padding: [0, 2] }"),
              ElementsAre(1, 1, 0, 2, 2, 0, 4, 4, 0, 0));
}

TEST(BuildGraphTest, ActivationsHaveTheirParameters) {
  const auto spec = [](absl::string_view layer) {
    return *BuildFrom(absl::StrCat("input { name: 'x' shape: 3 } layer { name: "
                                   "'y' ",
                                   layer, " }"))
                ->nodes()[0]
                .layer->activation();
  };
  EXPECT_EQ(spec("leaky_relu {}").slope, 0.01f);
  EXPECT_EQ(spec("leaky_relu { slope: 0.2 }").slope, 0.2f);
  EXPECT_EQ(spec("leaky_relu { slope: 0 }").slope, 0.0f);
  EXPECT_EQ(spec("elu {}").alpha, 1.0f);
  EXPECT_EQ(spec("elu { alpha: 2.5 }").alpha, 2.5f);
}

TEST(BuildGraphTest, LinearFlattenAndReshapeChangeTheShape) {
  ExpectOutput("linear { output_features: 5 }", {13, 17, 5});
  ExpectOutput("flatten {}", {442});
  ExpectOutput("reshape { shape: [26, -1] }", {26, 17});
  ExpectOutput("reshape { shape: 442 }", {442});
}

TEST(BuildGraphTest, ALayerCanReadSeveral) {
  const auto output = [](absl::string_view layer) {
    return BuildFrom(
        absl::StrCat("input { name: 'x' shape: [2, 3] } "
                     "layer { name: 'a' tanh {} } "
                     "layer { name: 'y' input: ['a', 'x', 'a'] ",
                     layer, " }"));
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph sum, output("add {}"));
  EXPECT_EQ(sum.nodes()[1].layer->type(), "Add");
  EXPECT_THAT(sum.nodes()[1].inputs, ElementsAre(1, 0, 1));
  EXPECT_EQ(sum.nodes()[1].output, Shape({2, 3}));
  EXPECT_EQ(output("concat {}")->nodes()[1].layer->type(), "Concat");
  EXPECT_EQ(output("concat {}")->nodes()[1].output, Shape({2, 9}));
  EXPECT_EQ(output("concat { axis: 0 }")->nodes()[1].output, Shape({6, 3}));
  EXPECT_EQ(output("concat { axis: 1 }")->nodes()[1].output, Shape({2, 9}));
}

TEST(BuildGraphTest, DropoutAndBatchNormKeepTheShape) {
  ExpectOutput("dropout { rate: 0.5 }", {13, 17, 2});
  ExpectOutput("batch_norm {}", {13, 17, 2});
  ExpectOutput("batch_norm { epsilon: 0.1 momentum: 1 }", {13, 17, 2});
}

// With all parameters 1 too, x becomes (x - 1) / sqrt(1 + epsilon) + 1.
TEST(BuildGraphTest, BatchNormHasItsEpsilon) {
  EXPECT_THAT(OutputNumbers("batch_norm { epsilon: 3 }"),
              ElementsAre(1, 1.5, 2.5));
}

TEST(BuildGraphTest, ParametersAreTrainableUnlessToldOtherwise) {
  for (const std::string start : {"conv2d { output_channels: 1 kernel: 1 ",
                                  "linear { output_features: 1 "}) {
    const auto trainable = [&](absl::string_view end) {
      const absl::StatusOr<Graph> graph = BuildFrom(absl::StrCat(
          "input { name: 'x' shape: [1, 3, 1] } layer { name: 'y' ", start, end,
          " }"));
      std::vector<bool> result;
      for (const Graph::Parameter& p : graph->parameters()) {
        result.push_back(p.info.trainable);
      }
      return result;
    };
    EXPECT_THAT(trainable("}"), ElementsAre(true, true));
    EXPECT_THAT(trainable("trainable: true }"), ElementsAre(true, true));
    EXPECT_THAT(trainable("trainable: false }"), ElementsAre(false, false));
  }
}

TEST(BuildGraphTest, AnInputThatFitsWhatALayerDemandsIsTaken) {
  ExpectOutput("conv2d { output_channels: 4 kernel: 3 input_channels: 2 }",
               {11, 15, 4});
  ExpectOutput("linear { output_features: 5 input_features: 2 }", {13, 17, 5});
}

TEST(BuildGraphTest, ALayerReadsTheOneBeforeIt) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph,
                               BuildFrom("input { name: 'x' shape: 3 }"
                                         "layer { name: 'a' relu {} }"
                                         "layer { name: 'b' tanh {} }"));
  EXPECT_THAT(graph.nodes()[0].inputs, ElementsAre(0));
  EXPECT_THAT(graph.nodes()[1].inputs, ElementsAre(1));
}

TEST(BuildGraphTest, LayersThatNameTheirInputsComeInAnyOrder) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Graph graph, BuildFrom("layer { name: 'c' input: 'b' sigmoid {} }"
                                   "layer { name: 'a' input: 'x' relu {} }"
                                   "layer { name: 'b' tanh {} }"
                                   "input { name: 'x' shape: 3 }"));
  ASSERT_EQ(graph.nodes().size(), 3);
  EXPECT_EQ(graph.nodes()[0].name, "a");
  EXPECT_EQ(graph.nodes()[1].name, "b");
  EXPECT_EQ(graph.nodes()[2].name, "c");
}

constexpr char kImage[] = "input { name: \"image\" shape: [28, 28, 1] }\n";

struct Wrong {
  std::string name;
  std::string text;
  std::string message;  // After "m:".
};

void PrintTo(const Wrong& wrong, std::ostream* os) { *os << wrong.name; }

std::vector<Wrong> WrongModels() {
  const std::string image = kImage;
  return {
      {"NoInput", "layer { name: 'a' relu {} }", " the model has no input"},
      {"NoLayers", image, " the model has no layers"},
      {"ModelNameWithControlCharacters", "\nname: 'a\\033[2J'",
       "2:1: the model's name has 5 bytes; expected at most 128 of "
       "UTF-8, without control characters"},
      {"InputWithoutName", "input { shape: 1 }",
       "1:1: input \"\": it has no name"},
      {"InputWithoutShape", "input { name: 'x' }",
       "1:1: input \"x\": shape has 0 sizes, expected 1 to 5, such as [28, "
       "28, 1]"},
      {"SevenDimensions", "input { name: 'x'\n shape: [1, 1, 1, 1, 1, 1, 1] }",
       "2:2: input \"x\": shape has 7 sizes, expected 1 to 5, such as [28, "
       "28, 1]"},
      {"ZeroSize", "input { name: 'x' shape: [28, 0, 1] }",
       "1:19: input \"x\": shape [28, 0, 1] has 0, which is not in [1, "
       "2147483647]"},
      {"NegativeSize", "input { name: 'x' shape: 28\nshape: -1 }",
       "2:1: input \"x\": shape [28, -1] has -1, which is not in [1, "
       "2147483647]"},
      {"SizeAbove31Bits", "input { name: 'x' shape: 2147483648 }",
       "1:19: input \"x\": shape [2147483648] has 2147483648, which is not in "
       "[1, 2147483647]"},
      {"TooManyElements",
       "input { name: 'x' shape: [2147483647, 2147483647, 4] }",
       "1:19: input \"x\": shape [2147483647, 2147483647, 4] has more elements "
       "than 64 bits can count"},
      {"TooManyBytes",
       "input { name: 'x' shape: [2147483647, 2147483647, 1] }\n"
       "layer { name: 'a' relu {} }",
       "2:1: layer \"a\": an array of 4611686014132420609 floats is too "
       "large; at most 288230376151711744 are possible"},
      {"TwoInputsOfOneName",
       image + image + "layer { name: 'a' input: 'image' relu {} }",
       " input \"image\": the name is there twice"},
      {"FirstLayerOfTwoInputs",
       image + "input { name: 'mask' shape: 1 }\nlayer { name: 'a' relu {} }",
       "3:1: layer \"a\": it is the first and names no input; the model has 2: "
       "\"image\", \"mask\""},
      {"UnusedInput",
       image + "input { name: 'mask' shape: 1 }\n"
               "layer { name: 'a' input: 'image' relu {} }",
       " input \"mask\": no layer takes it"},
      {"LayerWithoutName", image + "layer { relu {} }",
       "2:1: layer \"\": it has no name"},
      {"LayerWithoutType", image + "layer {\n  name: 'a'\n}",
       "2:1: layer \"a\": it has no type, such as conv2d { ... } or relu {}"},
      {"LayerNameWithControlCharacters",
       image + "layer { name: 'a\\033[2J' relu {} }",
       "2:1: layer \"a\\x1b[2J\": its name has other characters than letters, "
       "digits and _-./"},
      {"LongLayerName",
       image + "layer { name: '" + std::string(129, 'a') + "' relu {} }",
       "2:9: layer \"" + std::string(128, 'a') +
           "...\": its name has 129 characters, at most 128 are possible"},
      {"LongInputName",
       image + "layer { name: 'a'\ninput: 'image'\ninput: '" +
           std::string(1000, 'a') + "' relu {} }",
       "4:1: layer \"a\": the name of an input has 1000 characters, at most "
       "128 are possible"},
      {"TwoLayersOfOneName",
       image + "layer { name: 'a' relu {} }\nlayer { name: 'a' relu {} }",
       "3:1: layer \"a\": the name is there twice"},
      {"UnknownInput",
       image + "layer {\n  name: 'a'\n  input: 'imagee'\n  relu {}\n}",
       "4:3: layer \"a\": there is no layer or input \"imagee\"; did you mean "
       "\"image\"?"},
      {"Circle",
       image + "layer { name: 'a' relu {} }\n"
               "layer { name: 'b' input: 'd' relu {} }\n"
               "layer { name: 'c' relu {} }\nlayer { name: 'd' relu {} }",
       "3:1: layer \"b\": its input comes from itself: b <- d <- c <- b"},
      {"ReadsItself", image + "layer { name: 'a' input: 'a' relu {} }",
       "2:1: layer \"a\": its input comes from itself: a <- a"},
      {"TwoOutputs",
       image + "layer { name: 'a' relu {} }\n"
               "layer { name: 'b' input: 'image' relu {} }",
       " a model has one output, but no layer takes the outputs of a, b"},
      {"TwoInputsOfALayer",
       image + "layer { name: 'a' input: ['image', 'image'] relu {} }",
       "2:1: layer \"a\": has 2 inputs, expected 1"},
      {"WrongInputChannels",
       image + "layer {\n  name: 'conv2'\n"
               "  conv2d { output_channels: 2 kernel: 5 input_channels: 3 }\n}",
       "2:1: layer \"conv2\": input has 1 channels, filter expects 3"},
      {"WrongInputFeatures",
       image + "layer { name: 'a' linear { output_features: 2 "
               "input_features: 784 } }",
       "2:1: layer \"a\": input has 1 features, weight expects 784"},
      {"RateOfOne", image + "layer { name: 'a' dropout { rate: 1 } }",
       "2:1: layer \"a\": rate is 1, which is not in [0, 1)"},
      {"NegativeEpsilon",
       image + "layer { name: 'a' batch_norm { epsilon: -1 } }",
       "2:1: layer \"a\": epsilon is -1, a positive number is needed"},
      {"MomentumAboveOne",
       image + "layer { name: 'a' batch_norm { momentum: 1.5 } }",
       "2:1: layer \"a\": momentum is 1.5, which is not in [0, 1]"},
      {"NoOutputChannels", image + "layer { name: 'a' conv2d { kernel: 5 } }",
       "2:1: layer \"a\": output channels are 0, which is not in [1, "
       "2147483647]"},
      {"NoOutputFeatures", image + "layer { name: 'a' linear {} }",
       "2:1: layer \"a\": output features are 0, which is not in [1, "
       "2147483647]"},
      {"NoKernel",
       image + "layer {\n  name: 'a'\n  conv2d { output_channels: 1 }\n}",
       "4:3: layer \"a\": it has no kernel, expected sizes: one for both axes, "
       "or [rows, columns]"},
      {"EmptyListOfAKernel",
       image + "layer { name: 'a' max_pool2d { kernel: [] } }",
       "2:19: layer \"a\": it has no kernel, expected sizes: one for both "
       "axes, "
       "or [rows, columns]"},
      {"ThreeNumbers",
       image + "layer { name: 'a' max_pool2d { kernel: 2 stride: [2, 2, 2] } }",
       "2:42: layer \"a\": stride has 3 numbers, expected one for both axes, "
       "or [rows, columns]"},
      {"PaddingTwice",
       image + "layer { name: 'a' avg_pool2d { kernel: 2 padding: 1 "
               "padding_after: 0 } }",
       "2:42: layer \"a\": it has padding, for both sides, and padding_before "
       "or padding_after too; expected one or the other"},
      {"ZeroKernel",
       image + "layer { name: 'a' max_pool2d { kernel: [2, 0] } }",
       "2:1: layer \"a\": kernel [2, 0] has 0, which is not in [1, "
       "2147483647]"},
      {"NegativeStride",
       image + "layer { name: 'a' max_pool2d { kernel: 2 stride: -1 } }",
       "2:1: layer \"a\": stride [-1, -1] has -1, which is not in [1, "
       "2147483647]"},
      {"ZeroDilation",
       image + "layer { name: 'a' max_pool2d { kernel: 2 dilation: 0 } }",
       "2:1: layer \"a\": dilation [0, 0] has 0, which is not in [1, "
       "2147483647]"},
      {"NegativePadding",
       image + "layer { name: 'a' conv2d { output_channels: 1 kernel: 2 "
               "padding: -9223372036854775808 } }",
       "2:1: layer \"a\": padding before [-9223372036854775808, "
       "-9223372036854775808] has -9223372036854775808, which is not in [0, "
       "2147483647]"},
      {"TransposedConvolutionWithoutKernel",
       image + "layer { name: 'a' conv_transpose2d { output_channels: 1 } }",
       "2:19: layer \"a\": it has no kernel, expected sizes: one for both "
       "axes, or [rows, columns]"},
      {"ThreeNumbersOfOutputPadding",
       image + "layer { name: 'a' conv_transpose2d { output_channels: 1 "
               "kernel: 2 output_padding: [0, 0, 0] } }",
       "2:67: layer \"a\": output_padding has 3 numbers, expected one for both "
       "axes, or [rows, columns]"},
      {"OutputPaddingOfAStride",
       image + "layer { name: 'a' conv_transpose2d { output_channels: 1 "
               "kernel: 2 stride: 2 output_padding: 2 } }",
       "2:1: layer \"a\": output padding [2, 2] has 2, which is not in [0, 1]: "
       "less than the larger one of stride 2 and dilation 1"},
      {"TransposedConvolutionCutToNothing",
       image + "layer { name: 'a' conv_transpose2d { output_channels: 1 "
               "kernel: 1 padding: 14 } }",
       "2:1: layer \"a\": the output's size along axis 0 is 0, which is not in "
       "[1, 2147483647] (input [28, 28], kernel [1, 1] with dilation [1, 1], "
       "stride [1, 1], padding [14, 14] before and [14, 14] after, output "
       "padding [0, 0])"},
      {"TransposedConvolutionOfARow",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' conv_transpose1d { output_channels: 1 "
               "kernel: 1 } }",
       "3:1: layer \"a\": input has shape [784], ConvTranspose1d expects "
       "[length, channels]"},
      {"KernelAboveImage",
       image + "layer { name: 'a' max_pool2d { kernel: [28, 29] } }",
       "2:1: layer \"a\": kernel [28, 29] with dilation [1, 1] covers 29 "
       "positions of axis 1, more than the padded input's 28 (input [28, 28], "
       "padding [0, 0] before and [0, 0] after)"},
      {"PoolWithMorePaddingThanWindow",
       image + "layer { name: 'a' max_pool2d { kernel: 2 padding: 2 } }",
       "2:1: layer \"a\": padding [2, 2] is not smaller than the window, which "
       "covers 2 positions of axis 0"},
      {"AddOfOne", image + "layer { name: 'a' add {} }",
       "2:1: layer \"a\": has 1 inputs, expected at least 2"},
      {"AddOfDifferentShapes",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' input: ['f', 'image'] add {} }",
       "3:1: layer \"a\": input 1 has shape [28, 28, 1], input 0 [784]; "
       "expected the same"},
      {"NegativeAxis",
       image + "layer { name: 'a' input: ['image', 'image'] concat { axis: -1 "
               "} }",
       "2:1: layer \"a\": axis is -1, input 0 of shape [28, 28, 1] has axes 0 "
       "to 2"},
      {"ReshapeWithoutAShape", image + "layer { name: 'a' reshape {} }",
       "2:1: layer \"a\": shape has 0 sizes, expected 1 to 5"},
      {"ReshapeToMore", image + "layer { name: 'a' reshape { shape: 785 } }",
       "2:1: layer \"a\": shape [785] does not fit an input of shape [28, 28, "
       "1], which has 784 elements"},
      {"NegativeSlope", image + "layer { name: 'a' leaky_relu { slope: -1 } }",
       "2:1: layer \"a\": slope is -1, expected a finite number of at least "
       "0"},
      {"InfiniteSlope", image + "layer { name: 'a' leaky_relu { slope: inf } }",
       "2:1: layer \"a\": slope is inf, expected a finite number of at least "
       "0"},
      {"AlphaOfZero", image + "layer { name: 'a' elu { alpha: 0 } }",
       "2:1: layer \"a\": alpha is 0, expected a finite number above 0"},
      {"GroupsThatDoNotDivide",
       "input { name: 'x' shape: [28, 28, 16] }\n"
       "layer { name: 'a' conv2d { output_channels: 6 kernel: 5 groups: 3 } }",
       "2:1: layer \"a\": groups are 3, which does not divide the 16 input "
       "channels"},
      {"NoGroups",
       image + "layer { name: 'a' conv2d { output_channels: 6 kernel: 5 "
               "groups: 0 } }",
       "2:1: layer \"a\": groups are 0, which is not in [1, 2147483647]"},
      {"LargeReflection",
       image + "layer { name: 'a' conv2d { output_channels: 6 kernel: 5 "
               "padding: [2, 28] padding_mode: REFLECT } }",
       "2:1: layer \"a\": padding before [2, 28] reflects 28 positions of axis "
       "1, the input [28, 28] has 27 beside its edge"},
      {"UnknownPaddingMode",
       image + "layer { name: 'a'\nconv2d { output_channels: 6 kernel: 5\n"
               "padding_mode: 3 } }",
       "4:1: layer \"a\": padding_mode is 3, expected ZERO, REFLECT or "
       "REPLICATE"},
      {"ConnectionToNothing",
       image + "layer { name: 'a' conv2d { output_channels: 1 kernel: 5 "
               "connection { input: [0, 1] } } }",
       "2:1: layer \"a\": connections of output channel 0 have 1, which is not "
       "in [0, 0]"},
      {"TooFewConnections",
       image + "layer { name: 'a' conv2d { output_channels: 2 kernel: 5 "
               "connection { input: 0 } } }",
       "2:1: layer \"a\": there are connections of 1 output channels, expected "
       "2"},
      {"EmptyConnection",
       image + "layer { name: 'a' conv2d { output_channels: 1 kernel: 5 "
               "connection {} } }",
       "2:1: layer \"a\": connections of output channel 0 are none"},
      {"PadOfFourAxes",
       image + "layer { name: 'a' pad { padding: [1, 1, 1, 1] } }",
       "2:25: layer \"a\": padding has 4 numbers, expected one for all axes, "
       "or "
       "one for each of at most three"},
      {"PadOfOtherAxes",
       image + "layer { name: 'a' pad { padding: [1, 1, 1] } }",
       "2:1: layer \"a\": padding before [1, 1, 1] has 3 numbers, the image "
       "has "
       "2 spatial dimensions"},
      {"PadTwice",
       image + "layer { name: 'a' pad { padding: 1 padding_after: 0 } }",
       "2:25: layer \"a\": it has padding, for both sides, and padding_before "
       "or padding_after too; expected one or the other"},
      {"PadOfUnknownMode",
       image + "layer { name: 'a' pad { padding: 1 mode: -1 } }",
       "2:36: layer \"a\": mode is -1, expected ZERO, REFLECT or REPLICATE"},
      {"PadOfARow",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' pad { padding: 1 } }",
       "3:1: layer \"a\": an image of shape [784] has 1 dimensions; padding "
       "needs 1 to 3 spatial ones and channels"},
      {"ConvolutionOfARow",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' conv2d { output_channels: 1 kernel: 1 } }",
       "3:1: layer \"a\": input has shape [784], Conv2d expects [height, "
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

class WrongModelTest : public ::testing::TestWithParam<Wrong> {};

INSTANTIATE_TEST_SUITE_P(Models, WrongModelTest,
                         ::testing::ValuesIn(WrongModels()),
                         [](const auto& info) { return info.param.name; });

TEST_P(WrongModelTest, SaysWhereAndWhy) {
  const absl::StatusOr<Graph> graph = BuildFrom(GetParam().text);
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(graph.status().message(), absl::StrCat("m:", GetParam().message));
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
