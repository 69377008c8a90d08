#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lenslet {
namespace {

class SoftmaxCrossEntropyReference : public LossKernel {
 public:
  explicit SoftmaxCrossEntropyReference(const SoftmaxCrossEntropySpec& spec)
      : classes_(spec.classes), smoothing_(spec.label_smoothing) {}

  void Run(int64_t images, const float* x, const int32_t* labels, float scale,
           float* losses, float* dx) override {
    for (int64_t n = 0; n < images; ++n) {
      const float* row = x + n * classes_;
      const double max = *std::max_element(row, row + classes_);
      double sum = 0;
      for (int64_t k = 0; k < classes_; ++k) sum += std::exp(row[k] - max);
      double target_score = row[labels[n]];
      if (smoothing_ > 0) {
        const double mean =
            std::accumulate(row, row + classes_, 0.0) / classes_;
        target_score = (1 - smoothing_) * target_score + smoothing_ * mean;
      }
      losses[n] = static_cast<float>(std::log(sum) + max - target_score);
      if (dx == nullptr) continue;
      for (int64_t k = 0; k < classes_; ++k) {
        const double p = std::exp(row[k] - max) / sum;
        const double target =
            (k == labels[n] ? 1 - smoothing_ : 0.0) + smoothing_ / classes_;
        dx[n * classes_ + k] = static_cast<float>(scale * (p - target));
      }
    }
  }

 private:
  const int64_t classes_;
  const double smoothing_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeSoftmaxCrossEntropyReference(
    const SoftmaxCrossEntropySpec& spec) {
  return std::make_unique<SoftmaxCrossEntropyReference>(spec);
}

}  // namespace lenslet
