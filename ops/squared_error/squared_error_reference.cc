#include "lenslet/ops/squared_error/squared_error_reference.h"

#include <cstdint>

namespace lenslet {
namespace {

class SquaredErrorReference : public LossKernel {
 public:
  explicit SquaredErrorReference(int64_t classes) : classes_(classes) {}

  void Run(int64_t images, const float* x, const int32_t* labels, float scale,
           float* losses, float* dx) override {
    const double factor = 2.0 * scale / classes_;
    for (int64_t n = 0; n < images; ++n) {
      double sum = 0;
      for (int64_t k = 0; k < classes_; ++k) {
        const double error = x[n * classes_ + k] - (k == labels[n] ? 1.0 : 0.0);
        sum += error * error;
        if (dx != nullptr) {
          dx[n * classes_ + k] = static_cast<float>(factor * error);
        }
      }
      losses[n] = static_cast<float>(sum / classes_);
    }
  }

 private:
  const int64_t classes_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeSquaredErrorReference(
    const SquaredErrorSpec& spec) {
  return std::make_unique<SquaredErrorReference>(spec.classes);
}

}  // namespace lenslet
