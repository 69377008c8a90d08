#include "lenslet/train/evaluator.h"

#include <cmath>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/train/initializer.h"

namespace lenslet {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// Scores are the image's two pixels, in [0, 1], and a constant 0.5.
Graph MakeGraph() {
  return GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 1, 2, 1 ]
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "linear"
      linear { output_features: 3 }
    }
  )pb");
}

Parameters PixelScoreParameters(const Graph& graph) {
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0).at({0, 0}) = 1;
  parameters.view(0).at({1, 1}) = 1;
  parameters.view(1)[2] = 0.5;
  return parameters;
}

// The pixels of image i are 51 * (i % 6) and 0.
Dataset TwoPixels(int64_t size) {
  ExampleArrays arrays = {
      .inputs = Tensor({size, 1, 2, 1}, ElementType::kUint8),
      .targets = Tensor({size}, ElementType::kUint8)};
  for (int64_t i = 0; i < size; ++i) {
    arrays.inputs.data<uint8_t>()[2 * i] = 51 * (i % 6);
  }
  return *MakeDataset(std::move(arrays), {"left", "right", "neither"});
}

// Two whole blocks and a part of one, on every backend.
TEST(EvaluatorTest, GivesTheScoresOfAllImages) {
  const Graph graph = MakeGraph();
  const Parameters parameters = PixelScoreParameters(graph);
  const Dataset dataset = TwoPixels(41);
  for (const Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto evaluator,
        Evaluator::Create(graph, parameters,
                          {.backend = backend, .threads = 2, .block = 20}));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor scores,
                                 evaluator->Outputs(dataset));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor probabilities,
                                 evaluator->Probabilities(dataset));
    ASSERT_EQ(scores.shape(), Shape({41, 3}));
    ASSERT_EQ(probabilities.shape(), Shape({41, 3}));
    for (int64_t i = 0; i < 41; ++i) {
      const double x[] = {(i % 6) / 5.0, 0, 0.5};
      const double sum = std::exp(x[0]) + std::exp(x[1]) + std::exp(x[2]);
      for (int64_t k = 0; k < 3; ++k) {
        // A few roundings of numbers up to 1.
        EXPECT_NEAR(scores.view().at({i, k}), x[k], 1e-6);
        EXPECT_NEAR(probabilities.view().at({i, k}), std::exp(x[k]) / sum,
                    1e-6);
      }
    }
  }
}

TEST(EvaluatorTest, ScoresDoNotDependOnThreads) {
  const Graph graph = MakeGraph();
  Parameters parameters = *Parameters::Create(graph);
  InitializeParameters(Initializer(), /*seed=*/3, parameters);
  const Dataset dataset = TwoPixels(100);
  const auto scores = [&](int threads) {
    return *(*Evaluator::Create(graph, parameters,
                                {.threads = threads, .block = 16}))
                ->Outputs(dataset);
  };
  const Tensor one = scores(1);
  EXPECT_NE(one.span()[0], one.span()[3]);
  EXPECT_THAT(scores(2).span(), ElementsAreArray(one.span()));
  EXPECT_THAT(scores(5).span(), ElementsAreArray(one.span()));
}

TEST(EvaluatorTest, ScoresFollowTheParameters) {
  const Graph graph = MakeGraph();
  Parameters parameters = PixelScoreParameters(graph);
  const Dataset dataset = TwoPixels(1);
  for (const Backend backend : kBackends) {
    parameters.view(1)[2] = 0.5;
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto evaluator,
        Evaluator::Create(graph, parameters, {.backend = backend}));
    EXPECT_EQ(evaluator->Outputs(dataset)->span()[2], 0.5f);
    parameters.view(1)[2] = 2;
    EXPECT_EQ(evaluator->Outputs(dataset)->span()[2], 2);
  }
}

TEST(EvaluatorTest, ScoresNeedADataSetThatFits) {
  const Graph graph = MakeGraph();
  const Parameters parameters = PixelScoreParameters(graph);
  const auto evaluator = *Evaluator::Create(graph, parameters, {});
  EXPECT_THAT(evaluator->Outputs(Dataset()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the data set has no examples")));
  Dataset dataset = TwoPixels(2);
  dataset.target_names.pop_back();
  EXPECT_THAT(evaluator->Probabilities(dataset),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("expected [2], a score for each class")));
}

}  // namespace
}  // namespace lenslet
