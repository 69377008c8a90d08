// Every model of the zoo trains: on data of its input's shape, its loss falls.
// Among them are the variants of LeNet that the book's exercises ask for: ReLU
// and maximum pooling; other widths, windows and depths; a multilayer
// perceptron; the LeNet-5 of 1998.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/zoo.h"
#include "lenslet/ops/backend.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

class VariantsTest : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Zoo, VariantsTest,
                         ::testing::ValuesIn(ZooModelNames()),
                         [](const auto& info) { return info.param; });

TEST_P(VariantsTest, LossFalls) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, LoadModel(GetParam()));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, BuildGraph(text));
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      MakeSyntheticDataset(
          graph.inputs()[0].shape,
          {.examples = 320, .classes = output.elements(), .noise = 0.25}));
  LENSLET_ASSERT_OK_AND_ASSIGN(Parameters parameters,
                               Parameters::Create(graph));
  InitializeParameters(Initializer(), /*seed=*/0, parameters);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Trainer> trainer,
      Trainer::Create(graph, dataset, parameters,
                      {.batch_size = 32, .schedule = {.base_rate = 0.05}}));
  std::vector<double> losses;
  // As many steps as running statistics need to settle.
  for (int64_t epoch = 0; epoch < 15; ++epoch) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Metrics metrics,
        trainer->TrainEpoch(epoch, [](const Metrics&) {}));
    losses.push_back(metrics.loss());
  }
  EXPECT_LT(losses[14], losses[0]) << ::testing::PrintToString(losses);
  // What was learnt is there for inference too.
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Evaluator> evaluator,
                               Evaluator::Create(graph, parameters, {}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics evaluated,
                               evaluator->Evaluate(dataset));
  EXPECT_LT(evaluated.loss(), losses[0]);
  // The lanes backend has all there is in the zoo.
  for (int node = 0; node < static_cast<int>(graph.nodes().size()); ++node) {
    EXPECT_EQ(trainer->BackendOfLayer(node), Backend::kLanes)
        << graph.nodes()[node].name;
  }
}

}  // namespace
}  // namespace lenslet
