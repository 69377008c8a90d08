// Batches, clipping, averages and rules for layers in docs/porting.md. The
// oracle is softmax regression in double, with the steps of PyTorch or Keras.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/porting/porting.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/recipe/layer_rules.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

constexpr int64_t kExamples = 12;
constexpr int64_t kHeadFeatures = 3;
constexpr int64_t kHeadClasses = 2;
constexpr int64_t kHeadWeights = kHeadFeatures * kHeadClasses;
constexpr double kStepRate = 0.5;

// Each step adds at most 20 roundings of numbers below 4.
constexpr double ToleranceOf(int64_t steps) {
  return static_cast<double>(steps) * 20 * 4 * kRounding;
}

class PortingTrainingTest : public ::testing::Test {
 protected:
  PortingTrainingTest() {
    ExampleArrays arrays = {
        .inputs = Tensor({kExamples, kHeadFeatures}, ElementType::kUint8),
        .targets = Tensor({kExamples}, ElementType::kUint8)};
    const std::vector<float> numbers =
        RandomNumbers(kExamples * kHeadFeatures, 1);
    for (int64_t i = 0; i < kExamples * kHeadFeatures; ++i) {
      const auto byte = static_cast<uint8_t>(128 + 127 * numbers[i]);
      arrays.inputs.span<uint8_t>()[i] = byte;
      x_.push_back(byte / 255.0);
    }
    for (int64_t i = 0; i < kExamples; ++i) {
      arrays.targets.span<uint8_t>()[i] = i % 3 == 0;
    }
    dataset_ = *MakeDataset(std::move(arrays), {"0", "1"});
    InitializeParameters({}, /*seed=*/1, parameters_);
    initial_ = Values(parameters_);
    all_.resize(kExamples);
    std::iota(all_.begin(), all_.end(), 0);
  }

  // The weight, then the bias.
  static std::vector<double> Values(const Parameters& parameters) {
    std::vector<double> values;
    for (int i = 0; i < 2; ++i) {
      const auto span = parameters.view(i).span();
      values.insert(values.end(), span.begin(), span.end());
    }
    return values;
  }

  std::unique_ptr<Trainer> MakeTrainer(TrainerOptions options) {
    options.backend = Backend::kReference;
    options.schedule = {.base_rate = kStepRate};
    return *Trainer::Create(graph_, dataset_, parameters_, options);
  }

  // The loss of these examples, added up, and its gradient, for parameters w.
  double AddGradient(const std::vector<double>& w,
                     absl::Span<const int64_t> examples,
                     std::vector<double>& gradient) const {
    gradient.assign(w.size(), 0);
    double loss = 0;
    for (const int64_t n : examples) {
      const double* x = &x_[n * kHeadFeatures];
      const int64_t label = n % 3 == 0;
      double p[kHeadClasses];
      double sum = 0;
      for (int64_t k = 0; k < kHeadClasses; ++k) {
        p[k] = w[kHeadWeights + k];
        for (int64_t i = 0; i < kHeadFeatures; ++i) {
          p[k] += w[k * kHeadFeatures + i] * x[i];
        }
        p[k] = std::exp(p[k]);
        sum += p[k];
      }
      loss -= std::log(p[label] / sum);
      for (int64_t k = 0; k < kHeadClasses; ++k) {
        const double dx = p[k] / sum - (k == label ? 1 : 0);
        gradient[kHeadWeights + k] += dx;
        for (int64_t i = 0; i < kHeadFeatures; ++i) {
          gradient[k * kHeadFeatures + i] += dx * x[i];
        }
      }
    }
    return loss;
  }

  // reduction='mean'.
  std::vector<double> MeanGradient(const std::vector<double>& w,
                                   absl::Span<const int64_t> examples) const {
    std::vector<double> gradient;
    AddGradient(w, examples, gradient);
    for (double& g : gradient) g /= static_cast<double>(examples.size());
    return gradient;
  }

  double DifferenceFrom(const std::vector<double>& expected,
                        const Parameters& parameters) const {
    const std::vector<double> values = Values(parameters);
    double largest = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      largest = std::max(largest, std::abs(values[i] - expected[i]));
    }
    return largest;
  }

  const Graph graph_ = GraphOfLayers(
      "layer { name: 'head' linear { output_features: 2 } }", {kHeadFeatures});
  Parameters parameters_ = *Parameters::Create(graph_);
  Dataset dataset_;
  std::vector<double> x_;
  std::vector<double> initial_;
  std::vector<int64_t> all_;
};

double NormOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

// Adds factor * b to a.
void AddTo(std::vector<double>& a, double factor,
           const std::vector<double>& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
}

TEST_F(PortingTrainingTest, GradientsAreThoseOfTheMean) {
  const std::unique_ptr<Trainer> trainer = MakeTrainer({.batch_size = 12});
  std::vector<double> w = initial_;
  std::vector<double> gradient;
  AddGradient(w, all_, gradient);
  LENSLET_ASSERT_OK(trainer->Step(all_));
  // reduction='sum' needs a rate of 1 / 12 as much.
  AddTo(w, -kStepRate / kExamples, gradient);
  EXPECT_LT(DifferenceFrom(w, parameters_), ToleranceOf(1));
}

// drop_last=False: the last batch has 2 examples, and its gradient is the mean
// of these. The epoch's loss is the mean over examples.
TEST_F(PortingTrainingTest, TheLastBatchIsSmaller) {
  const std::unique_ptr<Trainer> trainer =
      MakeTrainer({.batch_size = 5, .seed = 3});
  std::vector<double> w = initial_;
  double loss = 0;
  std::vector<int64_t> sizes;
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    const std::vector<int64_t> order = ShuffledIndices(kExamples, 3, epoch);
    loss = 0;
    for (int64_t i = 0; i < kExamples; i += 5) {
      const auto batch = absl::MakeConstSpan(order).subspan(i, 5);
      sizes.push_back(std::ssize(batch));
      std::vector<double> gradient;
      loss += AddGradient(w, batch, gradient);
      AddTo(w, -kStepRate / std::ssize(batch), gradient);
    }
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Metrics metrics,
        trainer->TrainEpoch(epoch, [](const Metrics&) {}));
    EXPECT_NEAR(metrics.loss(), loss / kExamples, ToleranceOf(6));
  }
  EXPECT_EQ(sizes, (std::vector<int64_t>{5, 5, 2, 5, 5, 2}));
  EXPECT_LT(DifferenceFrom(w, parameters_), ToleranceOf(6));
}

// PyTorch: (loss / 3).backward() for 3 batches, then one step.
TEST_F(PortingTrainingTest, AccumulatedBatches) {
  const RecipeProto recipe =
      RecipeOnPage("batch_size: 4 accumulate_batches: 3");
  const std::unique_ptr<Trainer> trainer =
      MakeTrainer({.batch_size = UpdateSize(recipe)});
  std::vector<double> w = initial_;
  std::vector<double> sum(w.size());
  for (int64_t i = 0; i < kExamples; i += 4) {
    AddTo(sum, 1.0 / 3,
          MeanGradient(w, absl::MakeConstSpan(all_).subspan(i, 4)));
  }
  AddTo(w, -kStepRate, sum);
  LENSLET_ASSERT_OK(trainer->Step(all_));
  EXPECT_LT(DifferenceFrom(w, parameters_), ToleranceOf(1));
}

TEST_F(PortingTrainingTest, ClipNorm) {
  const double clip = RecipeOnPage("clip_norm: 0.05").clip_norm();
  const std::unique_ptr<Trainer> trainer =
      MakeTrainer({.batch_size = 12, .clip_norm = clip});
  std::vector<double> pytorch = initial_;
  std::vector<double> keras = initial_;
  for (int step = 0; step < 3; ++step) {
    // clip_grad_norm_
    std::vector<double> g = MeanGradient(pytorch, all_);
    ASSERT_GT(NormOf(g), clip);
    AddTo(pytorch, -kStepRate * std::min(1.0, clip / (NormOf(g) + 1e-6)), g);
    // global_clipnorm
    g = MeanGradient(keras, all_);
    AddTo(keras, -kStepRate * clip * std::min(1 / NormOf(g), 1 / clip), g);
    LENSLET_ASSERT_OK(trainer->Step(all_));
  }
  EXPECT_LT(DifferenceFrom(keras, parameters_), ToleranceOf(3));
  // The 1e-6 is at most 2e-5 of the norm, which is above 0.05.
  EXPECT_LT(DifferenceFrom(pytorch, parameters_),
            ToleranceOf(3) + 3 * kStepRate * clip * 2e-5);
}

TEST_F(PortingTrainingTest, ClipsBeforeWeightDecay) {
  constexpr double kClip = 0.1;
  constexpr double kDecay = 0.5;
  const std::unique_ptr<Trainer> trainer =
      MakeTrainer({.batch_size = 12,
                   .optimizer = {.weight_decay = kDecay},
                   .clip_norm = kClip});
  const auto clipped = [&](const std::vector<double>& g) {
    return std::min(1.0, kClip / NormOf(g));
  };
  std::vector<double> w = initial_;
  const std::vector<double> g = MeanGradient(w, all_);
  AddTo(w, -kStepRate * kDecay, w);
  AddTo(w, -kStepRate * clipped(g), g);
  std::vector<double> decayed_first = g;
  AddTo(decayed_first, kDecay, initial_);
  std::vector<double> other = initial_;
  AddTo(other, -kStepRate * clipped(decayed_first), decayed_first);
  LENSLET_ASSERT_OK(trainer->Step(all_));
  EXPECT_LT(DifferenceFrom(w, parameters_), ToleranceOf(1));
  EXPECT_GT(DifferenceFrom(other, parameters_), 0.01);
}

// PyTorch's and Keras's decay biases, too.
TEST_F(PortingTrainingTest, BiasesDecay) {
  EXPECT_FALSE(RecipeOnPage("optimizer { weight_decay: 0.01 decay_all: false }")
                   .optimizer()
                   .decay_all());
  constexpr double kDecay = 0.5;
  for (const bool all : {true, false}) {
    InitializeParameters({}, /*seed=*/1, parameters_);
    parameters_.view(1)[0] = 1;  // A bias that can decay.
    std::vector<double> w = Values(parameters_);
    TrainerOptions options = {.batch_size = 12,
                              .optimizer = {.weight_decay = kDecay}};
    if (!all) options.decay_all = false;
    const std::unique_ptr<Trainer> trainer = MakeTrainer(options);
    std::vector<double> g = MeanGradient(w, all_);
    for (int64_t i = 0; i < (all ? kHeadWeights + kHeadClasses : kHeadWeights);
         ++i) {
      g[i] += kDecay * w[i];
    }
    AddTo(w, -kStepRate, g);
    LENSLET_ASSERT_OK(trainer->Step(all_));
    EXPECT_LT(DifferenceFrom(w, parameters_), ToleranceOf(1)) << all;
  }
}

TEST_F(PortingTrainingTest, AveragesWarmUp) {
  const double decay = RecipeOnPage("average_decay: 0.9").average_decay();
  const std::unique_ptr<Trainer> trainer =
      MakeTrainer({.batch_size = 12, .average_decay = decay});
  std::vector<double> expected = initial_;
  std::vector<double> pytorch;  // AveragedModel(get_ema_multi_avg_fn(0.9)).
  for (int64_t t = 0; t < 100; ++t) {
    const std::vector<double> before = Values(trainer->averages());
    LENSLET_ASSERT_OK(trainer->Step(all_));
    const std::vector<double> w = Values(parameters_);
    const double d = std::min(decay, (1.0 + t) / (10.0 + t));
    for (size_t i = 0; i < w.size(); ++i) {
      expected[i] = d * expected[i] + (1 - d) * w[i];
    }
    EXPECT_LT(DifferenceFrom(expected, trainer->averages()),
              ToleranceOf(t + 1));
    if (t == 0) {
      pytorch = w;
    } else {
      for (size_t i = 0; i < w.size(); ++i) {
        pytorch[i] = decay * pytorch[i] + (1 - decay) * w[i];
      }
    }
    if (t == 5) {
      EXPECT_GT(DifferenceFrom(pytorch, trainer->averages()), 0.01);
    }
    // From (10 d - 1) / (1 - d) on, each step is PyTorch's and Keras's.
    if (t < 80) continue;
    std::vector<double> step = before;
    for (size_t i = 0; i < w.size(); ++i) {
      step[i] = decay * before[i] + (1 - decay) * w[i];
    }
    EXPECT_LT(DifferenceFrom(step, trainer->averages()), ToleranceOf(1));
  }
}

// As AveragedModel with use_buffers=True. Keras averages only what is trained.
TEST_F(PortingTrainingTest, AveragesIncludeStatistics) {
  const Graph graph = GraphOfLayers(
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'head' linear { output_features: 2 } }",
      {kHeadFeatures});
  Parameters parameters = *Parameters::Create(graph);
  InitializeParameters({}, /*seed=*/1, parameters);
  const std::unique_ptr<Trainer> trainer = *Trainer::Create(
      graph, dataset_, parameters, {.batch_size = 12, .average_decay = 0.9});
  LENSLET_ASSERT_OK(trainer->Step(all_));
  const int kRunningMean = 2;
  for (int64_t c = 0; c < kHeadFeatures; ++c) {
    const double mean = parameters.view(kRunningMean)[c];
    EXPECT_GT(mean, 0.01);
    // 0.1 of the initial 0, and 0.9 of the new.
    EXPECT_NEAR(trainer->averages().view(kRunningMean)[c], 0.9 * mean,
                ToleranceOf(1));
  }
}

// Parameter groups: {'params': head.parameters(), 'lr': 0.1 * lr}.
TEST_F(PortingTrainingTest, RatesOfLayers) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<double> factors,
      RateFactors(
          RecipeOnPage("layer_rule { layer: \"head\" rate_factor: 0.1 }"),
          graph_));
  const std::unique_ptr<Trainer> trainer =
      MakeTrainer({.batch_size = 12, .rate_factors = factors});
  std::vector<double> w = initial_;
  AddTo(w, -0.1 * kStepRate, MeanGradient(w, all_));
  LENSLET_ASSERT_OK(trainer->Step(all_));
  EXPECT_LT(DifferenceFrom(w, parameters_), ToleranceOf(1));
}

}  // namespace
}  // namespace lenslet
