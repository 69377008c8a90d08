#include "ops/softmax_cross_entropy/softmax_cross_entropy_reference.h"

#include <algorithm>
#include <cmath>

namespace lenslet {
namespace {

class SoftmaxCrossEntropyReference : public SoftmaxCrossEntropy {
 public:
  explicit SoftmaxCrossEntropyReference(int64_t classes) : classes_(classes) {}

  void Run(int64_t images, const float* x, const int32_t* labels, float scale,
           float* losses, float* dx) override {
    for (int64_t n = 0; n < images; ++n) {
      const float* row = x + n * classes_;
      const double max = *std::max_element(row, row + classes_);
      double sum = 0;
      for (int64_t k = 0; k < classes_; ++k) sum += std::exp(row[k] - max);
      losses[n] = static_cast<float>(std::log(sum) + max - row[labels[n]]);
      if (dx == nullptr) continue;
      for (int64_t k = 0; k < classes_; ++k) {
        const double p = std::exp(row[k] - max) / sum;
        const double target = k == labels[n] ? 1.0 : 0.0;
        dx[n * classes_ + k] = static_cast<float>(scale * (p - target));
      }
    }
  }

 private:
  const int64_t classes_;
};

}  // namespace

std::unique_ptr<SoftmaxCrossEntropy> MakeSoftmaxCrossEntropyReference(
    int64_t classes) {
  return std::make_unique<SoftmaxCrossEntropyReference>(classes);
}

}  // namespace lenslet
