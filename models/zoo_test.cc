#include "lenslet/models/zoo.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/lenet.h"
#include "lenslet/models/lenet_1998.h"
#include "lenslet/models/lenet_relu.h"
#include "lenslet/models/mlp.h"
#include "lenslet/models/model_text.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// "conv1 Conv2d [28, 28, 6]"
std::vector<std::string> Lines(const Graph& graph) {
  std::vector<std::string> lines;
  for (const Graph::Node& node : graph.nodes()) {
    lines.push_back(absl::StrCat(node.name, " ", node.layer.type(), " ",
                                 node.output.ToString()));
  }
  return lines;
}

// The usual count leaves out what pooling adds up.
int64_t MultiplyAddsOfParameters(const Graph& graph) {
  int64_t multiply_adds = 0;
  for (const Graph::Node& node : graph.nodes()) {
    if (node.parameter_count > 0) multiply_adds += node.cost.multiply_adds;
  }
  return multiply_adds;
}

TEST(ZooTest, LenetIsTheBooks) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, Lenet());
  ASSERT_EQ(graph.inputs().size(), 1);
  EXPECT_EQ(graph.inputs()[0].name, "image");
  EXPECT_EQ(graph.inputs()[0].shape, Shape({28, 28, 1}));
  EXPECT_THAT(
      Lines(graph),
      ElementsAre("conv1 Conv2d [28, 28, 6]", "sigmoid1 Sigmoid [28, 28, 6]",
                  "pool1 AvgPool2d [14, 14, 6]", "conv2 Conv2d [10, 10, 16]",
                  "sigmoid2 Sigmoid [10, 10, 16]", "pool2 AvgPool2d [5, 5, 16]",
                  "flatten Flatten [400]", "linear1 Linear [120]",
                  "sigmoid3 Sigmoid [120]", "linear2 Linear [84]",
                  "sigmoid4 Sigmoid [84]", "linear3 Linear [10]"));
  EXPECT_EQ(graph.parameter_count(), 61'706);
  EXPECT_EQ(MultiplyAddsOfParameters(graph), 416'520);
  EXPECT_EQ(graph.output_value(), graph.ValueOfNode(11));
}

TEST(ZooTest, LenetReluHasOtherActivationsAndPools) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, LenetRelu());
  EXPECT_THAT(
      Lines(graph),
      ElementsAre("conv1 Conv2d [28, 28, 6]", "relu1 Relu [28, 28, 6]",
                  "pool1 MaxPool2d [14, 14, 6]", "conv2 Conv2d [10, 10, 16]",
                  "relu2 Relu [10, 10, 16]", "pool2 MaxPool2d [5, 5, 16]",
                  "flatten Flatten [400]", "linear1 Linear [120]",
                  "relu3 Relu [120]", "linear2 Linear [84]", "relu4 Relu [84]",
                  "linear3 Linear [10]"));
  EXPECT_EQ(graph.parameter_count(), 61'706);
  EXPECT_EQ(MultiplyAddsOfParameters(graph), 416'520);
}

// The paper's counts, layer by layer: C1, S2, C3, S4, C5, F6.
TEST(ZooTest, Lenet1998HasThePapersParameters) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, Lenet1998());
  std::map<std::string, int64_t> parameters;
  int64_t trainable = 0;
  for (const Graph::Parameter& parameter : graph.parameters()) {
    const int64_t size = parameter.info.shape.elements();
    parameters[parameter.name.substr(0, parameter.name.find('.'))] += size;
    if (parameter.info.trainable) trainable += size;
  }
  EXPECT_THAT(parameters,
              ElementsAre(Pair("c1", 156), Pair("c3", 1'516),
                          Pair("c5", 48'120), Pair("f6", 10'164),
                          Pair("output", 840), Pair("s2", 12), Pair("s4", 32)));
  EXPECT_EQ(trainable, 60'000);
}

// README's table.
TEST(ZooTest, TrainableParameters) {
  std::map<std::string, int64_t> trainable;
  for (const std::string& name : ZooModelNames()) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const absl::string_view source,
                                 FindZooModel(name));
    LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                                 ParseModelText(source, name));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, BuildGraph(text));
    for (const Graph::Parameter& parameter : graph.parameters()) {
      if (!parameter.info.trainable) continue;
      trainable[name] += parameter.info.shape.elements();
    }
  }
  EXPECT_THAT(
      trainable,
      ElementsAre(
          Pair("alexnet_small", 79'562), Pair("clips", 3'764),
          Pair("densenet_small", 40'250), Pair("googlenet_small", 53'718),
          Pair("inception", 14'750), Pair("lenet", 61'706),
          Pair("lenet_1998", 60'000), Pair("lenet_3x3", 62'724),
          Pair("lenet_deep", 25'162), Pair("lenet_relu", 61'706),
          Pair("lenet_wide", 117'078), Pair("mlp", 203'530),
          Pair("mobile", 65'034), Pair("modern", 60'994), Pair("nin", 17'290),
          Pair("residual", 19'706), Pair("residual_100k", 97'170),
          Pair("residual_100k_fast", 97'170), Pair("residual_260k", 261'754),
          Pair("resnet20", 269'722), Pair("spectrogram", 6'332),
          Pair("text", 1'838), Pair("vgg_small", 144'826)));
}

// What comes out of each layer stands behind it in the files.
TEST(ZooTest, CommentsTellTheShapes) {
  for (const std::string& name : ZooModelNames()) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const absl::string_view source,
                                 FindZooModel(name));
    LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                                 ParseModelText(source, name));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, BuildGraph(text));
    std::string layer;
    for (const absl::string_view line : absl::StrSplit(source, '\n')) {
      if (absl::StartsWith(line, "  name: ")) {
        layer = std::string(line.substr(9, line.size() - 10));
      }
      if (!absl::StartsWith(line, "}  # ")) continue;
      EXPECT_EQ(graph.nodes()[graph.FindNode(layer)].output.ToString(),
                std::string(line.substr(5)))
          << name << ": " << layer;
    }
  }
}

TEST(ZooTest, MlpHasOneHiddenLayer) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, Mlp());
  EXPECT_THAT(Lines(graph),
              ElementsAre("flatten Flatten [784]", "linear1 Linear [256]",
                          "relu1 Relu [256]", "linear2 Linear [10]"));
  EXPECT_EQ(graph.parameter_count(), 785 * 256 + 257 * 10);
  EXPECT_EQ(MultiplyAddsOfParameters(graph), 784 * 256 + 256 * 10);
}

TEST(ZooTest, FindsEachModelByItsName) {
  const std::vector<std::string> names = ZooModelNames();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const auto& [name, text] : {std::pair("lenet", LenetText()),
                                   {"lenet_relu", LenetReluText()},
                                   {"mlp", MlpText()},
                                   {"lenet_1998", Lenet1998Text()}}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const absl::string_view found,
                                 FindZooModel(name));
    EXPECT_EQ(found, text);
  }
}

TEST(ZooTest, RejectsAnUnknownName) {
  const std::string all = absl::StrJoin(ZooModelNames(), ", ");
  EXPECT_THAT(FindZooModel("lennet"),
              StatusIs(absl::StatusCode::kNotFound,
                       absl::StrCat(
                           "the zoo has no model \"lennet\"; expected one of: ",
                           all, "; did you mean \"lenet\"?")));
  EXPECT_THAT(
      FindZooModel(""),
      StatusIs(
          absl::StatusCode::kNotFound,
          absl::StrCat("the zoo has no model \"\"; expected one of: ", all)));
}

TEST(ZooTest, TextsKeepTheirCommentsAndLines) {
  EXPECT_TRUE(LenetText().substr(0, 10) == "# LeNet-5,");
  EXPECT_EQ(LenetText().back(), '\n');
  EXPECT_NE(LenetText().find("\n\ninput {\n  name: \"image\"\n"),
            absl::string_view::npos);
}

TEST(ZooTest, EachModelSurvivesWritingAndReading) {
  for (const std::string& name : ZooModelNames()) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const absl::string_view source,
                                 FindZooModel(name));
    LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                                 ParseModelText(source, name));
    LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText again,
                                 ParseModelText(ProtoToText(text.model), name));
    EXPECT_EQ(again.model.SerializeAsString(), text.model.SerializeAsString());
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, BuildGraph(text));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph_again, BuildGraph(again));
    EXPECT_EQ(Lines(graph), Lines(graph_again));
  }
}

TEST(ZooTest, EachModelRuns) {
  for (const std::string& name : ZooModelNames()) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const absl::string_view source,
                                 FindZooModel(name));
    LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                                 ParseModelText(source, name));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, BuildGraph(text));
    LENSLET_ASSERT_OK_AND_ASSIGN(Parameters parameters,
                                 Parameters::Create(graph));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const std::unique_ptr<Executor> executor,
        Executor::Create(graph, parameters, {.images = 2, .training = true}));
    executor->Forward(2);
    EXPECT_EQ(executor->output().shape(),
              *graph.ShapeOfValue(graph.output_value()).WithOuter(2));
  }
}

TEST(ZooTest, SuggestsAModel) {
  EXPECT_EQ(SuggestZooModel("lenett"), "; did you mean \"lenet\"?");
  EXPECT_EQ(SuggestZooModel("resnet"), "; did you mean \"residual\"?");
  EXPECT_EQ(SuggestZooModel("ResNet18"), "; did you mean \"residual\"?");
  EXPECT_EQ(SuggestZooModel("vgg16"), "");
}

}  // namespace
}  // namespace lenslet
