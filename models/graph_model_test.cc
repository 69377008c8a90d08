#include "lenslet/models/graph_model.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/custom_layer.h"
#include "lenslet/layers/layers.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/models/zoo.h"

namespace lenslet {
namespace {

using namespace layers;  // NOLINT: layers are what these tests are made of.

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// The model on one line.
std::string Text(const ModelProto& model) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseShortRepeatedPrimitives(true);
  std::string text;
  EXPECT_TRUE(printer.PrintToString(model, &text));
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// What the model says of a layer, whose input has this shape.
std::string LayerText(const Shape& image, const Layer& layer) {
  GraphBuilder builder;
  builder.AddInput("x", image);
  builder.AddLayer("y", layer, {"x"});
  const absl::StatusOr<Graph> graph = builder.Build();
  if (!graph.ok()) return std::string(graph.status().message());
  ModelProto model = ModelOf(*graph).value();
  model.clear_input();
  return Text(model);
}

TEST(GraphModelTest, DescribesEveryOption) {
  const Shape image = {9, 9, 4};
  const Shape clip = {9, 9, 9, 4};
  const Shape sound = {9, 4};
  struct Case {
    Shape image;
    Layer layer;
    std::string kind;
  };
  const std::vector<Case> cases = {
      {image, Conv2d({.output_channels = 6, .window = {.kernel = {3, 3}}}),
       "conv2d { kernel: [3] output_channels: 6 }"},
      {image,
       Conv2d({.input_channels = 4,
               .output_channels = 6,
               .window = {.kernel = {3, 5},
                          .stride = {2, 2},
                          .dilation = {1, 2},
                          .padding = {2, 3}},
               .has_bias = false,
               .groups = 2,
               .padding_mode = PaddingMode::kReflect,
               .flip = true},
              /*trainable=*/false),
       "conv2d { kernel: [3, 5] stride: [2] dilation: [1, 2] padding: [2, 3] "
       "output_channels: 6 input_channels: 4 bias: false groups: 2 "
       "padding_mode: REFLECT flip: true trainable: false }"},
      {image,
       Conv2d({.output_channels = 2,
               .window = {.kernel = {1, 1}, .stride = {1, 1}},
               .connections = {{0, 2}, {3}}}),
       "conv2d { kernel: [1] output_channels: 2 connection { input: [0, 2] } "
       "connection { input: [3] } }"},
      {sound,
       Conv1d({.output_channels = 1,
               .window = {.kernel = {2}, .padding = Padding({1}, {0})}}),
       "conv1d { kernel: [2] padding_before: [1] output_channels: 1 }"},
      {clip,
       Conv3d({.output_channels = 1,
               .window = {.kernel = {2, 2, 1}},
               .padding_mode = PaddingMode::kReplicate}),
       "conv3d { kernel: [2, 2, 1] output_channels: 1 padding_mode: "
       "REPLICATE }"},
      {image,
       ConvTranspose2d({.output_channels = 3,
                        .window = {.kernel = {2, 2},
                                   .stride = {2, 2},
                                   .padding = {{0, 1}, {0, 0}}},
                        .output_padding = {1, 0},
                        .has_bias = false}),
       "conv_transpose2d { kernel: [2] stride: [2] padding_before: [0, 1] "
       "output_padding: [1, 0] output_channels: 3 bias: false }"},
      {image, Linear({.input_features = 4, .output_features = 2}, false),
       "linear { output_features: 2 input_features: 4 trainable: false }"},
      {image,
       MaxPool2d({.window = {.kernel = {2, 2}, .stride = {2, 2}},
                  .rounding = Rounding::kCeil}),
       "max_pool2d { kernel: [2] ceil: true }"},
      {image, MinPool2d({.window = {.kernel = {3, 3}, .stride = {1, 2}}}),
       "min_pool2d { kernel: [3] stride: [1, 2] }"},
      {sound,
       AvgPool1d(
           {.window = {.kernel = {3}, .padding = {1}}, .count_padding = false}),
       "avg_pool1d { kernel: [3] padding: [1] count_padding: false }"},
      {clip,
       SoftmaxPool3d({.window = {.kernel = {3, 3, 3}}, .temperature = 0.5}),
       "softmax_pool3d { kernel: [3] temperature: 0.5 }"},
      {image, AdaptiveMaxPool({2, 3}), "adaptive_max_pool { output: [2, 3] }"},
      {image, AdaptiveAvgPool({2}), "adaptive_avg_pool { output: [2] }"},
      {image, GlobalMaxPool(), "global_max_pool { }"},
      {image, GlobalAvgPool(), "global_avg_pool { }"},
      {image, Sigmoid(), "sigmoid { }"},
      {image, Tanh(), "tanh { }"},
      {image, Relu(), "relu { }"},
      {image, LeakyRelu(), "leaky_relu { }"},
      {image, LeakyRelu(0.25f), "leaky_relu { slope: 0.25 }"},
      {image, Elu(2), "elu { alpha: 2 }"},
      {image, Gelu(), "gelu { }"},
      {image, Silu(), "silu { }"},
      {image, Softplus(), "softplus { }"},
      {image, Clip(), "clip { }"},
      {image, Clip(-1, 2.5f), "clip { min: -1 max: 2.5 }"},
      {image, HardSigmoid(), "hard_sigmoid { }"},
      {image, HardSigmoid(0.25f, 0), "hard_sigmoid { slope: 0.25 offset: 0 }"},
      {image, HardSwish(), "hard_swish { }"},
      {image, BatchNorm(), "batch_norm { }"},
      {image, BatchNorm({.epsilon = 0.001, .momentum = 0.2}),
       "batch_norm { epsilon: 0.001 momentum: 0.2 }"},
      {image, LayerNorm(), "layer_norm { }"},
      {image, LayerNorm({.axis = 0, .epsilon = 0.001}),
       "layer_norm { axis: 0 epsilon: 0.001 }"},
      {image, Lrn(), "lrn { }"},
      {image, Lrn({.size = 3, .alpha = 0.5f, .beta = 1, .bias = 2}),
       "lrn { size: 3 alpha: 0.5 beta: 1 bias: 2 }"},
      {image, Dropout(0.5), "dropout { rate: 0.5 }"},
      {image, Pad({.mode = PaddingMode::kReflect, .padding = {{1, 2}, {0, 0}}}),
       "pad { padding_before: [1, 2] mode: REFLECT }"},
      {image, Resize({.scale = {2}}), "resize { scale: [2] }"},
      {image,
       Resize({.mode = ResizeMode::kLinear,
               .coordinates = ResizeCoordinates::kAlignCorners,
               .rounding = ResizeRounding::kCeil,
               .output = {3, 4}}),
       "resize { mode: LINEAR coordinates: ALIGN_CORNERS rounding: ROUND_CEIL "
       "output: [3, 4] }"},
      {image, Flatten(), "flatten { }"},
      {image, Reshape({-1, 4}), "reshape { shape: [-1, 4] }"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(LayerText(c.image, c.layer),
              absl::StrCat("layer { name: \"y\" ", c.kind, " }"));
  }
}

class HalfOperator : public CustomInferenceOperator {
 public:
  std::string Kind() const override { return "Half"; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override {
    return LayerInfo{.output = inputs[0], .cost = {.multiply_adds = kCost}};
  }
  void Forward(const ForwardBlock& block) const override {
    for (int64_t i = 0; i < block.output.size(); ++i) {
      block.output[i] = block.inputs[0][i] / 2;
    }
  }
  static constexpr int64_t kCost = int64_t{1} << 62;
};

Graph Halves(const Shape& shape, int count) {
  GraphBuilder builder;
  builder.AddInput("x", shape);
  std::string last = "x";
  for (int i = 0; i < count; ++i) {
    const std::string name = absl::StrCat("half", i);
    builder.AddLayer(name, Custom(std::make_shared<HalfOperator>()), {last});
    last = name;
  }
  return *builder.Build();
}

TEST(GraphModelTest, NamesACustomLayer) {
  EXPECT_THAT(ModelOf(Halves({4}, 1)),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "layer \"half0\": Half is a custom layer, which a model "
                       "file cannot describe; SaveParameters() saves the "
                       "parameters of such a network"));
}

TEST(GraphModelTest, ChecksAGraphThatNoModelDescribes) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(CheckAsModel(Halves({4}, 1), "halves"), IsOk());
  EXPECT_THAT(CheckAsModel(Halves({4}, 1), std::string(129, 'x')),
              StatusIs(code, HasSubstr("the model's name has 129 bytes")));
  EXPECT_THAT(CheckAsModel(Halves({4}, 2), ""),
              StatusIs(code, HasSubstr("more multiply-adds or bytes than")));
  GraphBuilder builder;
  builder.AddInput("x", {});
  builder.AddLayer("flatten", Flatten(), {"x"});
  EXPECT_THAT(CheckAsModel(*builder.Build(), ""),
              StatusIs(code,
                       "input \"x\": shape has 0 sizes; expected 1 to 5, such "
                       "as [28, 28, 1]"));
}

TEST(GraphModelTest, NamesInputsThatAreNotThePreviousLayer) {
  GraphBuilder builder;
  builder.AddInput("a", {4, 2});
  builder.AddInput("b", {4, 2});
  builder.AddLayer("relu", Relu(), {"b"});
  builder.AddLayer("tanh", Tanh(), {"relu"});
  builder.AddLayer("left", Relu(), {"a"});
  builder.AddLayer("sum", Add(), {"left", "tanh"});
  builder.AddLayer("out", Concat({.axis = 0}), {"sum", "sum"});
  const absl::StatusOr<Graph> graph = builder.Build();
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Text(*ModelOf(*graph)),
            "input { name: \"a\" shape: [4, 2] } "
            "input { name: \"b\" shape: [4, 2] } "
            "layer { name: \"relu\" input: \"b\" relu { } } "
            "layer { name: \"tanh\" tanh { } } "
            "layer { name: \"left\" input: \"a\" relu { } } "
            "layer { name: \"sum\" input: \"left\" input: \"tanh\" add { } } "
            "layer { name: \"out\" input: \"sum\" input: \"sum\" "
            "concat { axis: 0 } }");
}

// What matters of a graph, as text.
std::vector<std::string> Facts(const Graph& graph) {
  std::vector<std::string> facts;
  for (const Graph::Input& input : graph.inputs()) {
    facts.push_back(absl::StrCat(input.name, " ", input.shape.ToString()));
  }
  for (const Graph::Node& node : graph.nodes()) {
    std::string fact =
        absl::StrCat(node.name, " ", node.layer.type(), " ",
                     node.layer.Details(), " ", node.output.ToString());
    for (const int input : node.inputs) absl::StrAppend(&fact, " ", input);
    facts.push_back(fact);
  }
  for (const Graph::Parameter& parameter : graph.parameters()) {
    facts.push_back(absl::StrCat(parameter.name, " ",
                                 parameter.info.shape.ToString(), " ",
                                 parameter.info.trainable));
  }
  return facts;
}

TEST(GraphModelTest, GivesTheSameGraphAgainForEveryModelOfTheZoo) {
  for (const std::string& name : ZooModelNames()) {
    SCOPED_TRACE(name);
    const absl::StatusOr<ModelText> text =
        ParseModelText(*FindZooModel(name), name);
    ASSERT_THAT(text, IsOk());
    const absl::StatusOr<Graph> graph = BuildGraph(text->model);
    ASSERT_THAT(graph, IsOk());
    const absl::StatusOr<Graph> again = BuildGraph(*ModelOf(*graph));
    ASSERT_THAT(again, IsOk());
    EXPECT_THAT(Facts(*again), ElementsAreArray(Facts(*graph)));
    EXPECT_EQ(Text(*ModelOf(*again)), Text(*ModelOf(*graph)));
  }
}

}  // namespace
}  // namespace lenslet
