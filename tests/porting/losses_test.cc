// The losses of docs/porting.md.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/loss/loss.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/porting/porting.h"
#include "lenslet/train/recipe/recipe_specs.h"

namespace lenslet {
namespace {

constexpr int64_t kImages = 6;
constexpr int64_t kClasses = 3;
constexpr int32_t kLabels[kImages] = {0, 1, 2, 2, 0, 2};

// Losses are below 10, computed in double and rounded once.
constexpr double kLossTolerance = 10 * kRounding;

struct Scores {
  Scores() : Scores(kClasses) {}
  explicit Scores(int64_t classes) : classes(classes) {
    values = RandomNumbers(kImages * classes, 1);
    for (float& value : values) value *= 4;
  }

  double at(int64_t n, int64_t k) const { return values[n * classes + k]; }
  double LogSoftmax(int64_t n, int64_t k) const {
    double sum = 0;
    for (int64_t j = 0; j < classes; ++j) sum += std::exp(at(n, j));
    return at(n, k) - std::log(sum);
  }
  double Rival(int64_t n, int32_t label) const {
    double largest = -1e9;
    for (int64_t k = 0; k < classes; ++k) {
      if (k != label) largest = std::max(largest, at(n, k));
    }
    return largest;
  }

  int64_t classes;
  std::vector<float> values;
};

LossSpec LossOnPage(const char* fields) {
  return *MakeLossSpec(RecipeOnPage(fields), {});
}

// The losses of the images.
std::vector<float> Losses(const Scores& scores, const LossSpec& spec) {
  Tensor x({kImages, scores.classes});
  std::copy(scores.values.begin(), scores.values.end(), x.span().begin());
  std::vector<int32_t> labels;
  for (const int32_t label : kLabels) {
    labels.push_back(static_cast<int32_t>(label % scores.classes));
  }
  const absl::StatusOr<Tensor> losses = ComputeLosses(x, labels, spec);
  LENSLET_EXPECT_OK(losses);
  return {losses->span().begin(), losses->span().end()};
}

double MeanOf(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// nn.CrossEntropyLoss, and SparseCategoricalCrossentropy(from_logits=True).
TEST(PortingLossTest, CrossEntropyTakesScores) {
  const Scores x;
  std::vector<double> expected;
  for (int64_t n = 0; n < kImages; ++n) {
    expected.push_back(-x.LogSoftmax(n, kLabels[n]));
  }
  EXPECT_LT(LargestDifference(Losses(x, LossSpec()), expected), kLossTolerance);
  EXPECT_LT(LargestDifference(
                Losses(x, LossOnPage("loss { cross_entropy {} }")), expected),
            kLossTolerance);
}

// Both use the target (1 - e) one_hot + e / classes.
TEST(PortingLossTest, LabelSmoothing) {
  const Scores x;
  std::vector<double> expected;
  for (int64_t n = 0; n < kImages; ++n) {
    double loss = 0;
    for (int64_t k = 0; k < kClasses; ++k) {
      const double target = (k == kLabels[n] ? 0.9 : 0) + 0.1 / kClasses;
      loss -= target * x.LogSoftmax(n, k);
    }
    expected.push_back(loss);
  }
  EXPECT_LT(
      LargestDifference(
          Losses(x,
                 LossOnPage("loss { cross_entropy { label_smoothing: 0.1 } }")),
          expected),
      kLossTolerance);
}

constexpr double kClassWeights[kClasses] = {1, 2, 0.5};
constexpr char kWeightedLoss[] =
    "loss { class_weight: 1 class_weight: 2 class_weight: 0.5 }";

// CrossEntropyLoss(weight): the mean's divisor is the sum of the weights.
TEST(PortingLossTest, ClassWeightsOfPytorch) {
  const Scores x;
  double sum = 0;
  double weights = 0;
  for (int64_t n = 0; n < kImages; ++n) {
    const double weight = kClassWeights[kLabels[n]];
    sum -= weight * x.LogSoftmax(n, kLabels[n]);
    weights += weight;
  }
  const LossSpec spec = LossOnPage(kWeightedLoss);
  EXPECT_EQ(SumOfWeights(spec, kLabels, kImages), weights);
  EXPECT_NEAR(MeanOf(Losses(x, spec)) * kImages / weights, sum / weights,
              2 * kLossTolerance);
}

// fit(class_weight): the divisor is the number of images.
TEST(PortingLossTest, ClassWeightsOfKeras) {
  const Scores x;
  const LossSpec spec = LossOnPage(
      "loss { cross_entropy { weigh_by_label: true } class_weight: 1 "
      "class_weight: 2 class_weight: 0.5 }");
  EXPECT_EQ(SumOfWeights(spec, kLabels, kImages), kImages);
  double sum = 0;
  for (int64_t n = 0; n < kImages; ++n) {
    sum -= kClassWeights[kLabels[n]] * x.LogSoftmax(n, kLabels[n]);
  }
  EXPECT_NEAR(MeanOf(Losses(x, spec)), sum / kImages, 2 * kLossTolerance);
}

// CrossEntropyLoss(weight, label_smoothing): each class's part of a smoothed
// target has its weight.
TEST(PortingLossTest, SmoothedAndWeighted) {
  const Scores x;
  std::vector<double> expected;
  for (int64_t n = 0; n < kImages; ++n) {
    expected.push_back(0);
    for (int64_t k = 0; k < kClasses; ++k) {
      const double target = (k == kLabels[n] ? 0.9 : 0) + 0.1 / kClasses;
      expected.back() -= kClassWeights[k] * target * x.LogSoftmax(n, k);
    }
  }
  EXPECT_LT(LargestDifference(
                Losses(x, LossOnPage("loss { cross_entropy { label_smoothing: "
                                     "0.1 } class_weight: 1 class_weight: 2 "
                                     "class_weight: 0.5 }")),
                expected),
            2 * kLossTolerance);
}

// fit(class_weight) of a smoothed loss: the label's weight.
TEST(PortingLossTest, SmoothedAndWeightedByLabel) {
  const Scores x;
  std::vector<double> expected;
  for (int64_t n = 0; n < kImages; ++n) {
    expected.push_back(0);
    for (int64_t k = 0; k < kClasses; ++k) {
      const double target = (k == kLabels[n] ? 0.9 : 0) + 0.1 / kClasses;
      expected.back() -=
          kClassWeights[kLabels[n]] * target * x.LogSoftmax(n, k);
    }
  }
  EXPECT_LT(LargestDifference(
                Losses(x, LossOnPage("loss { cross_entropy { label_smoothing: "
                                     "0.1 weigh_by_label: true } class_weight: "
                                     "1 class_weight: 2 class_weight: 0.5 }")),
                expected),
            2 * kLossTolerance);
}

// MSELoss and MeanSquaredError of one-hot targets.
TEST(PortingLossTest, MeanSquaredError) {
  const Scores x;
  double sum = 0;
  for (int64_t n = 0; n < kImages; ++n) {
    for (int64_t k = 0; k < kClasses; ++k) {
      const double error = x.at(n, k) - (k == kLabels[n] ? 1 : 0);
      sum += error * error;
    }
  }
  EXPECT_NEAR(MeanOf(Losses(x, LossOnPage("loss { mean_squared_error {} }"))),
              sum / (kImages * kClasses), 25 * kRounding);
}

Tensor TensorOf(const std::vector<float>& values) {
  Tensor tensor({1, static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

// The loss of one image, whose outputs and targets are values.
double LossOfValues(const std::vector<float>& x, const std::vector<float>& t,
                    const char* fields) {
  const absl::StatusOr<Tensor> losses =
      ComputeLosses(TensorOf(x), TensorOf(t), LossOnPage(fields));
  LENSLET_EXPECT_OK(losses);
  return losses->data()[0];
}

// MSELoss, L1Loss and Keras's of the same names: means over all numbers.
TEST(PortingLossTest, ErrorsOfValues) {
  const std::vector<float> x = RandomNumbers(20, 1);
  const std::vector<float> t = RandomNumbers(20, 2);
  double squares = 0;
  double sizes = 0;
  for (int i = 0; i < 20; ++i) {
    const double error = double{x[i]} - t[i];
    squares += error * error;
    sizes += std::abs(error);
  }
  EXPECT_NEAR(LossOfValues(x, t, "loss { mean_squared_error {} }"),
              squares / 20, kLossTolerance);
  EXPECT_NEAR(LossOfValues(x, t, "loss { mean_absolute_error {} }"), sizes / 20,
              kLossTolerance);
}

// SmoothL1Loss: error^2 / 2 / beta, or |error| - beta / 2.
TEST(PortingLossTest, Huber) {
  const std::vector<float> x = RandomNumbers(20, 1);
  const std::vector<float> t = RandomNumbers(20, 2);
  double huber = 0;
  double smooth_l1 = 0;
  int small = 0;
  for (int i = 0; i < 20; ++i) {
    const double error = std::abs(double{x[i]} - t[i]);
    small += error < 0.5;
    huber += error < 0.5 ? error * error / 2 : 0.5 * (error - 0.25);
    smooth_l1 += error < 0.5 ? error * error / 2 / 0.5 : error - 0.25;
  }
  EXPECT_GT(small, 0);
  EXPECT_LT(small, 20);
  const double ours = LossOfValues(x, t, "loss { huber { delta: 0.5 } }");
  EXPECT_NEAR(ours, huber / 20, kLossTolerance);
  EXPECT_NEAR(ours / 0.5, smooth_l1 / 20, kLossTolerance);
}

// BCEWithLogitsLoss: -w t log p - (1 - t) log(1 - p), in the mean.
TEST(PortingLossTest, SigmoidCrossEntropyTakesScores) {
  const std::vector<float> x = RandomNumbers(20, 1);
  double sum = 0;
  std::vector<float> t;
  for (int i = 0; i < 20; ++i) {
    t.push_back(static_cast<float>(i % 3) / 2);
    const double p = 1 / (1 + std::exp(-double{x[i]}));
    sum -= t[i] * std::log(p) + (1 - t[i]) * std::log(1 - p);
  }
  EXPECT_NEAR(LossOfValues(x, t, "loss { sigmoid_cross_entropy {} }"), sum / 20,
              kLossTolerance);
}

// pos_weight.
TEST(PortingLossTest, PositiveWeights) {
  const double expected =
      std::log(1 + std::exp(0.5)) + 3 * std::log(1 + std::exp(1.25));
  EXPECT_NEAR(LossOfValues({0.5f, -1.25f}, {0, 1},
                           "loss { sigmoid_cross_entropy { positive_weight: 1 "
                           "positive_weight: 3 } }"),
              expected / 2, kLossTolerance);
}

// sigmoid_focal_loss: alpha_t (1 - p_t)^gamma times the cross-entropy.
TEST(PortingLossTest, SigmoidFocal) {
  const std::vector<float> x = RandomNumbers(20, 1);
  double sum = 0;
  double without_alpha = 0;
  std::vector<float> t;
  for (int i = 0; i < 20; ++i) {
    t.push_back(static_cast<float>(i % 2));
    const double p = 1 / (1 + std::exp(-double{x[i]}));
    const double p_t = t[i] == 1 ? p : 1 - p;
    const double loss = std::pow(1 - p_t, 2) * -std::log(p_t);
    sum += (t[i] == 1 ? 0.25 : 0.75) * loss;
    without_alpha += loss;
  }
  EXPECT_NEAR(LossOfValues(x, t, "loss { sigmoid_focal { alpha: 0.25 } }"),
              sum / 20, kLossTolerance);
  EXPECT_NEAR(LossOfValues(x, t, "loss { sigmoid_focal {} }"),
              without_alpha / 20, kLossTolerance);
}

// CategoricalHinge: max(0, 1 + max((1 - y) x) - sum(y x)). The maximum includes
// the label's own 0.
TEST(PortingLossTest, HingeOfKeras) {
  const Scores x;
  const std::vector<float> ours = Losses(x, LossOnPage("loss { hinge {} }"));
  int same = 0;
  for (int64_t n = 0; n < kImages; ++n) {
    const double rival = x.Rival(n, kLabels[n]);
    const double keras =
        std::max(0.0, 1 + std::max(0.0, rival) - x.at(n, kLabels[n]));
    if (rival >= 0) {
      EXPECT_NEAR(ours[n], keras, kLossTolerance);
      ++same;
    }
  }
  EXPECT_GT(same, 0);
  // All rivals are negative.
  Scores negative;
  for (float& value : negative.values) value = -std::abs(value) - 1;
  const std::vector<float> losses =
      Losses(negative, LossOnPage("loss { hinge {} }"));
  for (int64_t n = 0; n < kImages; ++n) {
    const double keras = 1 - negative.at(n, kLabels[n]);
    EXPECT_LT(losses[n], keras - 0.5);
  }
}

// MultiMarginLoss: sum over k != label of max(0, margin - x[label] + x[k]),
// divided by the number of classes.
TEST(PortingLossTest, HingeOfPytorchAddsUpRivals) {
  const auto pytorch = [](const Scores& x) {
    std::vector<double> losses;
    for (int64_t n = 0; n < kImages; ++n) {
      const int64_t label = kLabels[n] % x.classes;
      double sum = 0;
      for (int64_t k = 0; k < x.classes; ++k) {
        if (k != label) sum += std::max(0.0, 1 - x.at(n, label) + x.at(n, k));
      }
      losses.push_back(sum / static_cast<double>(x.classes));
    }
    return losses;
  };
  const LossSpec spec = LossOnPage("loss { sum_hinge {} }");
  for (const int64_t classes : {2, 3}) {
    std::vector<float> ours = Losses(Scores(classes), spec);
    for (float& loss : ours) loss /= static_cast<float>(classes);
    EXPECT_LT(LargestDifference(ours, pytorch(Scores(classes))),
              2 * kLossTolerance);
  }
}

// CategoricalFocalCrossentropy: alpha (1 - p)^gamma times the cross-entropy.
TEST(PortingLossTest, Focal) {
  const Scores x;
  std::vector<double> expected;
  for (int64_t n = 0; n < kImages; ++n) {
    const double log_p = x.LogSoftmax(n, kLabels[n]);
    expected.push_back(std::pow(1 - std::exp(log_p), 2) * -log_p);
  }
  EXPECT_LT(
      LargestDifference(Losses(x, LossOnPage("loss { focal {} }")), expected),
      kLossTolerance);
}

}  // namespace
}  // namespace lenslet
