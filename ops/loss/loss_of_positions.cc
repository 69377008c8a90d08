#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "lenslet/ops/loss/kernels.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class LossOfPositions : public LossKernel {
 public:
  LossOfPositions(std::unique_ptr<LossKernel> loss, int64_t positions,
                  int64_t classes)
      : loss_(std::move(loss)),
        positions_(positions),
        classes_(classes),
        row_losses_(positions) {}

  Layout layout() const override { return loss_->layout(); }

  void Run(int64_t images, const float* x, const LossTargets& targets,
           float scale, float* losses, float* dx) override {
    const float row_scale = scale / static_cast<float>(positions_);
    if (layout() == Layout::kLanes) {
      RunLanes(images, x, targets.classes, row_scale, losses, dx);
    } else {
      RunImages(images, x, targets.classes, row_scale, losses, dx);
    }
  }

 private:
  void RunImages(int64_t images, const float* x, const int32_t* labels,
                 float row_scale, float* losses, float* dx) {
    for (int64_t n = 0; n < images; ++n) {
      const int64_t first = n * positions_;
      loss_->Run(positions_, x + first * classes_, {.classes = labels + first},
                 row_scale, row_losses_.data(),
                 dx == nullptr ? nullptr : dx + first * classes_);
      losses[n] =
          Mean(std::accumulate(row_losses_.begin(), row_losses_.end(), 0.0));
    }
  }

  // The rows of a position, one of each image of a group, stand together.
  void RunLanes(int64_t images, const float* x, const int32_t* labels,
                float row_scale, float* losses, float* dx) {
    for (int64_t first = 0; first < images; first += kLanes) {
      const int64_t count = std::min(kLanes, images - first);
      double sums[kLanes] = {};
      for (int64_t p = 0; p < positions_; ++p) {
        int32_t row_labels[kLanes];
        float row_losses[kLanes];
        for (int64_t n = 0; n < count; ++n) {
          row_labels[n] = labels[(first + n) * positions_ + p];
        }
        const int64_t at = (first * positions_ + p * kLanes) * classes_;
        loss_->Run(count, x + at, {.classes = row_labels}, row_scale,
                   row_losses, dx == nullptr ? nullptr : dx + at);
        for (int64_t n = 0; n < count; ++n) sums[n] += row_losses[n];
      }
      for (int64_t n = 0; n < count; ++n) losses[first + n] = Mean(sums[n]);
    }
  }

  float Mean(double sum) const {
    return static_cast<float>(sum / static_cast<double>(positions_));
  }

  const std::unique_ptr<LossKernel> loss_;
  const int64_t positions_;
  const int64_t classes_;
  std::vector<float> row_losses_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeLossOfPositions(
    std::unique_ptr<LossKernel> loss, int64_t positions, int64_t classes) {
  return std::make_unique<LossOfPositions>(std::move(loss), positions, classes);
}

}  // namespace lenslet
