#include <algorithm>
#include <cmath>
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
        row_losses_(positions),
        row_labels_(positions) {}

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
      float* image_dx = dx == nullptr ? nullptr : dx + first * classes_;
      const bool ignores =
          CopyLabels(labels + first, positions_, 1, row_labels_.data());
      loss_->Run(positions_, x + first * classes_,
                 {.classes = row_labels_.data()}, row_scale, row_losses_.data(),
                 image_dx);
      for (int64_t p = 0; ignores && p < positions_; ++p) {
        if (labels[first + p] != kIgnoredClass) continue;
        Ignore(row_losses_[p],
               image_dx == nullptr ? nullptr : image_dx + p * classes_, 1);
      }
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
        const int32_t* of_position = labels + first * positions_ + p;
        const bool ignores =
            CopyLabels(of_position, count, positions_, row_labels);
        const int64_t at = (first * positions_ + p * kLanes) * classes_;
        loss_->Run(count, x + at, {.classes = row_labels}, row_scale,
                   row_losses, dx == nullptr ? nullptr : dx + at);
        for (int64_t n = 0; ignores && n < count; ++n) {
          if (of_position[n * positions_] != kIgnoredClass) continue;
          Ignore(row_losses[n], dx == nullptr ? nullptr : dx + at + n, kLanes);
        }
        for (int64_t n = 0; n < count; ++n) sums[n] += row_losses[n];
      }
      for (int64_t n = 0; n < count; ++n) losses[first + n] = Mean(sums[n]);
    }
  }

  // Copies each `stride`th label, with a class in place of kIgnoredClass.
  // Returns whether there is one.
  static bool CopyLabels(const int32_t* labels, int64_t count, int64_t stride,
                         int32_t* out) {
    bool ignores = false;
    for (int64_t i = 0; i < count; ++i) {
      const int32_t label = labels[i * stride];
      ignores |= label == kIgnoredClass;
      out[i] = std::max(label, 0);
    }
    return ignores;
  }

  // Takes a row out of the loss; each of its scores is `stride` from the one
  // before. A NaN stays to be found.
  void Ignore(float& row_loss, float* row_dx, int64_t stride) const {
    if (!std::isnan(row_loss)) row_loss = 0;
    if (row_dx == nullptr) return;
    for (int64_t k = 0; k < classes_; ++k) row_dx[k * stride] = 0;
  }

  float Mean(double sum) const {
    return static_cast<float>(sum / static_cast<double>(positions_));
  }

  const std::unique_ptr<LossKernel> loss_;
  const int64_t positions_;
  const int64_t classes_;
  std::vector<float> row_losses_;
  std::vector<int32_t> row_labels_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeLossOfPositions(
    std::unique_ptr<LossKernel> loss, int64_t positions, int64_t classes) {
  return std::make_unique<LossOfPositions>(std::move(loss), positions, classes);
}

}  // namespace lenslet
