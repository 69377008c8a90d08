#include <algorithm>
#include <cstdint>
#include <memory>
#include <variant>

#include "lenslet/ops/loss/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/loss/lanes_value_loss.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// For `elements` numbers of each image of a group: the sums of their losses,
// and, unless dx is null, dx = scale * slope. compute(d, i, x, t, loss, slope)
// sets the loss and its derivative for the i-th number.
template <class Compute>
HWY_INLINE void ValueLossesOfGroup(int64_t elements,
                                   const float* HWY_RESTRICT x,
                                   const float* HWY_RESTRICT t, float scale,
                                   float* HWY_RESTRICT sums,
                                   float* HWY_RESTRICT dx,
                                   const Compute& compute) {
  const hn::CappedTag<float, kLanes> d;
  const auto factor = hn::Set(d, scale);
  for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (int64_t i = 0; i < elements; ++i) {
      const int64_t at = i * kLanes + lane;
      auto loss = sum;
      auto slope = sum;
      compute(d, i, hn::Load(d, x + at), hn::Load(d, t + at), loss, slope);
      sum = hn::Add(sum, loss);
      if (dx != nullptr) hn::Store(hn::Mul(slope, factor), d, dx + at);
    }
    hn::Store(sum, d, sums + lane);
  }
}

void SquaredErrorsOfGroup(int64_t elements, const float* x, const float* t,
                          float scale, float* sums, float* dx) {
  ValueLossesOfGroup(elements, x, t, scale, sums, dx,
                     [](auto, int64_t, auto x, auto t, auto& loss, auto& slope)
                         HWY_ATTR {
                           const auto error = hn::Sub(x, t);
                           loss = hn::Mul(error, error);
                           slope = hn::Add(error, error);
                         });
}

void AbsoluteErrorsOfGroup(int64_t elements, const float* x, const float* t,
                           float scale, float* sums, float* dx) {
  ValueLossesOfGroup(
      elements, x, t, scale, sums, dx,
      [](auto d, int64_t, auto x, auto t, auto& loss, auto& slope) HWY_ATTR {
        const auto error = hn::Sub(x, t);
        const auto is_zero = hn::Eq(error, hn::Zero(d));
        loss = hn::Abs(error);
        slope =
            hn::IfThenZeroElse(is_zero, hn::CopySign(hn::Set(d, 1.0f), error));
      });
}

void HuberLossesOfGroup(float delta, int64_t elements, const float* x,
                        const float* t, float scale, float* sums, float* dx) {
  ValueLossesOfGroup(
      elements, x, t, scale, sums, dx,
      [delta](auto d, int64_t, auto x, auto t, auto& loss,
              auto& slope) HWY_ATTR {
        const auto half = hn::Set(d, 0.5f);
        const auto limit = hn::Set(d, delta);
        const auto error = hn::Sub(x, t);
        const auto size = hn::Abs(error);
        const auto is_near = hn::Le(size, limit);  // A NaN is not.
        const auto near = hn::Mul(hn::Mul(error, half), error);
        const auto far = hn::Mul(limit, hn::Sub(size, hn::Mul(limit, half)));
        loss = hn::IfThenElse(is_near, near, far);
        slope = hn::IfThenElse(is_near, error, hn::CopySign(limit, error));
      });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {
namespace {

HWY_EXPORT(SquaredErrorsOfGroup);
HWY_EXPORT(AbsoluteErrorsOfGroup);
HWY_EXPORT(HuberLossesOfGroup);

// Numbers of each of kLanes images, and what to compute of them.
struct ValueGroup {
  const int64_t elements;
  const float* const x;
  const float* const t;
  const float scale;
  float* const sums;  // Of the losses.
  float* const dx;    // Or null.
};

void ComputeValues(const MeanSquaredErrorSpec&, const ValueGroup& g) {
  HWY_DYNAMIC_DISPATCH(SquaredErrorsOfGroup)
  (g.elements, g.x, g.t, g.scale, g.sums, g.dx);
}

void ComputeValues(const MeanAbsoluteErrorSpec&, const ValueGroup& g) {
  HWY_DYNAMIC_DISPATCH(AbsoluteErrorsOfGroup)
  (g.elements, g.x, g.t, g.scale, g.sums, g.dx);
}

void ComputeValues(const HuberSpec& spec, const ValueGroup& g) {
  HWY_DYNAMIC_DISPATCH(HuberLossesOfGroup)
  (static_cast<float>(spec.delta), g.elements, g.x, g.t, g.scale, g.sums, g.dx);
}

// Kernels are made of losses that take values.
template <typename Spec>
requires(!Spec::kTakesValues) void ComputeValues(const Spec&,
                                                 const ValueGroup&) {}

class LanesValueLoss : public LossKernel {
 public:
  LanesValueLoss(const LossKind& kind, int64_t elements)
      : kind_(kind), elements_(elements) {}

  Layout layout() const override { return Layout::kLanes; }

  void Run(int64_t images, const float* x, const LossTargets& targets,
           float scale, float* losses, float* dx) override {
    const float element_scale = scale / static_cast<float>(elements_);
    for (int64_t first = 0; first < images; first += kLanes) {
      const int64_t count = std::min(kLanes, images - first);
      double sums[kLanes] = {};
      for (int64_t i = 0; i < elements_; i += kMostTerms) {
        const int64_t at = first * elements_ + i * kLanes;
        alignas(64) float some[kLanes];
        const ValueGroup group = {
            .elements = std::min(kMostTerms, elements_ - i),
            .x = x + at,
            .t = targets.values + at,
            .scale = element_scale,
            .sums = some,
            .dx = dx == nullptr ? nullptr : dx + at};
        std::visit([&](const auto& spec) { ComputeValues(spec, group); },
                   kind_);
        for (int64_t n = 0; n < count; ++n) sums[n] += some[n];
      }
      for (int64_t n = 0; n < count; ++n) {
        losses[first + n] =
            static_cast<float>(sums[n] / static_cast<double>(elements_));
      }
    }
    if (dx != nullptr) ClearMissingLanes(images, elements_, dx);
  }

 private:
  // Of a sum in float. The sums of larger images would lose digits.
  static constexpr int64_t kMostTerms = 256;

  const LossKind kind_;
  const int64_t elements_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeLanesValueLoss(const LossKind& kind,
                                               int64_t elements) {
  return std::make_unique<LanesValueLoss>(kind, elements);
}

}  // namespace lenslet
#endif  // HWY_ONCE
