#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <variant>

#include "lenslet/ops/loss/kernels.h"

namespace lenslet {
namespace {

// The loss of one number, and its derivative.
struct ElementLoss {
  double loss;
  double slope;
};

ElementLoss ComputeElement(const MeanSquaredErrorSpec&, double x, double t) {
  const double error = x - t;
  return {.loss = error * error, .slope = 2 * error};
}

ElementLoss ComputeElement(const MeanAbsoluteErrorSpec&, double x, double t) {
  const double error = x - t;
  return {.loss = std::abs(error),
          .slope = static_cast<double>((error > 0) - (error < 0))};
}

ElementLoss ComputeElement(const HuberSpec& spec, double x, double t) {
  const double error = x - t;
  const double size = std::abs(error);
  return {.loss = size <= spec.delta ? error * error / 2
                                     : spec.delta * (size - spec.delta / 2),
          .slope = std::clamp(error, -spec.delta, spec.delta)};
}

// Kernels are made of losses that take values.
template <typename Spec>
requires(!Spec::kTakesValues) ElementLoss
    ComputeElement(const Spec&, double, double) {
  return {};
}

class ReferenceValueLoss : public LossKernel {
 public:
  ReferenceValueLoss(const LossKind& kind, int64_t elements)
      : kind_(kind), elements_(elements) {}

  void Run(int64_t images, const float* x, const LossTargets& targets,
           float scale, float* losses, float* dx) override {
    std::visit(
        [&](const auto& spec) {
          RunKind(spec, images, x, targets.values, scale, losses, dx);
        },
        kind_);
  }

 private:
  template <typename Spec>
  void RunKind(const Spec& spec, int64_t images, const float* x, const float* t,
               double scale, float* losses, float* dx) const {
    const double size = static_cast<double>(elements_);
    for (int64_t n = 0; n < images; ++n) {
      double sum = 0;
      for (int64_t i = n * elements_; i < (n + 1) * elements_; ++i) {
        const ElementLoss element = ComputeElement(spec, x[i], t[i]);
        sum += element.loss;
        if (dx != nullptr) {
          dx[i] = static_cast<float>(scale * element.slope / size);
        }
      }
      losses[n] = static_cast<float>(sum / size);
    }
  }

  const LossKind kind_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeReferenceValueLoss(const LossKind& kind,
                                                   int64_t elements) {
  return std::make_unique<ReferenceValueLoss>(kind, elements);
}

}  // namespace lenslet
