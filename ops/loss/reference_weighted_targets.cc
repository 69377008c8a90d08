#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "lenslet/ops/loss/kernels.h"

namespace lenslet {
namespace {

class ReferenceWeightedTargets : public LossKernel {
 public:
  ReferenceWeightedTargets(double label_smoothing, std::vector<float> weights)
      : smoothing_(label_smoothing),
        weights_(std::move(weights)),
        mean_weight_(std::accumulate(weights_.begin(), weights_.end(), 0.0) /
                     static_cast<double>(weights_.size())) {}

  void Run(int64_t images, const float* x, const LossTargets& targets,
           float scale, float* losses, float* dx) override {
    const auto classes = static_cast<int64_t>(weights_.size());
    for (int64_t n = 0; n < images; ++n) {
      const int64_t first = n * classes;
      losses[n] = static_cast<float>(
          ComputeImage(classes, x + first, targets.classes[n], scale,
                       dx == nullptr ? nullptr : dx + first));
    }
  }

 private:
  double ComputeImage(int64_t classes, const float* x, int64_t label,
                      float scale, float* dx) const {
    const double max = *std::max_element(x, x + classes);
    double sum = 0;
    for (int64_t k = 0; k < classes; ++k) sum += std::exp(x[k] - max);
    const double share = smoothing_ / static_cast<double>(classes);
    const auto weighted_target = [&](int64_t k) {
      return weights_[k] * ((k == label ? 1 - smoothing_ : 0.0) + share);
    };
    // Not the sum of the targets, which need not be 1 for weights of 1.
    const double total =
        (1 - smoothing_) * weights_[label] + smoothing_ * mean_weight_;
    double target_score = 0;
    for (int64_t k = 0; k < classes; ++k) {
      target_score += double{weights_[k]} * x[k];
    }
    target_score = (1 - smoothing_) * weights_[label] * x[label] +
                   smoothing_ * (target_score / static_cast<double>(classes));
    for (int64_t k = 0; dx != nullptr && k < classes; ++k) {
      const double p = std::exp(x[k] - max) / sum;
      dx[k] = static_cast<float>(scale * (p * total - weighted_target(k)));
    }
    return total * (std::log(sum) + max) - target_score;
  }

  const double smoothing_;
  const std::vector<float> weights_;
  const double mean_weight_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeReferenceWeightedTargets(
    double label_smoothing, std::vector<float> class_weights) {
  return std::make_unique<ReferenceWeightedTargets>(label_smoothing,
                                                    std::move(class_weights));
}

}  // namespace lenslet
