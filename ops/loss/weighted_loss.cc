#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "lenslet/ops/loss/kernels.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class WeightedLoss : public LossKernel {
 public:
  WeightedLoss(std::unique_ptr<LossKernel> loss, std::vector<float> weights)
      : loss_(std::move(loss)), weights_(std::move(weights)) {}

  Layout layout() const override { return loss_->layout(); }

  void Run(int64_t images, const float* x, const LossTargets& targets,
           float scale, float* losses, float* dx) override {
    const int32_t* labels = targets.classes;
    loss_->Run(images, x, targets, scale, losses, dx);
    for (int64_t n = 0; n < images; ++n) losses[n] *= weights_[labels[n]];
    if (dx == nullptr) return;
    if (layout() == Layout::kLanes) {
      WeightLanes(images, labels, dx);
    } else {
      WeightImages(images, labels, dx);
    }
  }

 private:
  int64_t classes() const { return static_cast<int64_t>(weights_.size()); }

  void WeightImages(int64_t images, const int32_t* labels, float* dx) const {
    for (int64_t n = 0; n < images; ++n) {
      const float weight = weights_[labels[n]];
      for (int64_t k = 0; k < classes(); ++k) dx[n * classes() + k] *= weight;
    }
  }

  void WeightLanes(int64_t images, const int32_t* labels, float* dx) const {
    float weights[kLanes] = {};
    for (int64_t first = 0; first < images; first += kLanes) {
      const int64_t count = std::min(kLanes, images - first);
      for (int64_t n = 0; n < count; ++n) {
        weights[n] = weights_[labels[first + n]];
      }
      float* group = dx + first * classes();
      for (int64_t k = 0; k < classes(); ++k) {
        for (int64_t n = 0; n < kLanes; ++n)
          group[k * kLanes + n] *= weights[n];
      }
    }
  }

  const std::unique_ptr<LossKernel> loss_;
  const std::vector<float> weights_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeWeightedLoss(std::unique_ptr<LossKernel> loss,
                                             std::vector<float> class_weights) {
  return std::make_unique<WeightedLoss>(std::move(loss),
                                        std::move(class_weights));
}

}  // namespace lenslet
