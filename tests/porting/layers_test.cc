// Normalization, dropout and activations of docs/porting.md.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/porting/porting.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/recipe/layer_rules.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

double Normalized(double x, double mean, double variance, double scale,
                  double shift, double epsilon) {
  return scale * (x - mean) / std::sqrt(variance + epsilon) + shift;
}

// Inference. A small variance makes epsilon matter.
std::vector<double> NormsOf(const std::vector<float>& x, double epsilon) {
  std::vector<double> y;
  for (const float value : x) {
    y.push_back(Normalized(value, 0.25, 0.001, 0.5, -0.5, epsilon));
  }
  return y;
}

TEST(PortingLayerTest, BatchNormOfPytorch) {
  const std::vector<float> x = RandomNumbers(10, 1);
  const std::vector<float> y =
      RunGraph(GraphOfLayerOnPage("batch_norm {}", {1}),
               {{0.5f}, {-0.5f}, {0.25f}, {0.001f}}, x);
  // Numbers below 21, rounded when read (0.001), and when written.
  EXPECT_LT(LargestDifference(y, NormsOf(x, 1e-5)), 2 * 21 * kRounding);
  EXPECT_GT(LargestDifference(y, NormsOf(x, 1e-3)), 1);
}

TEST(PortingLayerTest, BatchNormOfKeras) {
  const std::vector<float> x = RandomNumbers(10, 1);
  const std::vector<float> y = RunGraph(
      GraphOfLayerOnPage("batch_norm { epsilon: 0.001 momentum: 0.01 }", {1}),
      {{0.5f}, {-0.5f}, {0.25f}, {0.001f}}, x);
  EXPECT_LT(LargestDifference(y, NormsOf(x, 1e-3)), 2 * 21 * kRounding);
}

// A data set of one number for each example, and a network that normalizes it.
class PortingNormTest : public ::testing::Test {
 protected:
  static constexpr int64_t kExamples = 12;

  PortingNormTest() {
    ExampleArrays arrays = {
        .inputs = Tensor({kExamples, 1}, ElementType::kUint8),
        .targets = Tensor({kExamples}, ElementType::kUint8)};
    const std::vector<float> numbers = RandomNumbers(kExamples, 1);
    for (int64_t i = 0; i < kExamples; ++i) {
      const auto byte = static_cast<uint8_t>(128 + 127 * numbers[i]);
      arrays.inputs.span<uint8_t>()[i] = byte;
      arrays.targets.span<uint8_t>()[i] = i % 2;
      x_.push_back(byte / 255.0);
    }
    dataset_ = *MakeDataset(std::move(arrays), {"0", "1"});
  }

  struct Statistics {
    double mean = 0;
    double variance = 1;
  };

  Graph NormGraph(const std::string& norm) const {
    return GraphOfLayers(
        absl::StrCat("layer { name: 'norm' ", norm,
                     " } layer { name: 'scores' linear { output_features: 2 "
                     "bias: false } }"),
        {1});
  }

  // The running statistics after steps on all examples in order.
  Statistics Train(const Graph& graph, int64_t block, int steps,
                   std::vector<double> rate_factors = {}) {
    parameters_ = std::make_unique<Parameters>(*Parameters::Create(graph));
    InitializeParameters({}, /*seed=*/1, *parameters_);
    const std::unique_ptr<Trainer> trainer =
        *Trainer::Create(graph, dataset_, *parameters_,
                         {.backend = Backend::kReference,
                          .batch_size = kExamples,
                          .schedule = {.base_rate = 0.01},
                          .rate_factors = std::move(rate_factors),
                          .block = block});
    std::vector<int64_t> all(kExamples);
    for (int64_t i = 0; i < kExamples; ++i) all[i] = i;
    for (int i = 0; i < steps; ++i) LENSLET_EXPECT_OK(trainer->Step(all));
    return {parameters_->view(2)[0], parameters_->view(3)[0]};
  }

  // The mean, and the mean squared difference from it, of examples [begin,
  // end).
  Statistics StatisticsOf(int64_t begin, int64_t end) const {
    Statistics s = {0, 0};
    for (int64_t i = begin; i < end; ++i) s.mean += x_[i] / (end - begin);
    for (int64_t i = begin; i < end; ++i) {
      s.variance += (x_[i] - s.mean) * (x_[i] - s.mean) / (end - begin);
    }
    return s;
  }

  // BatchNorm1d: running <- (1 - momentum) running + momentum new, with the
  // unbiased variance.
  Statistics PytorchRunning(int steps) const {
    const Statistics batch = StatisticsOf(0, kExamples);
    Statistics running;
    for (int i = 0; i < steps; ++i) {
      running.mean = 0.9 * running.mean + 0.1 * batch.mean;
      running.variance = 0.9 * running.variance +
                         0.1 * batch.variance * kExamples / (kExamples - 1);
    }
    return running;
  }

  Dataset dataset_;
  std::vector<double> x_;
  std::unique_ptr<Parameters> parameters_;
};

// Steps round inputs, statistics and updates of numbers below 1.
constexpr double kStatisticsTolerance = 5 * 8 * kRounding;

TEST_F(PortingNormTest, StatisticsOfPytorchNeedABlockOfABatch) {
  EXPECT_EQ(RecipeOnPage("batch_size: 64 block: 64").block(), 64);
  const Statistics ours = Train(NormGraph("batch_norm {}"), kExamples, 5);
  const Statistics expected = PytorchRunning(5);
  EXPECT_NEAR(ours.mean, expected.mean, kStatisticsTolerance);
  EXPECT_NEAR(ours.variance, expected.variance, kStatisticsTolerance);
}

TEST_F(PortingNormTest, StatisticsMoveByTheMeanOfTheBlocks) {
  const Statistics ours = Train(NormGraph("batch_norm {}"), 4, 5);
  Statistics running;
  for (int step = 0; step < 5; ++step) {
    Statistics change = {0, 0};
    for (int64_t block = 0; block < 3; ++block) {
      const Statistics s = StatisticsOf(4 * block, 4 * block + 4);
      change.mean += 0.1 * (s.mean - running.mean) / 3;
      change.variance += 0.1 * (s.variance * 4 / 3 - running.variance) / 3;
    }
    running.mean += change.mean;
    running.variance += change.variance;
  }
  EXPECT_NEAR(ours.mean, running.mean, kStatisticsTolerance);
  EXPECT_NEAR(ours.variance, running.variance, kStatisticsTolerance);
  EXPECT_GT(std::abs(ours.variance - PytorchRunning(5).variance),
            10 * kStatisticsTolerance);
}

// BatchNormalization(momentum=0.99): moving <- 0.99 moving + 0.01 new, with the
// mean squared difference.
TEST_F(PortingNormTest, MovingVarianceOfKerasIsBiased) {
  const Statistics ours =
      Train(NormGraph(OnPage("batch_norm { epsilon: 0.001 momentum: 0.01 }")),
            kExamples, 5);
  const Statistics batch = StatisticsOf(0, kExamples);
  Statistics moving;
  for (int i = 0; i < 5; ++i) {
    moving.mean = 0.99 * moving.mean + 0.01 * batch.mean;
    moving.variance = 0.99 * moving.variance + 0.01 * batch.variance;
  }
  EXPECT_NEAR(ours.mean, moving.mean, kStatisticsTolerance);
  // The rest of m / (m - 1).
  const double rest =
      (1 - std::pow(0.99, 5)) * batch.variance / (kExamples - 1);
  EXPECT_NEAR(ours.variance, moving.variance + rest, kStatisticsTolerance);
  EXPECT_GT(rest, 10 * kStatisticsTolerance);
}

TEST_F(PortingNormTest, FrozenNormsFollowTheData) {
  const RecipeProto recipe =
      RecipeOnPage("layer_rule { layer: \"norm*\" freeze: true }");
  const ModelText text = *ParseModelText(
      "input { name: 'image' shape: 1 }"
      "layer { name: 'norm' batch_norm {} }"
      "layer { name: 'scores' linear { output_features: 2 } }",
      "model");
  ModelProto model = text.model;
  LENSLET_ASSERT_OK(FreezeLayers(recipe, model));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, BuildGraph(model));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<double> factors,
                               RateFactors(recipe, graph));
  const Statistics ours = Train(graph, kExamples, 5, factors);
  EXPECT_NEAR(ours.mean, PytorchRunning(5).mean, kStatisticsTolerance);
  EXPECT_EQ(parameters_->view(0)[0], 1);  // scale
  EXPECT_EQ(parameters_->view(1)[0], 0);  // bias
}

// PyTorch raises "Expected more than 1 value per channel when training".
TEST_F(PortingNormTest, OneValueHasNoVariance) {
  const Statistics ours = Train(NormGraph("batch_norm {}"), 1, 1);
  double mean = 0;
  for (const double x : x_) mean += 0.1 * x / kExamples;
  EXPECT_NEAR(ours.mean, mean, kStatisticsTolerance);
  EXPECT_EQ(ours.variance, 1);
}

TEST(PortingLayerTest, DropoutScalesInTraining) {
  constexpr int64_t kNumbers = 10000;
  constexpr double kRate = 0.25;
  const std::vector<float> ones(kNumbers, 1);
  const Graph graph = GraphOfLayers(
      "layer { name: 'dropout' dropout { rate: 0.25 } }", {kNumbers});
  EXPECT_EQ(RunGraph(graph, {}, ones), ones);
  const std::vector<float> y = RunGraph(graph, {}, ones, /*training=*/true);
  int64_t kept = 0;
  for (const float value : y) {
    if (value == 0) continue;
    ++kept;
    EXPECT_NEAR(value, 1 / (1 - kRate), 2 * kRounding);
  }
  // Five standard deviations.
  EXPECT_NEAR(kept, kNumbers * (1 - kRate),
              5 * std::sqrt(kNumbers * kRate * (1 - kRate)));
}

// Dropout() of PyTorch has p = 0.5.
TEST(PortingLayerTest, DropoutDropsNothingByDefault) {
  const std::vector<float> x = RandomNumbers(100, 1);
  EXPECT_EQ(RunGraph(GraphOfLayers("layer { name: 'd' dropout {} }", {100}), {},
                     x, /*training=*/true),
            x);
  const std::vector<float> y =
      RunGraph(GraphOfLayerOnPage("dropout { rate: 0.5 }", {100}), {}, x,
               /*training=*/true);
  EXPECT_GT(std::count(y.begin(), y.end(), 0), 20);
}

std::vector<float> Activated(const std::string& kind,
                             const std::vector<float>& x) {
  return RunGraph(GraphOfLayerOnPage(kind, {std::ssize(x)}), {}, x);
}

template <typename Function>
std::vector<double> Map(const std::vector<float>& x, const Function& function) {
  std::vector<double> y;
  for (const float value : x) y.push_back(function(double{value}));
  return y;
}

const std::vector<float>& Arguments() {
  static const auto* const arguments =
      new std::vector<float>{-30, -8, -3, -1, -0.25f, 0, 0.25f, 1, 3, 8, 30};
  return *arguments;
}

// Results are below 31, and rounded once; slopes are rounded, too.
constexpr double kActivationTolerance = 2 * 31 * kRounding;

TEST(PortingLayerTest, SlopeOfLeakyRelu) {
  const auto leaky = [](double slope) {
    return [=](double x) { return x >= 0 ? x : slope * x; };
  };
  EXPECT_LT(LargestDifference(Activated("leaky_relu {}", Arguments()),
                              Map(Arguments(), leaky(0.01))),
            kActivationTolerance);
  EXPECT_LT(
      LargestDifference(Activated("leaky_relu { slope: 0.3 }", Arguments()),
                        Map(Arguments(), leaky(0.3))),
      kActivationTolerance);
}

TEST(PortingLayerTest, GeluIsExact) {
  const std::vector<float> y = Activated("gelu {}", Arguments());
  EXPECT_LT(LargestDifference(y, Map(Arguments(),
                                     [](double x) {
                                       return x * 0.5 *
                                              (1 + std::erf(x / std::sqrt(2)));
                                     })),
            kActivationTolerance);
  // approximate='tanh'
  EXPECT_GT(LargestDifference(
                y, Map(Arguments(),
                       [](double x) {
                         return 0.5 * x *
                                (1 + std::tanh(std::sqrt(2 / std::numbers::pi) *
                                               (x + 0.044715 * x * x * x)));
                       })),
            1e-4);
}

// nn.Softplus returns x above a threshold of 20.
TEST(PortingLayerTest, SoftplusHasNoThreshold) {
  EXPECT_LT(LargestDifference(Activated("softplus {}", Arguments()),
                              Map(Arguments(),
                                  [](double x) {
                                    return x > 20 ? x : std::log1p(std::exp(x));
                                  })),
            kActivationTolerance + std::exp(-20));
}

TEST(PortingLayerTest, EluAndSilu) {
  EXPECT_LT(
      LargestDifference(
          Activated("elu {}", Arguments()),
          Map(Arguments(), [](double x) { return x > 0 ? x : std::expm1(x); })),
      kActivationTolerance);
  EXPECT_LT(
      LargestDifference(
          Activated("silu {}", Arguments()),
          Map(Arguments(), [](double x) { return x / (1 + std::exp(-x)); })),
      kActivationTolerance);
}

}  // namespace
}  // namespace lenslet
