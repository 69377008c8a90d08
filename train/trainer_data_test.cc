// Training and evaluation with examples that are read anew each time, that
// cannot be read, or whose classes have no names.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/split.h"
#include "lenslet/data/testing/reading_examples.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/testing/training.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr int64_t kReadImages = 100;
constexpr int64_t kReadBlock = 8;

Graph ReadNet() {
  return GraphOf(
      "input { name: 'image' shape: [6, 6, 1] }"
      "layer { name: 'conv' conv2d { output_channels: 5 kernel: 3 } }"
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'relu' relu {} }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'drop' dropout { rate: 0.3 } }"
      "layer { name: 'scores' linear { output_features: 3 } }");
}

Dataset KeptImages() {
  ExampleArrays arrays = {
      .inputs = Tensor({kReadImages, 6, 6, 1}, ElementType::kUint8),
      .targets = Tensor({kReadImages}, ElementType::kUint8)};
  Random random(1);
  for (uint8_t& label : arrays.targets.span<uint8_t>()) {
    label = static_cast<uint8_t>(random.Below(3));
  }
  for (uint8_t& pixel : arrays.inputs.span<uint8_t>()) {
    pixel = static_cast<uint8_t>(random.Below(256));
  }
  return *MakeDataset(std::move(arrays), {"a", "b", "c"},
                      {.mean = {0.4f}, .deviation = {0.3f}});
}

Dataset ReadImages(int64_t bad = -1) {
  Dataset dataset = KeptImages();
  dataset.examples = std::make_shared<ReadingExamples>(dataset, bad);
  return dataset;
}

class TrainerDataTest : public ::testing::TestWithParam<Backend> {
 protected:
  // The parameters after two epochs, and the losses.
  std::pair<std::vector<float>, std::vector<double>> Trained(
      const Dataset& dataset, int threads,
      const AugmentationSpec& augmentation) {
    const Graph graph = ReadNet();
    Parameters parameters = InitialParameters(graph);
    const auto trainer = *Trainer::Create(graph, dataset, parameters,
                                          {.backend = GetParam(),
                                           .threads = threads,
                                           .batch_size = 48,
                                           .schedule = {.base_rate = 0.1},
                                           .augmentation = augmentation,
                                           .block = kReadBlock});
    std::vector<double> losses;
    for (int64_t epoch = 0; epoch < 2; ++epoch) {
      losses.push_back(trainer->TrainEpoch(epoch, IgnoreStep)->loss_sum);
    }
    return {ValuesOf(parameters), losses};
  }

  double EvaluatedLoss(const Dataset& dataset, int threads) {
    const Graph graph = ReadNet();
    const Parameters parameters = InitialParameters(graph);
    const auto evaluator = *Evaluator::Create(
        graph, parameters,
        {.backend = GetParam(), .threads = threads, .block = kReadBlock});
    return evaluator->Evaluate(dataset)->loss_sum;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, TrainerDataTest,
                         ::testing::ValuesIn(kTrainingBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// Not only as good: the same bits.
TEST_P(TrainerDataTest, WhereInputsAreChangesNothing) {
  const std::vector<AugmentationSpec> augmentations = {
      {}, {.rotation = 10, .shift = 1, .flip = true, .noise = 0.1}};
  for (const AugmentationSpec& augmentation : augmentations) {
    const auto kept = Trained(KeptImages(), 1, augmentation);
    for (const int threads : {1, 2, 3, 4}) {
      EXPECT_EQ(Trained(ReadImages(), threads, augmentation), kept)
          << threads << " threads";
    }
  }
  const double loss = EvaluatedLoss(KeptImages(), 1);
  for (const int threads : {1, 2, 3, 4}) {
    EXPECT_EQ(EvaluatedLoss(ReadImages(), threads), loss);
  }
}

// Example 20 is in the third block. Nothing comes of the step; the next one
// trains.
TEST_P(TrainerDataTest, AStepThatCannotReadChangesNothing) {
  const Graph graph = ReadNet();
  const Dataset torn = ReadImages(/*bad=*/20);
  for (const int threads : {1, 3}) {
    Parameters parameters = InitialParameters(graph);
    const auto trainer = *Trainer::Create(graph, torn, parameters,
                                          {.backend = GetParam(),
                                           .threads = threads,
                                           .batch_size = 48,
                                           .schedule = {.base_rate = 0.1},
                                           .block = kReadBlock});
    const std::vector<float> before = ValuesOf(parameters);
    EXPECT_THAT(trainer->Step(AllIndices(48)),
                StatusIs(absl::StatusCode::kDataLoss, "example 20 is torn"));
    EXPECT_EQ(ValuesOf(parameters), before);
    EXPECT_EQ(trainer->step(), 0);
    EXPECT_THAT(trainer->TrainEpoch(0, IgnoreStep),
                StatusIs(absl::StatusCode::kDataLoss, "example 20 is torn"));

    Parameters expected = InitialParameters(graph);
    const Dataset whole = KeptImages();
    const auto other = *Trainer::Create(graph, whole, expected,
                                        {.backend = GetParam(),
                                         .batch_size = 48,
                                         .schedule = {.base_rate = 0.1},
                                         .block = kReadBlock});
    const auto again = *Trainer::Create(graph, torn, parameters,
                                        {.backend = GetParam(),
                                         .threads = threads,
                                         .batch_size = 48,
                                         .schedule = {.base_rate = 0.1},
                                         .block = kReadBlock});
    std::copy(before.begin(), before.end(), parameters.array().begin());
    LENSLET_ASSERT_OK(again->Restore(again->state()));
    EXPECT_THAT(again->Step(AllIndices(48)),
                StatusIs(absl::StatusCode::kDataLoss, "example 20 is torn"));
    LENSLET_ASSERT_OK(again->Step(AllIndices(19)).status());
    LENSLET_ASSERT_OK(other->Step(AllIndices(19)).status());
    EXPECT_EQ(ValuesOf(parameters), ValuesOf(expected));
  }
}

TEST_P(TrainerDataTest, WhatCannotBeReadIsNotEvaluated) {
  const Graph graph = ReadNet();
  const Parameters parameters = InitialParameters(graph);
  const Dataset torn = ReadImages(/*bad=*/20);
  for (const int threads : {1, 3}) {
    const auto evaluator = *Evaluator::Create(
        graph, parameters,
        {.backend = GetParam(), .threads = threads, .block = kReadBlock});
    const auto error =
        StatusIs(absl::StatusCode::kDataLoss, "example 20 is torn");
    EXPECT_THAT(evaluator->Evaluate(torn), error);
    EXPECT_THAT(evaluator->Outputs(torn), error);
    EXPECT_THAT(evaluator->Probabilities(torn), error);
    // It serves the next data set as before.
    LENSLET_EXPECT_OK(evaluator->Evaluate(KeptImages()));
  }
}

// Every image of class 2 is without a name: the first of them is told of,
// whatever the number of threads.
TEST_P(TrainerDataTest, ClassesNeedNames) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [6, 6, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 2 } }");
  Dataset dataset = KeptImages();
  dataset.target_names.pop_back();
  const std::vector<int32_t> classes = *dataset.Classes();
  int64_t first = 0;
  while (classes[first] != 2) ++first;
  const auto error = StatusIs(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("example ", first,
                   " of the data set has class 2; expected a number in [0, "
                   "1]"));
  for (const int threads : {1, 2, 4}) {
    Parameters parameters = InitialParameters(graph);
    const std::vector<float> before = ValuesOf(parameters);
    const auto trainer = *Trainer::Create(graph, dataset, parameters,
                                          {.backend = GetParam(),
                                           .threads = threads,
                                           .batch_size = kReadImages,
                                           .block = kReadBlock});
    EXPECT_THAT(trainer->Step(AllIndices(kReadImages)), error);
    EXPECT_EQ(ValuesOf(parameters), before);
    const auto evaluator = *Evaluator::Create(
        graph, parameters,
        {.backend = GetParam(), .threads = threads, .block = kReadBlock});
    EXPECT_THAT(evaluator->Evaluate(dataset), error);
  }
}

// A class that is negative, or so large that it is another if cut to a byte.
class OddClassExamples : public ReadingExamples {
 public:
  OddClassExamples(Dataset dataset, int32_t odd)
      : ReadingExamples(std::move(dataset)), odd_(odd) {}

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    for (size_t i = 0; i < indices.size(); ++i) {
      batch.classes()[i] = indices[i] == 5 ? odd_ : 0;
    }
    return absl::OkStatus();
  }

 private:
  const int32_t odd_;
};

TEST_P(TrainerDataTest, ClassesOfASourceNeedNames) {
  const Graph graph = ReadNet();
  for (const int32_t odd : {-1, 256, std::numeric_limits<int32_t>::min()}) {
    Dataset dataset = KeptImages();
    dataset.examples = std::make_shared<OddClassExamples>(KeptImages(), odd);
    Parameters parameters = InitialParameters(graph);
    const auto trainer =
        *Trainer::Create(graph, dataset, parameters, {.backend = GetParam()});
    EXPECT_THAT(trainer->Step({4, 5}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("example 5 of the data set has class ",
                                      odd, "; expected a number in [0, 2]")));
  }
}

// Counts what is announced; epochs run from the last example to the first.
class OrderedExamples : public ReadingExamples {
 public:
  using ReadingExamples::ReadingExamples;

  std::vector<int64_t> EpochOrder(uint64_t, int64_t) const override {
    std::vector<int64_t> order;
    for (int64_t i = size() - 1; i >= 0; --i) order.push_back(i);
    return order;
  }
  void WillRead(absl::Span<const int64_t> order) const override {
    announced.emplace_back(order.begin(), order.end());
  }

  mutable std::vector<std::vector<int64_t>> announced;
};

// The steps of an epoch are those of its order, which is announced first.
TEST_P(TrainerDataTest, EpochsFollowTheOrderOfTheExamples) {
  const Graph graph = ReadNet();
  const auto examples = std::make_shared<OrderedExamples>(KeptImages());
  Dataset ordered = KeptImages();
  ordered.examples = examples;
  const std::vector<int64_t> order = examples->EpochOrder(0, 0);
  Parameters parameters = InitialParameters(graph);
  Parameters expected = InitialParameters(graph);
  const TrainerOptions options = {
      .backend = GetParam(), .threads = 2, .batch_size = 64};
  const auto trainer = *Trainer::Create(graph, ordered, parameters, options);
  LENSLET_ASSERT_OK(trainer->TrainEpoch(0, IgnoreStep).status());
  EXPECT_THAT(examples->announced, ElementsAre(order));
  const Dataset kept = KeptImages();
  const auto steps = *Trainer::Create(graph, kept, expected, options);
  const absl::Span<const int64_t> all = order;
  LENSLET_ASSERT_OK(steps->Step(all.first(64)).status());
  LENSLET_ASSERT_OK(steps->Step(all.subspan(64)).status());
  EXPECT_EQ(ValuesOf(parameters), ValuesOf(expected));

  examples->announced.clear();
  const auto evaluator = *Evaluator::Create(graph, parameters, {});
  LENSLET_ASSERT_OK(evaluator->Evaluate(ordered));
  EXPECT_THAT(examples->announced, ElementsAre(AllIndices(kReadImages)));
}

// A table of numbers, larger than bytes are after division: noise is in their
// units.
TEST_P(TrainerDataTest, TrainsOnFloatNumbers) {
  const Graph graph = GraphOf(
      "input { name: 'row' shape: [2] }"
      "layer { name: 'scores' linear { output_features: 2 } }");
  ExampleArrays arrays = {.inputs = Tensor({200, 2}),
                          .targets = Tensor({200}, ElementType::kUint8)};
  Random random(1);
  for (int64_t i = 0; i < 200; ++i) {
    const int64_t label = random.Below(2);
    arrays.targets.data<uint8_t>()[i] = static_cast<uint8_t>(label);
    arrays.inputs.data()[2 * i] =
        static_cast<float>(1000 + 4 * label + random.Uniform());
    arrays.inputs.data()[2 * i + 1] = static_cast<float>(random.Uniform());
  }
  const Dataset rows =
      *MakeDataset(std::move(arrays), {"low", "high"},
                   {.mean = {1002.5f, 0.5f}, .deviation = {2, 0.3f}});
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 3}) {
    Parameters parameters = InitialParameters(graph);
    const auto trainer = *Trainer::Create(graph, rows, parameters,
                                          {.backend = GetParam(),
                                           .threads = threads,
                                           .batch_size = 50,
                                           .schedule = {.base_rate = 0.5},
                                           .augmentation = {.noise = 0.1}});
    Metrics last;
    for (int64_t epoch = 0; epoch < 5; ++epoch) {
      LENSLET_ASSERT_OK_AND_ASSIGN(last,
                                   trainer->TrainEpoch(epoch, IgnoreStep));
    }
    EXPECT_EQ(last.accuracy(), 1);
    results.push_back(ValuesOf(parameters));
  }
  EXPECT_THAT(results, Each(results[0]));
}

}  // namespace
}  // namespace lenslet
