#include "lenslet/ops/linear/linear_reference.h"

namespace lenslet {
namespace {

class LinearReferenceKernel : public Kernel {
 public:
  LinearReferenceKernel(const LinearSpec& spec, int64_t rows)
      : in_(spec.input_features),
        out_(spec.output_features),
        has_bias_(spec.has_bias),
        rows_(rows) {}

  void Forward(int64_t images) override {
    const float* x = buffers().inputs[0];
    const float* w = buffers().parameters[0];
    const float* bias = has_bias_ ? buffers().parameters[1] : nullptr;
    for (int64_t n = 0; n < images * rows_; ++n) {
      for (int64_t o = 0; o < out_; ++o) {
        double sum = bias == nullptr ? 0.0 : bias[o];
        for (int64_t i = 0; i < in_; ++i) {
          sum += static_cast<double>(x[n * in_ + i]) * w[o * in_ + i];
        }
        buffers().output[n * out_ + o] = static_cast<float>(sum);
      }
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    const int64_t rows = images * rows_;
    if (parameter_gradients[0] != nullptr) {
      AddWeightGradient(rows, parameter_gradients[0]);
    }
    if (has_bias_ && parameter_gradients[1] != nullptr) {
      AddBiasGradient(rows, parameter_gradients[1]);
    }
    if (buffers().input_gradients[0] != nullptr) WriteInputGradient(rows);
  }

 private:
  double OutputGradient(int64_t n, int64_t o) const {
    return buffers().output_gradient[n * out_ + o];
  }

  // dw[o, i] = sum over n of dy[n, o] * x[n, i]
  void AddWeightGradient(int64_t rows, float* gradient) const {
    for (int64_t o = 0; o < out_; ++o) {
      for (int64_t i = 0; i < in_; ++i) {
        double sum = 0;
        for (int64_t n = 0; n < rows; ++n) {
          sum += OutputGradient(n, o) * buffers().inputs[0][n * in_ + i];
        }
        gradient[o * in_ + i] += static_cast<float>(sum);
      }
    }
  }

  // dbias[o] = sum over n of dy[n, o]
  void AddBiasGradient(int64_t rows, float* gradient) const {
    for (int64_t o = 0; o < out_; ++o) {
      double sum = 0;
      for (int64_t n = 0; n < rows; ++n) sum += OutputGradient(n, o);
      gradient[o] += static_cast<float>(sum);
    }
  }

  // dx[n, i] = sum over o of dy[n, o] * w[o, i]
  void WriteInputGradient(int64_t rows) const {
    for (int64_t n = 0; n < rows; ++n) {
      for (int64_t i = 0; i < in_; ++i) {
        double sum = 0;
        for (int64_t o = 0; o < out_; ++o) {
          sum += OutputGradient(n, o) * buffers().parameters[0][o * in_ + i];
        }
        buffers().input_gradients[0][n * in_ + i] = static_cast<float>(sum);
      }
    }
  }

  const int64_t in_;
  const int64_t out_;
  const bool has_bias_;
  const int64_t rows_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLinearReferenceKernel(const LinearSpec& spec,
                                                  int64_t rows) {
  return std::make_unique<LinearReferenceKernel>(spec, rows);
}

}  // namespace lenslet
