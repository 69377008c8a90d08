#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "lenslet/ops/loss/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/loss/lanes_value_loss.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/math-inl.h"
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

// -log p, -log(1 - p), p and q = 1 - p, for p = 1 / (1 + e^-x). The relative
// error is at most 17 * 2^-24 for |x| <= 87; for others, the smaller of two is
// 0.
template <class D, class V>
HWY_INLINE void SigmoidLosses(D d, V x, V& positive, V& negative, V& p, V& q) {
  const V zero = hn::Zero(d);
  const V size = hn::Abs(x);
  // The exponential of larger sizes is that of 87, which large losses would
  // multiply. A NaN is not larger.
  const V e =
      hn::IfThenZeroElse(hn::Gt(size, hn::Set(d, 87.0f)), ExpOf<-1>(d, size));
  const V rest = LogOnePlus(d, e);
  positive = hn::Add(rest, hn::Max(hn::Neg(x), zero));
  negative = hn::Add(rest, hn::Max(x, zero));
  const V larger = Reciprocal(d, hn::Add(hn::Set(d, 1.0f), e));
  const V smaller = hn::Mul(e, larger);
  const auto is_negative = hn::Lt(x, zero);
  p = hn::IfThenElse(is_negative, smaller, larger);
  q = hn::IfThenElse(is_negative, larger, smaller);
}

// `weights` has `elements` numbers, or is null.
void SigmoidCrossEntropiesOfGroup(const float* weights, int64_t elements,
                                  const float* x, const float* t, float scale,
                                  float* sums, float* dx) {
  ValueLossesOfGroup(elements, x, t, scale, sums, dx,
                     [weights](auto d, int64_t i, auto x, auto t, auto& loss,
                               auto& slope) HWY_ATTR {
                       auto positive = x;
                       auto negative = x;
                       auto p = x;
                       auto q = x;
                       SigmoidLosses(d, x, positive, negative, p, q);
                       const auto other = hn::Sub(hn::Set(d, 1.0f), t);
                       if (weights != nullptr)
                         t = hn::Mul(t, hn::Set(d, weights[i]));
                       loss = hn::MulAdd(t, positive, hn::Mul(other, negative));
                       slope = hn::NegMulAdd(t, q, hn::Mul(other, p));
                     });
}

// (1 - p)^gamma is e^(-gamma * negative), and p^gamma e^(-gamma * positive).
void SigmoidFocalLossesOfGroup(float gamma, float positive_factor,
                               float negative_factor, int64_t elements,
                               const float* x, const float* t, float scale,
                               float* sums, float* dx) {
  ValueLossesOfGroup(
      elements, x, t, scale, sums, dx,
      [=](auto d, int64_t, auto x, auto t, auto& loss, auto& slope) HWY_ATTR {
        auto positive = x;
        auto negative = x;
        auto p = x;
        auto q = x;
        SigmoidLosses(d, x, positive, negative, p, q);
        const auto all_gamma = hn::Set(d, gamma);
        const auto other = hn::Sub(hn::Set(d, 1.0f), t);
        const auto hard_positive =
            hn::Mul(hn::Mul(t, hn::Set(d, positive_factor)),
                    ExpOf<-1>(d, hn::Mul(all_gamma, negative)));
        const auto hard_negative =
            hn::Mul(hn::Mul(other, hn::Set(d, negative_factor)),
                    ExpOf<-1>(d, hn::Mul(all_gamma, positive)));
        loss = hn::MulAdd(hard_positive, positive,
                          hn::Mul(hard_negative, negative));
        const auto of_positive = hn::MulAdd(hn::Mul(all_gamma, p), positive, q);
        const auto of_negative = hn::MulAdd(hn::Mul(all_gamma, q), negative, p);
        slope = hn::NegMulAdd(hard_positive, of_positive,
                              hn::Mul(hard_negative, of_negative));
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
HWY_EXPORT(SigmoidCrossEntropiesOfGroup);
HWY_EXPORT(SigmoidFocalLossesOfGroup);

// Numbers of each of kLanes images, and what to compute of them.
struct ValueGroup {
  const int64_t first;  // The place of the first number in its image.
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

void ComputeValues(const SigmoidCrossEntropySpec& spec, const ValueGroup& g) {
  const std::vector<float>& weights = spec.positive_weights;
  HWY_DYNAMIC_DISPATCH(SigmoidCrossEntropiesOfGroup)
  (weights.empty() ? nullptr : weights.data() + g.first, g.elements, g.x, g.t,
   g.scale, g.sums, g.dx);
}

void ComputeValues(const SigmoidFocalSpec& spec, const ValueGroup& g) {
  HWY_DYNAMIC_DISPATCH(SigmoidFocalLossesOfGroup)
  (static_cast<float>(spec.gamma), static_cast<float>(spec.alpha.value_or(1)),
   static_cast<float>(1 - spec.alpha.value_or(0)), g.elements, g.x, g.t,
   g.scale, g.sums, g.dx);
}

// Kernels are made of losses that take values.
template <typename Spec>
requires(!Spec::kTakesValues) void ComputeValues(const Spec&,
                                                 const ValueGroup&) {}

// With a positive weight for each of the numbers instead of each label.
LossKind WithWeightOfEachNumber(LossKind kind, int64_t elements) {
  auto* spec = std::get_if<SigmoidCrossEntropySpec>(&kind);
  if (spec == nullptr || spec->positive_weights.empty()) return kind;
  std::vector<float>& weights = spec->positive_weights;
  const size_t labels = weights.size();
  weights.resize(elements);
  for (size_t i = labels; i < weights.size(); ++i) {
    weights[i] = weights[i - labels];
  }
  return kind;
}

class LanesValueLoss : public LossKernel {
 public:
  LanesValueLoss(const LossKind& kind, int64_t elements)
      : kind_(WithWeightOfEachNumber(kind, elements)), elements_(elements) {}

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
            .first = i,
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
