#include "lenslet/ops/activation/activation_reference.h"

#include <algorithm>
#include <cmath>

namespace lenslet {
namespace {

double SigmoidOf(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// Of the standard normal distribution.
double Distribution(double x) { return std::erfc(-x * M_SQRT1_2) / 2; }
double Density(double x) {
  return std::exp(-x * x / 2) * (M_SQRT1_2 * M_2_SQRTPI / 2);
}

// factor * x in the limit: 0 for a factor of 0, even if x is infinite.
double Times(double factor, double x) { return factor == 0 ? 0 : factor * x; }

double Value(const ActivationSpec& spec, double x) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      return SigmoidOf(x);
    case ActivationKind::kTanh:
      return std::tanh(x);
    case ActivationKind::kRelu:
      // A NaN, which is not ordered, stays one.
      return x <= 0 ? 0.0 : x;
    case ActivationKind::kLeakyRelu:
      return x > 0 ? x : spec.slope * x;
    case ActivationKind::kElu:
      return x > 0 ? x : spec.alpha * std::expm1(x);
    case ActivationKind::kGelu:
      return Times(Distribution(x), x);
    case ActivationKind::kSilu:
      return Times(SigmoidOf(x), x);
    case ActivationKind::kSoftplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
  }
  return x;
}

double Derivative(const ActivationSpec& spec, double x) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      return SigmoidOf(x) * SigmoidOf(-x);
    case ActivationKind::kTanh:
      return 1 - std::tanh(x) * std::tanh(x);
    case ActivationKind::kRelu:
      return x > 0 ? 1.0 : 0.0;
    case ActivationKind::kLeakyRelu:
      return x > 0 ? 1.0 : spec.slope;
    case ActivationKind::kElu:
      return x > 0 ? 1.0 : spec.alpha * std::exp(x);
    case ActivationKind::kGelu:
      return Distribution(x) + Times(Density(x), x);
    case ActivationKind::kSilu:
      return Times(SigmoidOf(x), 1 + Times(SigmoidOf(-x), x));
    case ActivationKind::kSoftplus:
      return SigmoidOf(x);
  }
  return 1.0;
}

class ActivationReferenceKernel : public Kernel {
 public:
  ActivationReferenceKernel(const ActivationSpec& spec, int64_t elements)
      : spec_(spec), elements_(elements) {}

  void Forward(int64_t images) override {
    for (int64_t i = 0; i < images * elements_; ++i) {
      buffers().output[i] =
          static_cast<float>(Value(spec_, buffers().inputs[0][i]));
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    for (int64_t i = 0; i < images * elements_; ++i) {
      dx[i] = static_cast<float>(buffers().output_gradient[i] *
                                 Derivative(spec_, buffers().inputs[0][i]));
    }
  }

 private:
  const ActivationSpec spec_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeActivationReferenceKernel(
    const ActivationSpec& spec, int64_t elements) {
  return std::make_unique<ActivationReferenceKernel>(spec, elements);
}

}  // namespace lenslet
