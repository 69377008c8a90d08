#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/testing/simple_layers.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

struct RejectedGraph {
  std::string name;
  std::function<void(GraphBuilder& builder)> add;
  std::string message;
  int failed_layer;
};

// A right layer "a" comes before the wrong one.
std::function<void(GraphBuilder&)> Named(const std::string& name) {
  return [name](GraphBuilder& builder) {
    builder.AddInput("x", {2});
    builder.AddLayer("a", Tanh(), {"x"});
    builder.AddLayer(name, Tanh(), {"a"});
  };
}

std::function<void(GraphBuilder&)> NamedInput(const std::string& name) {
  return [name](GraphBuilder& builder) {
    builder.AddInput(name, {2});
    builder.AddLayer("a", Tanh(), {name});
  };
}

std::vector<RejectedGraph> NameCases() {
  const std::string characters =
      "its name has invalid characters; expected only letters, digits and _-./";
  return {
      {"NoName", Named(""),
       "layer 2 (Tanh): it has no name; expected name: \"...\"", 1},
      {"Space", Named("fc 1"), "layer \"fc 1\": " + characters, 1},
      // Whoever wrote the file does not get to write to the terminal.
      {"TerminalEscape", Named("\x1b[31mred"),
       "layer \"\\x1b[31mred\": " + characters, 1},
      {"Newline", Named("a\nerror: b"), "layer \"a\\nerror: b\": " + characters,
       1},
      {"Quote", Named("a\""), "layer \"a\\\"\": " + characters, 1},
      {"Zero", Named(std::string("a\0b", 3)),
       "layer \"a\\x00\\x62\": " + characters, 1},
      {"NotAscii", Named("\xc3\xa9"), "layer \"\\xc3\\xa9\": " + characters, 1},
      {"Twice", Named("a"), "layer \"a\": duplicate name", 1},
      {"TwiceWithAnInput", Named("x"), "layer \"x\": duplicate name", 1},
      {"InputWithoutName", NamedInput(""),
       "input 1: it has no name; expected name: \"...\"", -1},
      {"InputWithEscape", NamedInput("\x1b"), "input \"\\x1b\": " + characters,
       -1},
      {"InputTwice",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddInput("x", {2});
         builder.AddLayer("a", Add(), {"x", "x"});
       },
       "input \"x\": duplicate name", -1},
  };
}

std::vector<RejectedGraph> EdgeCases() {
  return {
      {"NoInputs",
       [](GraphBuilder& builder) { builder.AddLayer("a", Tanh(), {"a"}); },
       "the model has no input", -1},
      {"NoLayers", [](GraphBuilder& builder) { builder.AddInput("x", {2}); },
       "the model has no layers", -1},
      {"Nothing", [](GraphBuilder&) {}, "the model has no input", -1},
      {"UnknownInput",
       [](GraphBuilder& builder) {
         builder.AddInput("image", {2});
         builder.AddLayer("conv1", Tanh(), {"image"});
         builder.AddLayer("conv2", Tanh(), {"conf1"});
       },
       "layer \"conv2\": there is no layer or input \"conf1\"; did you mean "
       "\"conv1\"?",
       1},
      {"UnknownGraphInput",
       [](GraphBuilder& builder) {
         builder.AddInput("image", {2});
         builder.AddLayer("a", Tanh(), {"Imag"});
       },
       "layer \"a\": there is no layer or input \"Imag\"; did you mean "
       "\"image\"?",
       0},
      {"UnknownInputLikeNoOther",
       [](GraphBuilder& builder) {
         builder.AddInput("image", {2});
         builder.AddLayer("a", Tanh(), {"image"});
         builder.AddLayer("b", Tanh(), {"encoder"});
       },
       "layer \"b\": there is no layer or input \"encoder\"", 1},
      {"UnknownInputWithEscape",
       [](GraphBuilder& builder) {
         builder.AddInput("image", {2});
         builder.AddLayer("a", Tanh(), {"\x1b[2J"});
       },
       "layer \"a\": there is no layer or input \"\\x1b[2J\"", 0},
      {"SelfLoop",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddLayer("a", Tanh(), {"x"});
         builder.AddLayer("loop", Add(), {"a", "loop"});
       },
       "layer \"loop\": layers form a cycle: loop <- loop", 1},
      // "tail" is only fed by the circle, and "head" only feeds it.
      {"LongerCycle",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddLayer("tail", Tanh(), {"b"});
         builder.AddLayer("head", Tanh(), {"x"});
         builder.AddLayer("a", Add(), {"head", "c"});
         builder.AddLayer("b", Tanh(), {"a"});
         builder.AddLayer("c", Tanh(), {"b"});
       },
       "layer \"b\": layers form a cycle: b <- a <- c <- b", 3},
      {"UnusedInput",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddInput("label", {1});
         builder.AddLayer("a", Tanh(), {"x"});
       },
       "input \"label\": unused input", -1},
      {"TwoOutputs",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddLayer("a", Tanh(), {"x"});
         builder.AddLayer("b", Tanh(), {"x"});
       },
       "no layer reads the outputs of 2 layers: a, b; expected one such "
       "layer, whose output is the network's",
       -1},
  };
}

std::vector<RejectedGraph> LayerCases() {
  return {
      {"OtherChannels",
       [](GraphBuilder& builder) {
         builder.AddInput("image", {28, 28, 1});
         builder.AddLayer(
             "conv1",
             Conv({.output_channels = 6, .window = {.kernel = {5, 5}}}),
             {"image"});
         builder.AddLayer("conv2",
                          Conv({.input_channels = 3,
                                .output_channels = 16,
                                .window = {.kernel = {5, 5}}}),
                          {"conv1"});
       },
       "layer \"conv2\": input has 6 channels; expected 3", 1},
      // The index is that of adding, not that in the sorted graph.
      {"WrongLayerAddedFirst",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddLayer("fc", Linear(0), {"a"});
         builder.AddLayer("a", Tanh(), {"x"});
       },
       "layer \"fc\": output_features is 0; expected a number in [1, "
       "2147483647]",
       0},
      {"NoInputOfALayer",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddLayer("a", Tanh(), {"x"});
         builder.AddLayer("b", Tanh(), {});
       },
       "layer \"b\": has 0 inputs; expected 1", 1},
      {"TooManyInputsOfALayer",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddLayer("a", Tanh(), {"x", "x"});
       },
       "layer \"a\": has 2 inputs; expected 1", 0},
      {"BranchesOfDifferentShapes",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {2});
         builder.AddLayer("fc", Linear(3), {"x"});
         builder.AddLayer("sum", Add(), {"fc", "x"});
       },
       "layer \"sum\": input 1 has shape [2]; expected [3], the shape of input "
       "0",
       1},
      {"EmptyInput",
       [](GraphBuilder& builder) {
         builder.AddInput("image", {28, 0, 1});
         builder.AddLayer("a", Tanh(), {"image"});
       },
       "input \"image\": shape [28, 0, 1] has no elements", -1},
      {"NoRoomForTheDimensionOfTheImages",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {1, 1, 1, 1, 1, 2});
         builder.AddLayer("a", Tanh(), {"x"});
       },
       "input \"x\": shape [1, 1, 1, 1, 1, 2] has 6 dimensions; expected at "
       "most 5",
       -1},
      {"HugeLinear",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {5, 1073741824});
         builder.AddLayer("fc", Linear(2147483647), {"x"});
       },
       "layer \"fc\": a weight of shape [2147483647, 1073741824] on 5 rows "
       "needs more multiply-adds than 64 bits can count",
       0},
      {"LinearAboveItsLimit",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {5});
         builder.AddLayer("fc", Linear(int64_t{1} << 62), {"x"});
       },
       "layer \"fc\": output_features is 4611686018427387904; expected a "
       "number in [1, 2147483647]",
       0},
      // Each weight has 2^57 elements; 64 of them are more than 2^63 - 1.
      {"TooManyParameters",
       [](GraphBuilder& builder) {
         builder.AddInput("x", {1 << 28});
         std::string last = "x";
         for (int i = 0; i < 64; ++i) {
           const std::string name = absl::StrCat("fc", i);
           builder.AddLayer(name, Linear(i % 2 == 0 ? 1 << 29 : 1 << 28),
                            {last});
           last = name;
         }
       },
       "layer \"fc63\": the model has more parameters than 64 bits can count",
       63},
  };
}

class GraphErrorsTest : public ::testing::TestWithParam<RejectedGraph> {};

std::string CaseName(const ::testing::TestParamInfo<RejectedGraph>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Names, GraphErrorsTest,
                         ::testing::ValuesIn(NameCases()), CaseName);
INSTANTIATE_TEST_SUITE_P(Edges, GraphErrorsTest,
                         ::testing::ValuesIn(EdgeCases()), CaseName);
INSTANTIATE_TEST_SUITE_P(Layers, GraphErrorsTest,
                         ::testing::ValuesIn(LayerCases()), CaseName);

TEST_P(GraphErrorsTest, SaysWhatAndWhere) {
  GraphBuilder builder;
  GetParam().add(builder);
  EXPECT_THAT(builder.Build(),
              StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message));
  std::vector<GraphProblem> problems;
  EXPECT_FALSE(builder.Build(/*max_problems=*/100, problems).has_value());
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems[0].message, GetParam().message);
  const bool is_about_layer = problems[0].about == GraphProblem::About::kLayer;
  EXPECT_EQ(is_about_layer ? problems[0].part : -1, GetParam().failed_layer);
}

std::vector<std::string> Messages(const std::vector<GraphProblem>& problems) {
  std::vector<std::string> messages;
  for (const GraphProblem& problem : problems) {
    messages.push_back(problem.message);
  }
  return messages;
}

GraphBuilder WrongInManyWays() {
  GraphBuilder builder;
  builder.AddInput("x", {4});
  builder.AddInput("spare", {4});
  builder.AddLayer("a", Linear(-1), {"x"});
  // Its options are wrong for any input.
  builder.AddLayer("b", Linear(0), {"a"});
  builder.AddLayer("c", Tanh(), {"nothing"});
  builder.AddLayer("d", Add(), {"c", "e"});
  builder.AddLayer("e", Tanh(), {"d"});
  builder.AddLayer("d", Tanh(), {"x"});
  return builder;
}

TEST(GraphProblemsTest, FindsAllProblems) {
  std::vector<GraphProblem> problems;
  EXPECT_FALSE(WrongInManyWays().Build(/*max_problems=*/100, problems));
  EXPECT_THAT(Messages(problems),
              ElementsAre("layer \"d\": duplicate name",
                          "layer \"c\": there is no layer or input \"nothing\"",
                          "layer \"d\": layers form a cycle: d <- e <- d",
                          "layer \"a\": output_features is -1; expected a "
                          "number in [1, 2147483647]",
                          "layer \"b\": output_features is 0; expected a "
                          "number in [1, 2147483647]"));
  EXPECT_EQ(problems[0].part, 5);
  EXPECT_EQ(problems[1].part, 2);
  EXPECT_EQ(problems[1].layer_input, 0);
  EXPECT_EQ(problems[2].part, 3);
}

TEST(GraphProblemsTest, StopsAfterAsManyAsAsked) {
  std::vector<GraphProblem> problems;
  EXPECT_FALSE(WrongInManyWays().Build(/*max_problems=*/2, problems));
  EXPECT_EQ(problems.size(), 2);
}

TEST(GraphProblemsTest, SaysNothingOfUnknownParts) {
  GraphBuilder builder;
  builder.AddInput("x", {4});
  builder.AddUnknownInput("no name ");
  builder.AddUnknownLayer("", {"x"});
  builder.AddLayer("a", Tanh(), {"unknown"});
  builder.AddLayer("b", Linear(0), {"a"});
  builder.SetIncomplete();
  std::vector<GraphProblem> problems;
  EXPECT_FALSE(builder.Build(/*max_problems=*/100, problems));
  EXPECT_THAT(Messages(problems),
              ElementsAre("layer \"b\": output_features is 0; expected a "
                          "number in [1, 2147483647]"));
}

TEST(GraphProblemsTest, AGraphWithUnknownPartsIsNotBuilt) {
  GraphBuilder builder;
  builder.AddInput("x", {4});
  builder.AddUnknownLayer("a", {"x"});
  std::vector<GraphProblem> problems;
  EXPECT_FALSE(builder.Build(/*max_problems=*/100, problems));
  EXPECT_TRUE(problems.empty());
}

}  // namespace
}  // namespace lenslet
