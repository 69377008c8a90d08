#include "lenslet/layers/graph.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/simple_layers.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Layer AveragePool() {
  return layers::AvgPool2d({.window = {.kernel = {2, 2}}});
}

Graph LeNet() {
  GraphBuilder builder;
  builder.AddInput("image", {28, 28, 1});
  builder.AddLayer("conv1",
                   Conv({.output_channels = 6,
                         .window = {.kernel = {5, 5}, .padding = {2, 2}}}),
                   {"image"});
  builder.AddLayer("act1", Tanh(), {"conv1"});
  builder.AddLayer("pool1", AveragePool(), {"act1"});
  builder.AddLayer("conv2",
                   Conv({.output_channels = 16, .window = {.kernel = {5, 5}}}),
                   {"pool1"});
  builder.AddLayer("act2", Tanh(), {"conv2"});
  builder.AddLayer("pool2", AveragePool(), {"act2"});
  builder.AddLayer("flatten", Flatten(), {"pool2"});
  builder.AddLayer("fc1", Linear(120), {"flatten"});
  builder.AddLayer("act3", Tanh(), {"fc1"});
  builder.AddLayer("fc2", Linear(84), {"act3"});
  builder.AddLayer("act4", Tanh(), {"fc2"});
  builder.AddLayer("fc3", Linear(10), {"act4"});
  return *builder.Build();
}

std::vector<std::string> Names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Graph::Node& node : graph.nodes()) names.push_back(node.name);
  return names;
}

TEST(GraphTest, InfersTheShapesOfLeNet) {
  const Graph graph = LeNet();
  const auto shape = [&](const std::string& name) {
    return graph.nodes()[graph.FindNode(name)].output;
  };
  EXPECT_EQ(shape("conv1"), Shape({28, 28, 6}));
  EXPECT_EQ(shape("act1"), Shape({28, 28, 6}));
  EXPECT_EQ(shape("pool1"), Shape({14, 14, 6}));
  EXPECT_EQ(shape("conv2"), Shape({10, 10, 16}));
  EXPECT_EQ(shape("pool2"), Shape({5, 5, 16}));
  EXPECT_EQ(shape("flatten"), Shape({400}));
  EXPECT_EQ(shape("fc1"), Shape({120}));
  EXPECT_EQ(shape("fc2"), Shape({84}));
  EXPECT_EQ(shape("fc3"), Shape({10}));
  EXPECT_EQ(graph.ShapeOfValue(graph.output_value()), Shape({10}));
}

TEST(GraphTest, CountsParametersAndMultiplyAddsOfLeNet) {
  const Graph graph = LeNet();
  EXPECT_EQ(graph.parameter_count(), 61706);
  int64_t multiply_adds = 0;
  for (const Graph::Node& node : graph.nodes()) {
    multiply_adds += node.cost.multiply_adds;
  }
  EXPECT_EQ(multiply_adds, 117600 + 240000 + 48000 + 10080 + 840);
  // Four additions for each output of a pooling.
  EXPECT_EQ(graph.nodes()[graph.FindNode("pool2")].cost.other_operations,
            5 * 5 * 16 * 4);
}

TEST(GraphTest, LaysOutParametersInOneArray) {
  const Graph graph = LeNet();
  std::vector<std::string> names;
  int64_t end = 0;
  for (const Graph::Parameter& parameter : graph.parameters()) {
    names.push_back(parameter.name);
    EXPECT_EQ(parameter.offset % 16, 0) << parameter.name;
    // In order, without overlap, and no more of a gap than alignment needs.
    EXPECT_GE(parameter.offset, end) << parameter.name;
    EXPECT_LT(parameter.offset, end + 16) << parameter.name;
    end = parameter.offset + parameter.info.shape.elements();
  }
  EXPECT_THAT(names,
              ElementsAre("conv1.weight", "conv1.bias", "conv2.weight",
                          "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight",
                          "fc2.bias", "fc3.weight", "fc3.bias"));
  EXPECT_EQ(graph.parameter_array_size(), (end + 15) / 16 * 16);
  const Graph::Node& conv2 = graph.nodes()[graph.FindNode("conv2")];
  EXPECT_EQ(conv2.first_parameter, 2);
  EXPECT_EQ(conv2.parameter_count, 2);
  EXPECT_EQ(graph.nodes()[graph.FindNode("act2")].parameter_count, 0);
}

TEST(GraphTest, NumbersInputsThenNodes) {
  GraphBuilder builder;
  builder.AddInput("left", {3});
  builder.AddInput("right", {3});
  builder.AddLayer("tanh", Tanh(), {"right"});
  builder.AddLayer("sum", Add(), {"tanh", "left"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  ASSERT_EQ(graph.inputs().size(), 2);
  EXPECT_EQ(graph.inputs()[1].name, "right");
  EXPECT_EQ(graph.value_count(), 4);
  EXPECT_EQ(graph.ValueOfNode(0), 2);
  EXPECT_EQ(graph.NodeOfValue(0), -1);
  EXPECT_EQ(graph.NodeOfValue(1), -1);
  EXPECT_EQ(graph.NodeOfValue(3), 1);
  EXPECT_THAT(graph.nodes()[0].inputs, ElementsAre(1));
  EXPECT_THAT(graph.nodes()[1].inputs, ElementsAre(2, 0));
  EXPECT_EQ(graph.output_value(), 3);
  EXPECT_THAT(graph.InputShapes(graph.nodes()[1]),
              ElementsAre(Shape{3}, Shape{3}));
  EXPECT_EQ(graph.FindNode("sum"), 1);
  EXPECT_EQ(graph.FindNode("left"), -1);  // An input is no node.
  EXPECT_EQ(graph.FindNode(""), -1);
}

TEST(GraphTest, SortsAChainThatIsAddedBackwards) {
  GraphBuilder builder;
  builder.AddLayer("c", Tanh(), {"b"});
  builder.AddLayer("b", Tanh(), {"a"});
  builder.AddLayer("a", Tanh(), {"x"});
  builder.AddInput("x", {1});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  EXPECT_THAT(Names(graph), ElementsAre("a", "b", "c"));
  EXPECT_EQ(graph.output_value(), 3);
}

// Only "join" has to move: the others stay as they were added, whatever their
// names.
TEST(GraphTest, KeepsTheOrderOfAddingWhereItCan) {
  GraphBuilder builder;
  builder.AddInput("x", {2});
  builder.AddLayer("join", Add(), {"z", "y"});
  builder.AddLayer("z", Tanh(), {"stem"});
  builder.AddLayer("stem", Tanh(), {"x"});
  builder.AddLayer("y", Tanh(), {"stem"});
  builder.AddLayer("last", Add(), {"join", "x"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  EXPECT_THAT(Names(graph), ElementsAre("stem", "z", "y", "join", "last"));
  EXPECT_THAT(graph.nodes()[3].inputs, ElementsAre(2, 3));
  EXPECT_THAT(graph.nodes()[4].inputs, ElementsAre(4, 0));
}

TEST(GraphTest, ALayerMayTakeAValueTwice) {
  GraphBuilder builder;
  builder.AddInput("x", {2});
  builder.AddLayer("twice", Add(), {"tanh", "tanh"});
  builder.AddLayer("tanh", Tanh(), {"x"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  EXPECT_THAT(Names(graph), ElementsAre("tanh", "twice"));
  EXPECT_THAT(graph.nodes()[1].inputs, ElementsAre(1, 1));
}

TEST(GraphTest, LayersMayShareADescription) {
  GraphBuilder builder;
  const auto linear = Linear(2);
  builder.AddInput("x", {2});
  builder.AddLayer("a", linear, {"x"});
  builder.AddLayer("b", linear, {"a"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  ASSERT_EQ(graph.parameters().size(), 4);
  EXPECT_EQ(graph.parameters()[2].name, "b.weight");
  EXPECT_EQ(graph.parameter_count(), 2 * (4 + 2));
}

TEST(GraphTest, NamesMayHaveLettersDigitsAndFourSigns) {
  GraphBuilder builder;
  builder.AddInput("Az09_-./", {2});
  builder.AddLayer("-", Tanh(), {"Az09_-./"});
  EXPECT_THAT(Names(*builder.Build()), ElementsAre("-"));
}

TEST(GraphTest, ABuilderCanBuildAgain) {
  GraphBuilder builder;
  builder.AddInput("x", {2});
  builder.AddLayer("a", Tanh(), {"x"});
  LENSLET_EXPECT_OK(builder.Build());
  builder.AddLayer("b", Tanh(), {"a"});
  EXPECT_THAT(Names(*builder.Build()), ElementsAre("a", "b"));
}

TEST(GraphTest, ARightGraphHasNoProblems) {
  GraphBuilder builder;
  builder.AddInput("x", {2});
  builder.AddLayer("a", Tanh(), {"x"});
  std::vector<GraphProblem> problems;
  const std::optional<Graph> graph =
      builder.Build(/*max_problems=*/1, problems);
  EXPECT_TRUE(problems.empty());
  ASSERT_TRUE(graph.has_value());
  EXPECT_THAT(Names(*graph), ElementsAre("a"));
}

TEST(GraphTest, AnInputMayHaveFiveDimensions) {
  GraphBuilder builder;
  builder.AddInput("x", {1, 2, 1, 2, 1});
  builder.AddLayer("a", Tanh(), {"x"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  EXPECT_EQ(graph.nodes()[0].output, Shape({1, 2, 1, 2, 1}));
}

TEST(GraphTest, AScalarIsAnInput) {
  GraphBuilder builder;
  builder.AddInput("x", {});
  builder.AddLayer("a", Tanh(), {"x"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  EXPECT_EQ(graph.nodes()[0].output, Shape());
  EXPECT_THAT(graph.parameters(), IsEmpty());
  EXPECT_EQ(graph.parameter_array_size(), 0);
}

}  // namespace
}  // namespace lenslet
