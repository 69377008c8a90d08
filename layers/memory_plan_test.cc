#include "lenslet/layers/memory_plan.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/simple_layers.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// x [1000] -> 20 layers of the same size.
Graph LongChain(Layer layer) {
  GraphBuilder builder;
  builder.AddInput("x", {1000});
  std::string last = "x";
  for (int i = 0; i < 20; ++i) {
    const std::string name = absl::StrCat("layer", i);
    builder.AddLayer(name, layer, {last});
    last = name;
  }
  return *builder.Build();
}

// The bytes of 3 images of 1000 floats and of the 16 floats after them, in
// multiples of 64.
constexpr int64_t kBuffer = 4 * 3024;

void ExpectDistinct(const std::vector<int64_t>& offsets, int64_t size) {
  for (size_t i = 0; i < offsets.size(); ++i) {
    EXPECT_EQ(offsets[i] % 64, 0);
    for (size_t j = 0; j < i; ++j) {
      EXPECT_GE(std::abs(offsets[i] - offsets[j]), size) << i << " and " << j;
    }
  }
}

TEST(MemoryPlanTest, InferenceOfAChainNeedsTwoBuffers) {
  LENSLET_ASSERT_OK_AND_ASSIGN(MemoryPlan plan,
                               PlanMemory(LongChain(Tanh()), {.images = 3}));
  ASSERT_THAT(plan.values, SizeIs(21));
  EXPECT_EQ(plan.size, 2 * kBuffer);
  for (int value = 1; value <= 20; ++value) {
    // What a layer reads and what it writes are apart.
    EXPECT_NE(plan.values[value], plan.values[value - 1]);
  }
  EXPECT_THAT(plan.gradients, SizeIs(21));
  for (const MemoryPlan::Gradient& gradient : plan.gradients) {
    EXPECT_EQ(gradient.offset, -1);
  }
}

TEST(MemoryPlanTest, KeepOutputsKeepsThemAll) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      MemoryPlan plan,
      PlanMemory(LongChain(Tanh()), {.images = 3, .keep_outputs = true}));
  ExpectDistinct(plan.values, kBuffer);
}

TEST(MemoryPlanTest, TrainingKeepsAllValues) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      MemoryPlan plan,
      PlanMemory(LongChain(Linear(1000)), {.images = 3, .training = true}));
  ExpectDistinct(plan.values, kBuffer);
  // Gradients live for a step and share two buffers.
  EXPECT_EQ(plan.size, (21 + 2) * kBuffer);
  for (int value = 1; value <= 20; ++value) {
    std::vector<int64_t> offsets = plan.values;
    offsets.push_back(plan.gradients[value].offset);
    ExpectDistinct(offsets, kBuffer);
  }
}

TEST(MemoryPlanTest, AReshapeHasItsInputsMemory) {
  GraphBuilder builder;
  builder.AddInput("x", {2, 3});
  builder.AddLayer("fc1", Linear(4), {"x"});
  builder.AddLayer("flatten", Flatten(), {"fc1"});
  builder.AddLayer("again", Flatten(), {"flatten"});
  builder.AddLayer("fc2", Linear(5), {"again"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  for (const bool training : {false, true}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(MemoryPlan plan,
                                 PlanMemory(graph, {.training = training}));
    EXPECT_EQ(plan.values[2], plan.values[1]);
    EXPECT_EQ(plan.values[3], plan.values[1]);
    EXPECT_NE(plan.values[4], plan.values[3]);
    if (!training) continue;
    EXPECT_GE(plan.gradients[3].offset, 0);
    EXPECT_EQ(plan.gradients[2].offset, plan.gradients[3].offset);
    EXPECT_EQ(plan.gradients[1].offset, plan.gradients[3].offset);
    EXPECT_THAT(plan.gradients[1].parts, IsEmpty());
    EXPECT_THAT(plan.input_gradients[3], ElementsAre(plan.gradients[3].offset));
  }
}

// A reshape of the graph's input, which is also the graph's output.
TEST(MemoryPlanTest, AReshapeMayBeAll) {
  GraphBuilder builder;
  builder.AddInput("x", {2, 3});
  builder.AddLayer("flatten", Flatten(), {"x"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  LENSLET_ASSERT_OK_AND_ASSIGN(MemoryPlan plan, PlanMemory(graph, {}));
  EXPECT_THAT(plan.values, ElementsAre(0, 0));
  EXPECT_EQ(plan.size, 4 * 32);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      plan, PlanMemory(graph, {.training = true, .input_gradients = true}));
  EXPECT_GE(plan.gradients[0].offset, 4 * 32);
  EXPECT_EQ(plan.gradients[1].offset, plan.gradients[0].offset);
}

// x -> tanh -> conv -> tanh2: nothing before conv's filter wants a gradient.
Graph WithHeadWithoutParameters() {
  GraphBuilder builder;
  builder.AddInput("x", {4, 4, 1});
  builder.AddLayer("tanh", Tanh(), {"x"});
  builder.AddLayer(
      "conv",
      layers::Conv2d({.output_channels = 2, .window = {.kernel = {3, 3}}}),
      {"tanh"});
  builder.AddLayer("tanh2", Tanh(), {"conv"});
  return *builder.Build();
}

TEST(MemoryPlanTest, NoGradientWhereNoParametersAreUpstream) {
  const Graph graph = WithHeadWithoutParameters();
  LENSLET_ASSERT_OK_AND_ASSIGN(MemoryPlan plan,
                               PlanMemory(graph, {.training = true}));
  EXPECT_EQ(plan.gradients[0].offset, -1);
  EXPECT_EQ(plan.gradients[1].offset, -1);
  EXPECT_GE(plan.gradients[2].offset, 0);
  EXPECT_GE(plan.gradients[3].offset, 0);
  EXPECT_THAT(plan.input_gradients,
              ElementsAre(ElementsAre(-1), ElementsAre(-1),
                          ElementsAre(plan.gradients[2].offset)));
  EXPECT_FALSE(plan.NodeHasBackward(graph, 0));
  EXPECT_TRUE(plan.NodeHasBackward(graph, 1));
  EXPECT_TRUE(plan.NodeHasBackward(graph, 2));
}

// Whoever trains writes the gradient by the output.
TEST(MemoryPlanTest, TheOutputAlwaysHasAGradient) {
  const Graph graph = LongChain(Tanh());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      MemoryPlan plan, PlanMemory(graph, {.images = 3, .training = true}));
  EXPECT_EQ(plan.size, (21 + 1) * kBuffer);
  EXPECT_GE(plan.gradients[20].offset, 0);
  EXPECT_EQ(plan.gradients[19].offset, -1);
  EXPECT_THAT(plan.input_gradients[19], ElementsAre(-1));
}

TEST(MemoryPlanTest, InputGradientsOnRequest) {
  const Graph graph = WithHeadWithoutParameters();
  LENSLET_ASSERT_OK_AND_ASSIGN(
      MemoryPlan plan,
      PlanMemory(graph, {.training = true, .input_gradients = true}));
  std::vector<int64_t> kept = plan.values;
  kept.push_back(plan.gradients[0].offset);
  ExpectDistinct(kept, 32);
  for (int node = 0; node < 3; ++node) {
    EXPECT_TRUE(plan.NodeHasBackward(graph, node));
    EXPECT_THAT(plan.input_gradients[node],
                ElementsAre(plan.gradients[node].offset));
    EXPECT_GE(plan.gradients[node].offset, 0);
  }
}

// The gradient by an input outlives the backward of all nodes: later nodes may
// not put theirs in its place.
TEST(MemoryPlanTest, TheGradientByALateInputIsKept) {
  GraphBuilder builder;
  builder.AddInput("x", {20});
  builder.AddInput("late", {20});
  builder.AddLayer("fc1", Linear(20), {"x"});
  builder.AddLayer("fc2", Linear(20), {"fc1"});
  builder.AddLayer("sum", Add(), {"late", "fc2"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      MemoryPlan plan,
      PlanMemory(graph, {.training = true, .input_gradients = true}));
  for (int value : {0, 2, 3, 4}) {
    ExpectDistinct({plan.gradients[1].offset, plan.gradients[value].offset},
                   48);
  }
}

TEST(MemoryPlanTest, EachUserOfAValueHasAPartOfItsGradient) {
  GraphBuilder builder;
  builder.AddInput("x", {20});
  builder.AddLayer("fc", Linear(20), {"x"});
  builder.AddLayer("twice", Add(), {"fc", "fc"});
  builder.AddLayer("sum", Add(), {"fc", "twice"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  LENSLET_ASSERT_OK_AND_ASSIGN(MemoryPlan plan,
                               PlanMemory(graph, {.training = true}));
  const MemoryPlan::Gradient& gradient = plan.gradients[1];
  ASSERT_THAT(gradient.parts, SizeIs(2));
  // They are added up at the end, so they have to be there together.
  ExpectDistinct({gradient.offset, gradient.parts[0], gradient.parts[1]}, 48);
  std::vector<int64_t> written = {plan.input_gradients[1][0],
                                  plan.input_gradients[1][1],
                                  plan.input_gradients[2][0]};
  EXPECT_THAT(written,
              ::testing::UnorderedElementsAre(
                  gradient.offset, gradient.parts[0], gradient.parts[1]));
  EXPECT_THAT(written, Each(Ge(0)));
}

// One branch of a sum has parameters, the other does not.
TEST(MemoryPlanTest, OnlyTheInputThatWantsAGradientGetsOne) {
  GraphBuilder builder;
  builder.AddInput("x", {3});
  builder.AddLayer("fc", Linear(3), {"x"});
  builder.AddLayer("sum", Add(), {"fc", "x"});
  LENSLET_ASSERT_OK_AND_ASSIGN(Graph graph, builder.Build());
  LENSLET_ASSERT_OK_AND_ASSIGN(MemoryPlan plan,
                               PlanMemory(graph, {.training = true}));
  EXPECT_GE(plan.input_gradients[1][0], 0);
  EXPECT_EQ(plan.input_gradients[1][1], -1);
}

TEST(MemoryPlanTest, TheArenaGoesOnAfterTheLastBuffer) {
  for (int64_t images : {1, 2, 7, 16}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        MemoryPlan plan, PlanMemory(LongChain(Tanh()), {.images = images}));
    for (int64_t offset : plan.values) {
      EXPECT_LE(offset + 4 * (images * 1000 + 16), plan.size);
    }
  }
}

TEST(MemoryPlanTest, RefusesWhatCannotBeCounted) {
  const auto error = [](const std::string& images) {
    return StatusIs(absl::StatusCode::kResourceExhausted,
                    absl::StrCat("the activations of ", images,
                                 " images are more than any machine's memory"));
  };
  // Too large at once, and by its sum only.
  EXPECT_THAT(PlanMemory(LongChain(Tanh()), {.images = int64_t{1} << 62}),
              error("4611686018427387904"));
  EXPECT_THAT(PlanMemory(LongChain(Tanh()), {.images = int64_t{1} << 40}),
              error("1099511627776"));
  GraphBuilder builder;
  builder.AddInput("x", {int64_t{1} << 50, 4});
  builder.AddLayer("tanh", Tanh(), {"x"});
  EXPECT_THAT(PlanMemory(*builder.Build(), {}), error("1"));
}

}  // namespace
}  // namespace lenslet
