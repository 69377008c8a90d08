#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"

namespace lenslet::layers {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;

TEST(DropoutTest, InfersTheSameShape) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const LayerInfo info,
                               Dropout(0.5).Infer({Shape{4, 3}}));
  EXPECT_EQ(info.output, Shape({4, 3}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.cost.bytes(), 0);
  EXPECT_EQ(info.reach, Reach::kPosition);
  EXPECT_EQ(Dropout(0.5).type(), "Dropout");
}

TEST(DropoutTest, HasAKernelInTrainingOnly) {
  EXPECT_TRUE(Dropout(0.5).IsReshape(/*training=*/false));
  EXPECT_FALSE(Dropout(0.5).IsReshape(/*training=*/true));
}

TEST(DropoutTest, RejectsWrongRatesAndInputs) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Dropout(1).Infer({Shape{3}}),
              StatusIs(code, "rate is 1; expected a number in [0, 1)"));
  EXPECT_THAT(Dropout(0.5).Infer({}),
              StatusIs(code, "has 0 inputs; expected 1"));
  EXPECT_THAT(Dropout(0.5).MakeKernel(Backend::kLanes, {}, 1),
              StatusIs(code, "has 0 inputs; expected 1"));
  EXPECT_THAT(Dropout(-1).MakeKernel(Backend::kLanes, {Shape{3}}, 1),
              StatusIs(code, "rate is -1; expected a number in [0, 1)"));
}

// Two of them, one after the other, so that what is left is a quarter.
Graph TwoDropouts() {
  GraphBuilder builder;
  builder.AddInput("x", {1000});
  builder.AddLayer("a", Dropout(0.5), {"x"});
  builder.AddLayer("b", Dropout(0.5), {"a"});
  return *builder.Build();
}

// On every backend: those that lack dropout take the reference's.
TEST(DropoutTest, ExecutorsDropTheSameOnAllBackends) {
  const Graph graph = TwoDropouts();
  const Parameters parameters = *Parameters::Create(graph);
  std::set<std::vector<float>> outputs;
  for (const Backend backend : kBackends) {
    auto executor = *Executor::Create(
        graph, parameters, {.backend = backend, .images = 3, .training = true});
    executor->Seed(5);
    for (float& x : executor->input().span()) x = 1;
    executor->Forward(3);
    const absl::Span<const float> y = executor->output().span();
    outputs.emplace(y.begin(), y.end());
  }
  ASSERT_EQ(outputs.size(), 1);
  double kept = 0;
  for (const float y : *outputs.begin()) {
    EXPECT_TRUE(y == 0 || y == 4) << y;
    kept += y != 0;
  }
  // Five deviations of the part of 3000 draws; with the same decisions in both
  // layers it would be a half.
  EXPECT_NEAR(kept / 3000, 0.25, 5 * 0.433 / 54.7);
}

TEST(DropoutTest, ExecutorsForInferenceDropNothing) {
  const Graph graph = TwoDropouts();
  const Parameters parameters = *Parameters::Create(graph);
  for (const Backend backend : kBackends) {
    auto executor =
        *Executor::Create(graph, parameters, {.backend = backend, .images = 3});
    executor->Seed(5);
    for (float& x : executor->input().span()) x = 1;
    executor->Forward(3);
    EXPECT_THAT(executor->output().span(), Each(1.0f));
  }
}

}  // namespace
}  // namespace lenslet::layers
