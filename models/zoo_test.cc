#include "models/zoo.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/executor.h"
#include "layers/graph.h"
#include "layers/parameters.h"
#include "models/build_graph.h"
#include "models/lenet.h"
#include "models/lenet_relu.h"
#include "models/mlp.h"
#include "models/model_text.h"
#include "tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// "conv1 Conv2d [28, 28, 6]"
std::vector<std::string> Lines(const Graph& graph) {
  std::vector<std::string> lines;
  for (const Graph::Node& node : graph.nodes()) {
    lines.push_back(absl::StrCat(node.name, " ", node.layer->type(), " ",
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

TEST(ZooTest, MlpHasOneHiddenLayer) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, Mlp());
  EXPECT_THAT(Lines(graph),
              ElementsAre("flatten Flatten [784]", "linear1 Linear [256]",
                          "relu1 Relu [256]", "linear2 Linear [10]"));
  EXPECT_EQ(graph.parameter_count(), 785 * 256 + 257 * 10);
  EXPECT_EQ(MultiplyAddsOfParameters(graph), 784 * 256 + 256 * 10);
}

TEST(ZooTest, FindsEachModelByItsName) {
  EXPECT_THAT(ZooModelNames(), ElementsAre("lenet", "lenet_relu", "mlp"));
  for (const auto& [name, text] : {std::pair("lenet", LenetText()),
                                   {"lenet_relu", LenetReluText()},
                                   {"mlp", MlpText()}}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const absl::string_view found,
                                 FindZooModel(name));
    EXPECT_EQ(found, text);
  }
}

TEST(ZooTest, RejectsAnUnknownName) {
  EXPECT_THAT(FindZooModel("lennet"),
              StatusIs(absl::StatusCode::kNotFound,
                       "the zoo has no model \"lennet\", only lenet, "
                       "lenet_relu, mlp; did you mean \"lenet\"?"));
  EXPECT_THAT(FindZooModel(""), StatusIs(absl::StatusCode::kNotFound,
                                         "the zoo has no model \"\", only "
                                         "lenet, lenet_relu, mlp"));
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
                                 ParseModelText(ModelToText(text.model), name));
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
    EXPECT_EQ(executor->output().shape(), Shape({2, 10}));
  }
}

}  // namespace
}  // namespace lenslet
