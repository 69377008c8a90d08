#include "lenslet/train/block_runner.h"

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
#include "lenslet/data/augmentation.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/testing/training.h"

namespace lenslet {
namespace {

constexpr int64_t kMixedExamples = 19;
constexpr int64_t kMixedPixels = 4;
constexpr int64_t kMixedClasses = 3;
constexpr uint64_t kMixedSeed = 11;

Dataset MixedData() {
  ExampleArrays arrays = {
      .inputs = Tensor({kMixedExamples, 2, 2, 1}, ElementType::kUint8),
      .targets = Tensor({kMixedExamples}, ElementType::kUint8)};
  Random random(/*seed=*/5);
  for (uint8_t& byte : arrays.inputs.span<uint8_t>()) {
    byte = static_cast<uint8_t>(random.Below(256));
  }
  for (uint8_t& label : arrays.targets.span<uint8_t>()) {
    label = static_cast<uint8_t>(random.Below(kMixedClasses));
  }
  return *MakeDataset(std::move(arrays), {"a", "b", "c"});
}

Graph MixedNet() {
  return GraphOf(
      "input { name: 'image' shape: [2, 2, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 3 } }");
}

// What the runner should train on: mixed inputs and probabilities.
struct SoftExamples {
  std::vector<float> inputs;
  std::vector<double> targets;  // [examples, classes]
};

SoftExamples MakeSoftExamples(const Dataset& dataset,
                              const AugmentationSpec& spec) {
  const auto augmenter = *Augmenter::Create(spec, {2, 2, 1});
  const std::vector<int64_t> indices = AllIndices(kMixedExamples);
  ExampleBatch batch;
  LENSLET_EXPECT_OK(batch.ReadInputs(*dataset.examples, indices));
  SoftExamples soft = {
      .inputs = std::vector<float>(kMixedExamples * kMixedPixels),
      .targets = std::vector<double>(kMixedExamples * kMixedClasses)};
  augmenter->CopyInputs(dataset, batch, kMixedSeed, Layout::kImages,
                        soft.inputs.data());
  LENSLET_EXPECT_OK(batch.ReadTargets(*dataset.examples, indices));
  augmenter->ChangeTargets(*dataset.examples, kMixedSeed, batch);
  for (int64_t n = 0; n < kMixedExamples; ++n) {
    const double share = augmenter->shares()[n];
    double* target = soft.targets.data() + n * kMixedClasses;
    target[batch.classes()[n]] += share;
    target[augmenter->other_classes()[n]] += 1 - share;
  }
  return soft;
}

// The sum of -w[k] * t[k] * log p[k], and the number of examples whose largest
// score is at the largest target.
std::pair<double, int64_t> SoftCrossEntropy(const SoftExamples& soft,
                                            const Parameters& parameters,
                                            const std::vector<float>& weights) {
  const float* w = parameters.view(0).data();  // [classes, pixels]
  const float* b = parameters.view(1).data();
  double sum = 0;
  int64_t correct = 0;
  for (int64_t n = 0; n < kMixedExamples; ++n) {
    const double* target = soft.targets.data() + n * kMixedClasses;
    double scores[kMixedClasses], exponentials = 0;
    int best = 0, largest = 0;
    for (int k = 0; k < kMixedClasses; ++k) {
      scores[k] = b[k];
      for (int i = 0; i < kMixedPixels; ++i) {
        scores[k] += static_cast<double>(w[k * kMixedPixels + i]) *
                     soft.inputs[n * kMixedPixels + i];
      }
      exponentials += std::exp(scores[k]);
      if (scores[k] > scores[best]) best = k;
      if (target[k] > target[largest]) largest = k;
    }
    for (int k = 0; k < kMixedClasses; ++k) {
      sum -= weights[k] * target[k] * (scores[k] - std::log(exponentials));
    }
    correct += best == largest;
  }
  return {sum, correct};
}

class MixedLossTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, MixedLossTest,
                         ::testing::Values(Backend::kReference, Backend::kLanes,
                                           Backend::kXnnpack),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// Cross-entropy with the mixed probabilities, and its gradient.
TEST_P(MixedLossTest, IsTheCrossEntropyOfTheMixedTargets) {
  const Dataset dataset = MixedData();
  const Graph graph = MixedNet();
  const std::vector<float> all_ones = {1, 1, 1};
  for (const AugmentationSpec& spec :
       {AugmentationSpec{.mixup = 1}, AugmentationSpec{.cutmix = 1},
        AugmentationSpec{.flip = true, .mixup = 0.5, .cutmix = 0.5}}) {
    const SoftExamples soft = MakeSoftExamples(dataset, spec);
    for (const std::vector<float>& weights :
         {std::vector<float>(), std::vector<float>{0.5f, 1, 2}}) {
      Parameters parameters = InitialParameters(graph);
      LENSLET_ASSERT_OK_AND_ASSIGN(
          const auto runner,
          BlockRunner::Create(
              graph, parameters, {.class_weights = weights},
              TargetKind::kClasses,
              {.backend = GetParam(), .images = 24, .training = true}, spec));
      std::vector<float> gradients(parameters.array().size());
      LENSLET_ASSERT_OK_AND_ASSIGN(
          const Metrics metrics,
          runner->ForwardBackward(dataset, AllIndices(kMixedExamples),
                                  /*scale=*/0.5f, kMixedSeed,
                                  absl::MakeSpan(gradients)));
      const std::vector<float>& w = weights.empty() ? all_ones : weights;
      const auto [loss, correct] = SoftCrossEntropy(soft, parameters, w);
      // 19 losses of some 1 to 4, of floats.
      EXPECT_NEAR(metrics.loss_sum, loss, 1e-4);
      EXPECT_EQ(metrics.predictions, kMixedExamples);
      EXPECT_EQ(metrics.correct, correct);
      double weight_sum = 0;
      for (size_t i = 0; i < soft.targets.size(); ++i) {
        weight_sum += w[i % kMixedClasses] * soft.targets[i];
      }
      EXPECT_NEAR(metrics.weights(), weight_sum, 1e-5);
      for (size_t i = 0; i < gradients.size(); ++i) {
        // Padding between the parameters has no gradient.
        constexpr float kStep = 1.0f / 64;
        Parameters moved = InitialParameters(graph);
        moved.array()[i] += kStep;
        const double above = SoftCrossEntropy(soft, moved, w).first;
        moved.array()[i] -= 2 * kStep;
        const double below = SoftCrossEntropy(soft, moved, w).first;
        // The third derivative, below 19 * 2, times kStep^2 / 6.
        EXPECT_NEAR(gradients[i], 0.5 * (above - below) / (2 * kStep), 2e-3)
            << i;
      }
      // What the runner measures is not mixed.
      LENSLET_ASSERT_OK_AND_ASSIGN(
          const Metrics plain,
          runner->Forward(dataset, AllIndices(kMixedExamples)));
      EXPECT_GT(std::abs(plain.loss_sum - loss), 0.01);
    }
  }
}

}  // namespace
}  // namespace lenslet
