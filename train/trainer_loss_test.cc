// Training by each of the losses.

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/split.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/testing/training.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kImages = 90;

// Images of 2 x 2: noise, with a bright pixel for each of the classes, of which
// the last has a tenth of the images.
Dataset Pixels() {
  ExampleArrays arrays = {
      .inputs = Tensor({kImages, 2, 2, 1}, ElementType::kUint8),
      .targets = Tensor({kImages}, ElementType::kUint8)};
  Random random(/*seed=*/1);
  for (int64_t n = 0; n < kImages; ++n) {
    const int64_t label = n % 10 == 9 ? 2 : n % 2;
    arrays.targets.span<uint8_t>()[n] = static_cast<uint8_t>(label);
    for (int64_t pixel = 0; pixel < 4; ++pixel) {
      arrays.inputs.span<uint8_t>()[n * 4 + pixel] =
          static_cast<uint8_t>(random.Below(128) + (pixel == label ? 127 : 0));
    }
  }
  return *MakeDataset(std::move(arrays), {"0", "1", "2"});
}

Graph LinearNet() {
  return GraphOf(
      "input { name: 'image' shape: [2, 2, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 3 } }");
}

// Of the class at the index, of images of that class.
double Recall(const Graph& graph, const Parameters& parameters, int label) {
  const Dataset all = Pixels();
  const std::vector<int32_t> labels = *all.Classes();
  std::vector<int64_t> indices;
  for (int64_t n = 0; n < kImages; ++n) {
    if (labels[n] == label) indices.push_back(n);
  }
  const Dataset some = SelectExamples(all, std::move(indices));
  return (*(*Evaluator::Create(graph, parameters, {}))->Evaluate(some))
      .accuracy();
}

class TrainerLossTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, TrainerLossTest,
                         ::testing::ValuesIn(kTrainingBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// The evaluator reports the trainer's loss, before training and after it; and
// it falls.
TEST_P(TrainerLossTest, FallsAndIsTheEvaluatorsToo) {
  const Graph graph = LinearNet();
  const Dataset dataset = Pixels();
  const std::pair<std::string, LossSpec> losses[] = {
      {"cross-entropy", {}},
      {"smoothed", {.kind = CrossEntropySpec{.label_smoothing = 0.1}}},
      {"weighted", {.class_weights = {0.5, 1, 4}}},
      {"mean squared error", {.kind = MeanSquaredErrorSpec{}}},
      {"hinge", {.kind = HingeSpec{.margin = 0.5}}},
      {"weighted hinge", {.kind = HingeSpec{}, .class_weights = {1, 0, 2}}},
  };
  for (const auto& [name, loss] : losses) {
    SCOPED_TRACE(name);
    Parameters parameters = InitialParameters(graph);
    auto evaluator = *Evaluator::Create(graph, parameters,
                                        {.backend = GetParam(), .loss = loss});
    const double initial = (*evaluator->Evaluate(dataset)).loss();
    auto trainer = *Trainer::Create(graph, dataset, parameters,
                                    {.backend = GetParam(),
                                     .batch_size = kImages,
                                     .schedule = {.base_rate = 0.25},
                                     .loss = loss});
    for (int64_t epoch = 0; epoch < 20; ++epoch) {
      const double reported =
          (*trainer->TrainEpoch(epoch, [](const Metrics&) {})).loss();
      // The same images in blocks of another size: sums of losses, in double,
      // of a few float operations with numbers up to 4.
      if (epoch == 0) {
        EXPECT_NEAR(reported, initial, 4 * 16 * 0x1p-24);
      }
    }
    EXPECT_LT((*evaluator->Evaluate(dataset)).loss(), 0.9 * initial);
  }
}

TEST_P(TrainerLossTest, AClassWithoutWeightIsNotLearnt) {
  const Graph graph = LinearNet();
  const Dataset dataset = Pixels();
  const auto recall = [&](std::vector<float> weights) {
    Parameters parameters = InitialParameters(graph);
    auto trainer =
        *Trainer::Create(graph, dataset, parameters,
                         {.backend = GetParam(),
                          .batch_size = kImages,
                          .schedule = {.base_rate = 0.5},
                          .loss = {.class_weights = std::move(weights)}});
    for (int64_t epoch = 0; epoch < 100; ++epoch) {
      LENSLET_EXPECT_OK(
          trainer->TrainEpoch(epoch, [](const Metrics&) {}).status());
    }
    return Recall(graph, parameters, 2);
  };
  EXPECT_EQ(recall({1, 1, 0}), 0);
  EXPECT_EQ(recall({1, 1, 9}), 1);
}

// One step by hand, in double: the gradient of the sum of the weighted losses,
// divided by the sum of the weights; or, as Keras, by the number of images.
TEST_P(TrainerLossTest, DividesByTheWeightsOfTheBatch) {
  const Graph graph = LinearNet();
  const Dataset dataset = Pixels();
  const std::vector<float> weights = {0.5, 1, 4};
  for (const bool by_label : {false, true}) {
    Parameters parameters = InitialParameters(graph);
    const View<float> w = parameters.view(0), b = parameters.view(1);
    ASSERT_EQ(w.shape(), Shape({3, 4}));
    double gradient[3] = {};
    double loss = 0;
    double sum = 0;
    std::vector<int64_t> batch;
    for (int64_t n = 0; n < 50; ++n) batch.push_back(kImages - 1 - n);
    for (const int64_t n : batch) {
      const Tensor image = *dataset.Example(n);
      const int32_t label = (*dataset.Classes({n}))[0];
      double scores[3], total = 0;
      for (int k = 0; k < 3; ++k) {
        scores[k] = b[k];
        for (int i = 0; i < 4; ++i) {
          scores[k] += double{w[k * 4 + i]} * image.data<uint8_t>()[i] / 255;
        }
        total += std::exp(scores[k]);
      }
      for (int k = 0; k < 3; ++k) {
        gradient[k] +=
            weights[label] * (std::exp(scores[k]) / total - (k == label));
      }
      loss += weights[label] * (std::log(total) - scores[label]);
      sum += by_label ? 1 : weights[label];
    }
    const std::vector<float> before(b.span().begin(), b.span().end());
    auto trainer = *Trainer::Create(
        graph, dataset, parameters,
        {.backend = GetParam(),
         .batch_size = 64,
         .schedule = {.base_rate = 1},
         .loss = {.kind = CrossEntropySpec{.weigh_by_label = by_label},
                  .class_weights = weights}});
    LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics metrics, trainer->Step(batch));
    // Sums of 50 terms of a few roundings, up to 4.
    EXPECT_NEAR(metrics.loss(), loss / sum, 4 * 60 * 0x1p-24);
    for (int k = 0; k < 3; ++k) {
      EXPECT_NEAR(before[k] - b[k], gradient[k] / sum, 4 * 60 * 0x1p-24);
    }
  }
}

// The weights are added up by blocks, whoever reads them.
TEST_P(TrainerLossTest, WeightsGiveTheSameBitsOnAnyThreads) {
  const Graph graph = LinearNet();
  const Dataset dataset = Pixels();
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 3}) {
    Parameters parameters = InitialParameters(graph);
    auto trainer =
        *Trainer::Create(graph, dataset, parameters,
                         {.backend = GetParam(),
                          .threads = threads,
                          .batch_size = 70,
                          .schedule = {.base_rate = 0.5},
                          .loss = {.class_weights = {0.3f, 1.7f, 4.1f}}});
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
      LENSLET_EXPECT_OK(
          trainer->TrainEpoch(epoch, [](const Metrics&) {}).status());
    }
    results.emplace_back(parameters.array().begin(), parameters.array().end());
  }
  EXPECT_EQ(results[1], results[0]);
  EXPECT_EQ(results[2], results[0]);
}

// Maps with ignored positions, which augmentation moves: whatever the threads,
// and whether targets are read by themselves or not.
TEST_P(TrainerLossTest, MovedMapsGiveTheSameBitsOnAnyThreads) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [5, 5, 1] }"
      "layer { name: 'scores' conv2d { kernel: 3 padding: 1 "
      "output_channels: 2 } }");
  ExampleArrays arrays = {.inputs = Tensor({50, 5, 5, 1}, ElementType::kUint8),
                          .targets = Tensor({50, 5, 5}, ElementType::kUint8),
                          .ignored = 255};
  Random random(/*seed=*/1);
  for (int64_t i = 0; i < 50 * 25; ++i) {
    const bool bright = random.Below(2) == 1;
    arrays.inputs.data<uint8_t>()[i] =
        static_cast<uint8_t>(random.Below(100) + (bright ? 150 : 0));
    arrays.targets.data<uint8_t>()[i] = random.Below(7) == 0 ? 255 : bright;
  }
  const Dataset dataset = *MakeDataset(std::move(arrays), {"dark", "bright"});
  for (const double rotation : {0.0, 30.0}) {
    SCOPED_TRACE(rotation);
    std::vector<std::vector<float>> results;
    for (const int threads : {1, 2, 3}) {
      Parameters parameters = InitialParameters(graph);
      auto trainer = *Trainer::Create(
          graph, dataset, parameters,
          {.backend = GetParam(),
           .threads = threads,
           .batch_size = 50,
           .schedule = {.base_rate = 1},
           .loss = {.class_weights = {0.9f, 1.1f}},
           .augmentation = {.rotation = rotation, .shift = 1, .flip = true}});
      Metrics metrics;
      for (int64_t epoch = 0; epoch < 100; ++epoch) {
        LENSLET_ASSERT_OK_AND_ASSIGN(
            metrics, trainer->TrainEpoch(epoch, [](const Metrics&) {}));
      }
      // Without what was ignored, and what came from outside.
      EXPECT_LT(metrics.predictions, 50 * 25 * 6 / 7);
      EXPECT_GT(metrics.predictions, 50 * 25 / 2);
      // Single pixels, which rotation mixes with their neighbors.
      if (rotation == 0) EXPECT_GT(metrics.accuracy(), 0.95);
      results.emplace_back(parameters.array().begin(),
                           parameters.array().end());
    }
    EXPECT_EQ(results[1], results[0]);
    EXPECT_EQ(results[2], results[0]);
  }
}

TEST(TrainerLossRejectedTest, NamesTheField) {
  const Graph graph = LinearNet();
  const Dataset dataset = Pixels();
  Parameters parameters = InitialParameters(graph);
  const auto code = absl::StatusCode::kInvalidArgument;
  const LossSpec loss = {.class_weights = {1, 2}};
  EXPECT_THAT(
      Trainer::Create(graph, dataset, parameters, {.loss = loss}),
      StatusIs(
          code,
          HasSubstr(
              "class_weight has 2 numbers; expected 3, one for each class")));
  EXPECT_THAT(
      Evaluator::Create(graph, parameters, {.loss = loss}),
      StatusIs(
          code,
          HasSubstr(
              "class_weight has 2 numbers; expected 3, one for each class")));
}

}  // namespace
}  // namespace lenslet
