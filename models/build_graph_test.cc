#include "lenslet/models/build_graph.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/model_text.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/tensor/shape.h"

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
                           .layer.type());
  };
  EXPECT_EQ(type("sigmoid {}"), "Sigmoid");
  EXPECT_EQ(type("tanh {}"), "Tanh");
  EXPECT_EQ(type("relu {}"), "Relu");
  EXPECT_EQ(type("leaky_relu {}"), "LeakyRelu");
  EXPECT_EQ(type("elu {}"), "Elu");
  EXPECT_EQ(type("gelu {}"), "Gelu");
  EXPECT_EQ(type("silu {}"), "Silu");
  EXPECT_EQ(type("softplus {}"), "Softplus");
  EXPECT_EQ(type("clip {}"), "Clip");
  EXPECT_EQ(type("hard_sigmoid {}"), "HardSigmoid");
  EXPECT_EQ(type("hard_swish {}"), "HardSwish");
  ExpectOutput("sigmoid {}", {13, 17, 2});
  ExpectOutput("tanh {}", {13, 17, 2});
  ExpectOutput("relu {}", {13, 17, 2});
}

// The spec of one layer that reads an image of 4 channels.
LayerSpec SpecOf(absl::string_view layer) {
  return BuildFrom(absl::StrCat("input { name: 'x' shape: [8, 8, 4] } "
                                "layer { name: 'y' ",
                                layer, " }"))
      ->nodes()[0]
      .layer.spec();
}

TEST(BuildGraphTest, EveryActivationHasAField) {
  for (const ActivationKind kind : kActivationKinds) {
    const LayerSpec spec = SpecOf(absl::StrCat(Name(kind), " {}"));
    EXPECT_EQ(std::get<ActivationSpec>(spec).kind, kind) << Name(kind);
  }
}

// A model file and C++ code have the same defaults.
TEST(BuildGraphTest, DefaultsAreThoseOfTheSpecs) {
  EXPECT_EQ(std::get<ActivationSpec>(SpecOf("leaky_relu {}")).slope,
            ActivationSpec().slope);
  EXPECT_EQ(std::get<ActivationSpec>(SpecOf("elu {}")).alpha,
            ActivationSpec().alpha);
  EXPECT_EQ(std::get<ActivationSpec>(SpecOf("clip {}")).min,
            ActivationSpec().min);
  EXPECT_EQ(std::get<ActivationSpec>(SpecOf("clip {}")).max,
            ActivationSpec().max);
  EXPECT_EQ(std::get<ActivationSpec>(SpecOf("hard_sigmoid {}")).hard_slope,
            ActivationSpec().hard_slope);
  EXPECT_EQ(std::get<ActivationSpec>(SpecOf("hard_sigmoid {}")).offset,
            ActivationSpec().offset);
  EXPECT_EQ(std::get<BatchNormSpec>(SpecOf("batch_norm {}")).epsilon,
            BatchNormSpec().epsilon);
  EXPECT_EQ(std::get<BatchNormSpec>(SpecOf("batch_norm {}")).momentum,
            BatchNormSpec().momentum);
  EXPECT_EQ(std::get<LayerNormSpec>(SpecOf("layer_norm {}")).epsilon,
            LayerNormSpec().epsilon);
  const LrnSpec lrn = std::get<LrnSpec>(SpecOf("lrn {}"));
  EXPECT_EQ(lrn.size, LrnSpec().size);
  EXPECT_EQ(lrn.alpha, LrnSpec().alpha);
  EXPECT_EQ(lrn.beta, LrnSpec().beta);
  EXPECT_EQ(lrn.bias, LrnSpec().bias);
  EXPECT_EQ(std::get<PoolLayer>(SpecOf("softmax_pool2d { kernel: 2 }"))
                .spec.temperature,
            PoolSpec().temperature);
  EXPECT_EQ(
      std::get<ConvLayer>(SpecOf("conv2d { kernel: 2 output_channels: 3 }"))
          .spec.groups,
      ConvSpec().groups);
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
    return std::get<ActivationSpec>(
        BuildFrom(absl::StrCat("input { name: 'x' shape: 3 } layer { name: "
                               "'y' ",
                               layer, " }"))
            ->nodes()[0]
            .layer.spec());
  };
  EXPECT_EQ(spec("leaky_relu {}").slope, 0.01f);
  EXPECT_EQ(spec("leaky_relu { slope: 0.2 }").slope, 0.2f);
  EXPECT_EQ(spec("leaky_relu { slope: 0 }").slope, 0.0f);
  EXPECT_EQ(spec("elu {}").alpha, 1.0f);
  EXPECT_EQ(spec("elu { alpha: 2.5 }").alpha, 2.5f);
  EXPECT_EQ(spec("clip { min: -2 }").min, -2.0f);
  EXPECT_EQ(spec("clip { max: 0.5 }").max, 0.5f);
  EXPECT_EQ(spec("hard_sigmoid { slope: 0.2 }").hard_slope, 0.2f);
  EXPECT_EQ(spec("hard_sigmoid { offset: 0 }").offset, 0.0f);
}

TEST(BuildGraphTest, ResizeHasItsFields) {
  ExpectOutput("resize { scale: 2 }", {26, 34, 2});
  ExpectOutput("resize { scale: [0.5, 2] mode: LINEAR }", {6, 34, 2});
  ExpectOutput("resize { output: [3, 4] }", {3, 4, 2});
  const auto spec = [](absl::string_view fields) {
    return std::get<ResizeSpec>(
        SpecOf(absl::StrCat("resize { scale: 2 ", fields, " }")));
  };
  EXPECT_EQ(spec("").mode, ResizeSpec().mode);
  EXPECT_EQ(spec("").coordinates, ResizeSpec().coordinates);
  EXPECT_EQ(spec("").rounding, ResizeSpec().rounding);
  EXPECT_EQ(spec("mode: LINEAR").mode, ResizeMode::kLinear);
  for (const auto& [name, coordinates] :
       {std::pair("PYTORCH_HALF_PIXEL", ResizeCoordinates::kPytorchHalfPixel),
        {"ALIGN_CORNERS", ResizeCoordinates::kAlignCorners},
        {"ASYMMETRIC", ResizeCoordinates::kAsymmetric}}) {
    EXPECT_EQ(spec(absl::StrCat("coordinates: ", name)).coordinates,
              coordinates);
  }
  for (const auto& [name, rounding] :
       {std::pair("ROUND_PREFER_CEIL", ResizeRounding::kRoundPreferCeil),
        {"ROUND_FLOOR", ResizeRounding::kFloor},
        {"ROUND_CEIL", ResizeRounding::kCeil}}) {
    EXPECT_EQ(spec(absl::StrCat("rounding: ", name)).rounding, rounding);
  }
}

TEST(BuildGraphTest, LrnHasItsFields) {
  const LrnSpec spec =
      std::get<LrnSpec>(SpecOf("lrn { size: 3 alpha: 0.5 beta: 1.5 bias: 2 }"));
  EXPECT_EQ(spec.size, 3);
  EXPECT_EQ(spec.alpha, 0.5f);
  EXPECT_EQ(spec.beta, 1.5f);
  EXPECT_EQ(spec.bias, 2.0f);
}

TEST(BuildGraphTest, LayerNormHasItsFields) {
  const auto spec = [](absl::string_view layer) {
    return std::get<LayerNormSpec>(SpecOf(layer));
  };
  EXPECT_FALSE(spec("layer_norm {}").axis.has_value());
  EXPECT_EQ(spec("layer_norm { axis: 1 }").axis, 1);
  EXPECT_EQ(spec("layer_norm { epsilon: 0.25 }").epsilon, 0.25);
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
  EXPECT_EQ(sum.nodes()[1].layer.type(), "Add");
  EXPECT_THAT(sum.nodes()[1].inputs, ElementsAre(1, 0, 1));
  EXPECT_EQ(sum.nodes()[1].output, Shape({2, 3}));
  EXPECT_EQ(output("concat {}")->nodes()[1].layer.type(), "Concat");
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

}  // namespace
}  // namespace lenslet
