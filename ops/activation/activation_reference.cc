#include "ops/activation/activation_reference.h"

#include <cmath>

namespace lenslet {
namespace {

double Value(ActivationKind kind, double x) {
  switch (kind) {
    case ActivationKind::kSigmoid:
      return 1.0 / (1.0 + std::exp(-x));
    case ActivationKind::kTanh:
      return std::tanh(x);
    case ActivationKind::kRelu:
      return x > 0 ? x : 0.0;
  }
  return x;
}

double Derivative(ActivationKind kind, double x) {
  const double y = Value(kind, x);
  switch (kind) {
    case ActivationKind::kSigmoid:
      return y * (1 - y);
    case ActivationKind::kTanh:
      return 1 - y * y;
    case ActivationKind::kRelu:
      return x > 0 ? 1.0 : 0.0;
  }
  return 1.0;
}

class ActivationReferenceKernel : public Kernel {
 public:
  ActivationReferenceKernel(const ActivationSpec& spec, int64_t elements)
      : kind_(spec.kind), elements_(elements) {}

  void Forward(int64_t images) override {
    for (int64_t i = 0; i < images * elements_; ++i) {
      buffers().output[i] =
          static_cast<float>(Value(kind_, buffers().inputs[0][i]));
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    for (int64_t i = 0; i < images * elements_; ++i) {
      dx[i] = static_cast<float>(buffers().output_gradient[i] *
                                 Derivative(kind_, buffers().inputs[0][i]));
    }
  }

 private:
  const ActivationKind kind_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeActivationReferenceKernel(
    const ActivationSpec& spec, int64_t elements) {
  return std::make_unique<ActivationReferenceKernel>(spec, elements);
}

}  // namespace lenslet
