#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "lenslet/ops/loss/kernels.h"

namespace lenslet {
namespace {

// The loss of one number, the i-th of its image, and its derivative.
struct ElementLoss {
  double loss;
  double slope;
};

ElementLoss ComputeElement(const MeanSquaredErrorSpec&, int64_t, double x,
                           double t) {
  const double error = x - t;
  return {.loss = error * error, .slope = 2 * error};
}

ElementLoss ComputeElement(const MeanAbsoluteErrorSpec&, int64_t, double x,
                           double t) {
  const double error = x - t;
  return {.loss = std::abs(error),
          .slope = static_cast<double>((error > 0) - (error < 0))};
}

ElementLoss ComputeElement(const HuberSpec& spec, int64_t, double x, double t) {
  const double error = x - t;
  const double size = std::abs(error);
  return {.loss = size <= spec.delta ? error * error / 2
                                     : spec.delta * (size - spec.delta / 2),
          .slope = std::clamp(error, -spec.delta, spec.delta)};
}

// -log p, -log(1 - p), p and 1 - p, for p = 1 / (1 + e^-x).
struct SigmoidLosses {
  explicit SigmoidLosses(double x) {
    const double e = std::exp(-std::abs(x));
    const double rest = std::log1p(e);
    positive = rest + std::max(-x, 0.0);
    negative = rest + std::max(x, 0.0);
    p = (x < 0 ? e : 1) / (1 + e);
    q = (x < 0 ? 1 : e) / (1 + e);
  }

  double positive;
  double negative;
  double p;
  double q;
};

ElementLoss ComputeElement(const SigmoidCrossEntropySpec& spec, int64_t i,
                           double x, double t) {
  const std::vector<float>& weights = spec.positive_weights;
  const double weight = weights.empty() ? 1 : weights[i % weights.size()];
  const SigmoidLosses of(x);
  return {.loss = weight * t * of.positive + (1 - t) * of.negative,
          .slope = (1 - t) * of.p - weight * t * of.q};
}

ElementLoss ComputeElement(const SigmoidFocalSpec& spec, int64_t, double x,
                           double t) {
  const double positive_share = t * spec.alpha.value_or(1);
  const double negative_share = (1 - t) * (1 - spec.alpha.value_or(0));
  const SigmoidLosses of(x);
  const double positive = positive_share * std::pow(of.q, spec.gamma);
  const double negative = negative_share * std::pow(of.p, spec.gamma);
  return {.loss = positive * of.positive + negative * of.negative,
          .slope = negative * (of.p + spec.gamma * of.q * of.negative) -
                   positive * (of.q + spec.gamma * of.p * of.positive)};
}

// Kernels are made of losses that take values.
template <typename Spec>
requires(!Spec::kTakesValues) ElementLoss
    ComputeElement(const Spec&, int64_t, double, double) {
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
        const ElementLoss element =
            ComputeElement(spec, i - n * elements_, x[i], t[i]);
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
