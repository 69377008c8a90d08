#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <variant>

#include "lenslet/ops/loss/kernels.h"

namespace lenslet {
namespace {

// Each returns the loss of one image, and writes dx unless it is null.

double ComputeImage(const CrossEntropySpec& spec, int64_t classes,
                    const float* x, int64_t label, float scale, float* dx) {
  const double smoothing = spec.label_smoothing;
  const double max = *std::max_element(x, x + classes);
  double sum = 0;
  for (int64_t k = 0; k < classes; ++k) sum += std::exp(x[k] - max);
  double target_score = x[label];
  if (smoothing > 0) {
    const double mean = std::accumulate(x, x + classes, 0.0) / classes;
    target_score = (1 - smoothing) * target_score + smoothing * mean;
  }
  if (dx != nullptr) {
    for (int64_t k = 0; k < classes; ++k) {
      const double p = std::exp(x[k] - max) / sum;
      const double target =
          (k == label ? 1 - smoothing : 0.0) + smoothing / classes;
      dx[k] = static_cast<float>(scale * (p - target));
    }
  }
  return std::log(sum) + max - target_score;
}

double ComputeImage(const MeanSquaredErrorSpec&, int64_t classes,
                    const float* x, int64_t label, float scale, float* dx) {
  const double factor = 2.0 * scale / classes;
  double sum = 0;
  for (int64_t k = 0; k < classes; ++k) {
    const double error = x[k] - (k == label ? 1.0 : 0.0);
    sum += error * error;
    if (dx != nullptr) dx[k] = static_cast<float>(factor * error);
  }
  return sum / classes;
}

double ComputeImage(const HingeSpec& spec, int64_t classes, const float* x,
                    int64_t label, float scale, float* dx) {
  double largest = -std::numeric_limits<double>::infinity();
  int64_t rival = label;
  for (int64_t k = 0; k < classes; ++k) {
    if (k == label) continue;
    // After a NaN nothing is larger.
    if (x[k] > largest || std::isnan(x[k])) {
      largest = x[k];
      rival = k;
    }
  }
  const double violation = spec.margin + (largest - x[label]);
  const bool met = violation <= 0;  // A NaN is not.
  if (dx != nullptr) {
    std::fill(dx, dx + classes, 0.0f);
    if (!met) {
      dx[rival] = scale;
      dx[label] = -scale;
    }
  }
  return met ? 0 : violation;
}

double ComputeImage(const SumHingeSpec& spec, int64_t classes, const float* x,
                    int64_t label, float scale, float* dx) {
  double sum = std::isnan(x[label]) ? x[label] : 0;
  int64_t rivals = 0;
  for (int64_t k = 0; k < classes; ++k) {
    const double violation = spec.margin + (double{x[k]} - x[label]);
    const bool counts = k != label && !(violation <= 0);  // A NaN does.
    if (counts) {
      sum += violation;
      ++rivals;
    }
    if (dx != nullptr) dx[k] = counts ? scale : 0;
  }
  if (dx != nullptr) dx[label] = -scale * static_cast<float>(rivals);
  return sum;
}

double ComputeImage(const FocalSpec& spec, int64_t classes, const float* x,
                    int64_t label, float scale, float* dx) {
  const double max = *std::max_element(x, x + classes);
  double rivals = 0;
  for (int64_t k = 0; k < classes; ++k) {
    if (k != label) rivals += std::exp(x[k] - max);
  }
  const double own = std::exp(x[label] - max);
  const double p = own / (own + rivals);
  const double q = rivals / (own + rivals);
  const double cross_entropy = std::log(own + rivals) + max - x[label];
  const double hard = std::pow(q, spec.gamma);
  if (dx != nullptr) {
    // The gradient w.r.t. the label's score, and the share of its rivals.
    const double slope = hard * (q + spec.gamma * p * cross_entropy);
    for (int64_t k = 0; k < classes; ++k) {
      const double share = k == label    ? -1
                           : rivals == 0 ? 0
                                         : std::exp(x[k] - max) / rivals;
      dx[k] = static_cast<float>(scale * slope * share);
    }
  }
  return hard * cross_entropy;
}

// Kernels are made of losses that take classes.
template <typename Spec>
requires(!Spec::kTakesClasses) double ComputeImage(const Spec&, int64_t,
                                                   const float*, int64_t, float,
                                                   float*) {
  return 0;
}

class ReferenceClassLoss : public LossKernel {
 public:
  ReferenceClassLoss(const LossKind& kind, int64_t classes)
      : kind_(kind), classes_(classes) {}

  void Run(int64_t images, const float* x, const LossTargets& targets,
           float scale, float* losses, float* dx) override {
    for (int64_t n = 0; n < images; ++n) {
      const float* image_x = x + n * classes_;
      float* image_dx = dx == nullptr ? nullptr : dx + n * classes_;
      const double loss = std::visit(
          [&](const auto& spec) {
            return ComputeImage(spec, classes_, image_x, targets.classes[n],
                                scale, image_dx);
          },
          kind_);
      losses[n] = static_cast<float>(loss);
    }
  }

 private:
  const LossKind kind_;
  const int64_t classes_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeReferenceClassLoss(const LossKind& kind,
                                                   int64_t classes) {
  return std::make_unique<ReferenceClassLoss>(kind, classes);
}

}  // namespace lenslet
