#include "lenslet/ops/batch_norm/batch_norm_inference.h"

#include <cmath>
#include <utility>
#include <vector>

#include "lenslet/base/check.h"

namespace lenslet {
namespace {

class BatchNormInferenceKernel : public Kernel {
 public:
  BatchNormInferenceKernel(const BatchNormSpec& spec, int64_t positions)
      : spec_(spec), positions_(positions), factor_(spec.channels) {}

  absl::Status Bind(KernelBuffers buffers) override {
    if (buffers.training || buffers.output_gradient != nullptr) {
      return absl::UnimplementedError(
          "batch normalization trains in lanes or on the reference backend");
    }
    return Kernel::Bind(std::move(buffers));
  }

  absl::Status ParametersChanged() override {
    for (int64_t c = 0; c < spec_.channels; ++c) {
      factor_[c] = static_cast<float>(
          buffers().parameters[0][c] /
          std::sqrt(buffers().parameters[3][c] + spec_.epsilon));
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const float* x = buffers().inputs[0];
    float* y = buffers().output;
    const float* shift = buffers().parameters[1];
    const float* mean = buffers().parameters[2];
    for (int64_t row = 0; row < images * positions_; ++row) {
      for (int64_t c = 0; c < spec_.channels; ++c) {
        y[c] = (x[c] - mean[c]) * factor_[c] + shift[c];
      }
      x += spec_.channels;
      y += spec_.channels;
    }
  }

  void Backward(int64_t, absl::Span<float* const>) override {
    LENSLET_CHECK(false);
  }

 private:
  const BatchNormSpec spec_;
  const int64_t positions_;
  std::vector<float> factor_;
};

}  // namespace

std::unique_ptr<Kernel> MakeBatchNormInferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions) {
  return std::make_unique<BatchNormInferenceKernel>(spec, positions);
}

}  // namespace lenslet
