#include "lenslet/ops/hinge/hinge_reference.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace lenslet {
namespace {

class HingeReference : public LossKernel {
 public:
  explicit HingeReference(const HingeSpec& spec)
      : classes_(spec.classes), margin_(spec.margin) {}

  void Run(int64_t images, const float* x, const int32_t* labels, float scale,
           float* losses, float* dx) override {
    for (int64_t n = 0; n < images; ++n) {
      const float* row = x + n * classes_;
      const int64_t label = labels[n];
      double largest = -std::numeric_limits<double>::infinity();
      int64_t rival = label;
      for (int64_t k = 0; k < classes_; ++k) {
        if (k == label) continue;
        // After a NaN nothing is larger.
        if (row[k] > largest || std::isnan(row[k])) {
          largest = row[k];
          rival = k;
        }
      }
      const double violation = margin_ + (largest - row[label]);
      const bool met = violation <= 0;  // A NaN is not.
      losses[n] = met ? 0.0f : static_cast<float>(violation);
      if (dx == nullptr) continue;
      float* row_dx = dx + n * classes_;
      std::fill(row_dx, row_dx + classes_, 0.0f);
      if (met) continue;
      row_dx[rival] = scale;
      row_dx[label] = -scale;
    }
  }

 private:
  const int64_t classes_;
  const double margin_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeHingeReference(const HingeSpec& spec) {
  return std::make_unique<HingeReference>(spec);
}

}  // namespace lenslet
