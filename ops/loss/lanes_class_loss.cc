#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

#include "lenslet/ops/loss/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/loss/lanes_class_loss.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/math-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A group of images: their maxima, the sums of e^(x - maximum), and, unless dx
// is null, dx = scale * softmax(x).
void SoftmaxOfGroup(int64_t classes, const float* HWY_RESTRICT x, float scale,
                    float* HWY_RESTRICT maxima, float* HWY_RESTRICT sums,
                    float* HWY_RESTRICT dx) {
  const hn::CappedTag<float, kLanes> d;
  for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    auto maximum = hn::Load(d, x + lane);
    for (int64_t k = 1; k < classes; ++k) {
      maximum = hn::Max(maximum, hn::Load(d, x + k * kLanes + lane));
    }
    auto sum = hn::Zero(d);
    for (int64_t k = 0; k < classes; ++k) {
      const auto e =
          Exp(d, hn::Sub(hn::Load(d, x + k * kLanes + lane), maximum));
      sum = hn::Add(sum, e);
      if (dx != nullptr) hn::Store(e, d, dx + k * kLanes + lane);
    }
    hn::Store(maximum, d, maxima + lane);
    hn::Store(sum, d, sums + lane);
    if (dx == nullptr) continue;
    const auto factor = hn::Div(hn::Set(d, scale), sum);
    for (int64_t k = 0; k < classes; ++k) {
      float* to = dx + k * kLanes + lane;
      hn::Store(hn::Mul(hn::Load(d, to), factor), d, to);
    }
  }
}

// The sums of maximum - x of each image, and, unless dx is null, dx less
// `share`.
void SmoothGroup(int64_t classes, const float* HWY_RESTRICT x, float share,
                 const float* HWY_RESTRICT maxima, float* HWY_RESTRICT gaps,
                 float* HWY_RESTRICT dx) {
  const hn::CappedTag<float, kLanes> d;
  const auto all_share = hn::Set(d, share);
  for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    const auto maximum = hn::Load(d, maxima + lane);
    auto sum = hn::Zero(d);
    for (int64_t k = 0; k < classes; ++k) {
      const int64_t at = k * kLanes + lane;
      sum = hn::Add(sum, hn::Sub(maximum, hn::Load(d, x + at)));
      if (dx == nullptr) continue;
      hn::Store(hn::Sub(hn::Load(d, dx + at), all_share), d, dx + at);
    }
    hn::Store(sum, d, gaps + lane);
  }
}

// The sums of weight * (maximum - x) of each image, and, unless dx is null, dx
// times the image's total less share * weight.
void WeighTargetsOfGroup(int64_t classes, const float* HWY_RESTRICT x,
                         const float* HWY_RESTRICT weights, float share,
                         const float* HWY_RESTRICT maxima,
                         const float* HWY_RESTRICT totals,
                         float* HWY_RESTRICT gaps, float* HWY_RESTRICT dx) {
  const hn::CappedTag<float, kLanes> d;
  const auto all_share = hn::Set(d, share);
  for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    const auto maximum = hn::Load(d, maxima + lane);
    const auto total = hn::Load(d, totals + lane);
    auto sum = hn::Zero(d);
    for (int64_t k = 0; k < classes; ++k) {
      const int64_t at = k * kLanes + lane;
      const auto weight = hn::Set(d, weights[k]);
      sum = hn::MulAdd(weight, hn::Sub(maximum, hn::Load(d, x + at)), sum);
      if (dx == nullptr) continue;
      const auto of_softmax = hn::Mul(hn::Load(d, dx + at), total);
      hn::Store(hn::NegMulAdd(weight, all_share, of_softmax), d, dx + at);
    }
    hn::Store(sum, d, gaps + lane);
  }
}

// A group of images: their losses, and, unless dx is null, dx.
void MeanSquaredErrorOfGroup(int64_t classes, const float* HWY_RESTRICT x,
                             const int32_t* HWY_RESTRICT labels, float scale,
                             float* HWY_RESTRICT losses,
                             float* HWY_RESTRICT dx) {
  const hn::CappedTag<float, kLanes> d;
  const hn::RebindToSigned<decltype(d)> integers;
  const auto one = hn::Set(d, 1.0f);
  const auto size = hn::Set(d, static_cast<float>(classes));
  const auto factor = hn::Div(hn::Set(d, 2 * scale), size);
  for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    const auto label = hn::Load(integers, labels + lane);
    auto sum = hn::Zero(d);
    for (int64_t k = 0; k < classes; ++k) {
      const int64_t at = k * kLanes + lane;
      const auto is_label = hn::RebindMask(
          d, hn::Eq(label, hn::Set(integers, static_cast<int32_t>(k))));
      const auto error =
          hn::Sub(hn::Load(d, x + at), hn::IfThenElseZero(is_label, one));
      sum = hn::MulAdd(error, error, sum);
      if (dx != nullptr) hn::Store(hn::Mul(error, factor), d, dx + at);
    }
    hn::Store(hn::Div(sum, size), d, losses + lane);
  }
}

// A group of images: their losses, and, unless dx is null, dx.
void HingeOfGroup(int64_t classes, float margin, const float* HWY_RESTRICT x,
                  const int32_t* HWY_RESTRICT labels, float scale,
                  float* HWY_RESTRICT losses, float* HWY_RESTRICT dx) {
  const hn::CappedTag<float, kLanes> d;
  const hn::RebindToSigned<decltype(d)> integers;
  const auto zero = hn::Zero(d);
  const auto lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    const auto label = hn::Load(integers, labels + lane);
    auto own = zero;
    auto largest = lowest;
    auto rival = hn::Set(integers, -1);
    for (int64_t k = 0; k < classes; ++k) {
      const auto all_k = hn::Set(integers, static_cast<int32_t>(k));
      const auto score = hn::Load(d, x + k * kLanes + lane);
      const auto is_label = hn::RebindMask(d, hn::Eq(label, all_k));
      own = hn::IfThenElse(is_label, score, own);
      const auto other = hn::IfThenElse(is_label, lowest, score);
      // After a NaN nothing is larger.
      const auto larger = hn::Or(hn::Gt(other, largest), hn::IsNaN(other));
      largest = hn::IfThenElse(larger, other, largest);
      rival = hn::IfThenElse(hn::RebindMask(integers, larger), all_k, rival);
    }
    const auto violation = hn::Add(hn::Set(d, margin), hn::Sub(largest, own));
    const auto met = hn::Le(violation, zero);  // A NaN is not.
    hn::Store(hn::IfThenZeroElse(met, violation), d, losses + lane);
    if (dx == nullptr) continue;
    const auto step = hn::IfThenZeroElse(met, hn::Set(d, scale));
    for (int64_t k = 0; k < classes; ++k) {
      const auto all_k = hn::Set(integers, static_cast<int32_t>(k));
      const auto is_label = hn::RebindMask(d, hn::Eq(label, all_k));
      const auto is_rival = hn::RebindMask(d, hn::Eq(rival, all_k));
      hn::Store(hn::Sub(hn::IfThenElseZero(is_rival, step),
                        hn::IfThenElseZero(is_label, step)),
                d, dx + k * kLanes + lane);
    }
  }
}

// A group of images: their losses, and, unless dx is null, dx.
void SumHingeOfGroup(int64_t classes, float margin, const float* HWY_RESTRICT x,
                     const int32_t* HWY_RESTRICT labels, float scale,
                     float* HWY_RESTRICT losses, float* HWY_RESTRICT dx) {
  const hn::CappedTag<float, kLanes> d;
  const hn::RebindToSigned<decltype(d)> integers;
  const auto zero = hn::Zero(d);
  const auto one = hn::Set(d, 1.0f);
  const auto step = hn::Set(d, scale);
  for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    const auto label = hn::Load(integers, labels + lane);
    auto own = zero;
    for (int64_t k = 0; k < classes; ++k) {
      const auto all_k = hn::Set(integers, static_cast<int32_t>(k));
      const auto is_label = hn::RebindMask(d, hn::Eq(label, all_k));
      own = hn::IfThenElse(is_label, hn::Load(d, x + k * kLanes + lane), own);
    }
    auto sum = hn::IfThenElseZero(hn::IsNaN(own), own);
    auto rivals = zero;
    for (int64_t k = 0; k < classes; ++k) {
      const int64_t at = k * kLanes + lane;
      const auto all_k = hn::Set(integers, static_cast<int32_t>(k));
      const auto is_label = hn::RebindMask(d, hn::Eq(label, all_k));
      const auto violation =
          hn::Add(hn::Set(d, margin), hn::Sub(hn::Load(d, x + at), own));
      const auto met = hn::Le(violation, zero);  // A NaN is not.
      const auto none = hn::Or(met, is_label);
      sum = hn::Add(sum, hn::IfThenZeroElse(none, violation));
      rivals = hn::Add(rivals, hn::IfThenZeroElse(none, one));
      if (dx != nullptr) hn::Store(hn::IfThenZeroElse(none, step), d, dx + at);
    }
    hn::Store(sum, d, losses + lane);
    if (dx == nullptr) continue;
    const auto of_label = hn::Neg(hn::Mul(step, rivals));
    for (int64_t k = 0; k < classes; ++k) {
      float* to = dx + k * kLanes + lane;
      const auto all_k = hn::Set(integers, static_cast<int32_t>(k));
      const auto is_label = hn::RebindMask(d, hn::Eq(label, all_k));
      hn::Store(hn::IfThenElse(is_label, of_label, hn::Load(d, to)), d, to);
    }
  }
}

// A group of images: their losses, and, unless dx is null, dx.
void FocalOfGroup(int64_t classes, float gamma, const float* HWY_RESTRICT x,
                  const int32_t* HWY_RESTRICT labels, float scale,
                  float* HWY_RESTRICT losses, float* HWY_RESTRICT dx) {
  const hn::CappedTag<float, kLanes> d;
  const hn::RebindToSigned<decltype(d)> integers;
  const auto zero = hn::Zero(d);
  const auto all_gamma = hn::Set(d, gamma);
  for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    const auto label = hn::Load(integers, labels + lane);
    auto maximum = hn::Load(d, x + lane);
    for (int64_t k = 1; k < classes; ++k) {
      maximum = hn::Max(maximum, hn::Load(d, x + k * kLanes + lane));
    }
    auto sum = zero;
    auto rivals = zero;
    auto own = zero;
    auto gap = zero;
    for (int64_t k = 0; k < classes; ++k) {
      const int64_t at = k * kLanes + lane;
      const auto all_k = hn::Set(integers, static_cast<int32_t>(k));
      const auto is_label = hn::RebindMask(d, hn::Eq(label, all_k));
      const auto below = hn::Sub(hn::Load(d, x + at), maximum);
      const auto e = Exp(d, below);
      sum = hn::Add(sum, e);
      rivals = hn::Add(rivals, hn::IfThenZeroElse(is_label, e));
      own = hn::IfThenElse(is_label, e, own);
      gap = hn::IfThenElse(is_label, hn::Neg(below), gap);
      if (dx != nullptr) hn::Store(e, d, dx + at);
    }
    // The exponential of larger gaps is that of 87, which a large cross-entropy
    // would multiply.
    own = hn::IfThenZeroElse(hn::Gt(gap, hn::Set(d, 87.0f)), own);
    const auto log_sum = Log(d, sum);
    const auto cross_entropy = hn::Add(log_sum, gap);
    // (1 - p)^gamma.
    const auto hard =
        Exp(d, hn::Mul(all_gamma, hn::Sub(Log(d, rivals), log_sum)));
    hn::Store(hn::Mul(hard, cross_entropy), d, losses + lane);
    if (dx == nullptr) continue;
    const auto p = hn::Div(own, sum);
    const auto q = hn::Div(rivals, sum);
    const auto slope =
        hn::Mul(hard, hn::MulAdd(hn::Mul(all_gamma, p), cross_entropy, q));
    const auto of_label = hn::Mul(slope, hn::Set(d, -scale));
    const auto factor = hn::Div(hn::Mul(slope, hn::Set(d, scale)), rivals);
    for (int64_t k = 0; k < classes; ++k) {
      float* to = dx + k * kLanes + lane;
      const auto all_k = hn::Set(integers, static_cast<int32_t>(k));
      const auto is_label = hn::RebindMask(d, hn::Eq(label, all_k));
      hn::Store(
          hn::IfThenElse(is_label, of_label, hn::Mul(hn::Load(d, to), factor)),
          d, to);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {
namespace {

HWY_EXPORT(SoftmaxOfGroup);
HWY_EXPORT(SmoothGroup);
HWY_EXPORT(WeighTargetsOfGroup);
HWY_EXPORT(MeanSquaredErrorOfGroup);
HWY_EXPORT(HingeOfGroup);
HWY_EXPORT(SumHingeOfGroup);
HWY_EXPORT(FocalOfGroup);

// kLanes images, and what to compute of them. What stands at the place of a
// missing image has a label in [0, classes) too.
struct Group {
  const int64_t classes;
  const float* const x;
  const int32_t* const labels;
  const float scale;
  float* const losses;
  float* const dx;  // Or null.
};

void ComputeGroup(const CrossEntropySpec& spec, const Group& group) {
  // Of the target, 1 and 0 without label smoothing: what the label has more
  // than the others, and what each has.
  const auto at_label = static_cast<float>(1 - spec.label_smoothing);
  const auto share = static_cast<float>(spec.label_smoothing / group.classes);
  alignas(64) float maxima[kLanes];
  alignas(64) float sums[kLanes];
  alignas(64) float gaps[kLanes] = {};
  HWY_DYNAMIC_DISPATCH(SoftmaxOfGroup)
  (group.classes, group.x, group.scale, maxima, sums, group.dx);
  if (share > 0) {
    HWY_DYNAMIC_DISPATCH(SmoothGroup)
    (group.classes, group.x, group.scale * share, maxima, gaps, group.dx);
  }
  for (int64_t n = 0; n < kLanes; ++n) {
    const int64_t label = group.labels[n] * kLanes + n;
    group.losses[n] =
        std::log(sums[n]) +
        (at_label * (maxima[n] - group.x[label]) + share * gaps[n]);
    if (group.dx != nullptr) group.dx[label] -= group.scale * at_label;
  }
}

void ComputeGroup(const MeanSquaredErrorSpec&, const Group& group) {
  HWY_DYNAMIC_DISPATCH(MeanSquaredErrorOfGroup)
  (group.classes, group.x, group.labels, group.scale, group.losses, group.dx);
}

void ComputeGroup(const HingeSpec& spec, const Group& group) {
  HWY_DYNAMIC_DISPATCH(HingeOfGroup)
  (group.classes, static_cast<float>(spec.margin), group.x, group.labels,
   group.scale, group.losses, group.dx);
}

void ComputeGroup(const SumHingeSpec& spec, const Group& group) {
  HWY_DYNAMIC_DISPATCH(SumHingeOfGroup)
  (group.classes, static_cast<float>(spec.margin), group.x, group.labels,
   group.scale, group.losses, group.dx);
}

void ComputeGroup(const FocalSpec& spec, const Group& group) {
  HWY_DYNAMIC_DISPATCH(FocalOfGroup)
  (group.classes, static_cast<float>(spec.gamma), group.x, group.labels,
   group.scale, group.losses, group.dx);
}

// Kernels are made of losses that take classes.
template <typename Spec>
requires(!Spec::kTakesClasses) void ComputeGroup(const Spec&, const Group&) {}

void ComputeGroup(const LossKind& kind, const Group& group) {
  std::visit([&](const auto& spec) { ComputeGroup(spec, group); }, kind);
}

struct WeightedTargets {
  double label_smoothing;
  std::vector<float> weights;
  // For each label, the sum of the weighted target.
  std::vector<float> totals;
};

void ComputeGroup(const WeightedTargets& loss, const Group& group) {
  const auto at_label = static_cast<float>(1 - loss.label_smoothing);
  const auto share = static_cast<float>(loss.label_smoothing / group.classes);
  alignas(64) float maxima[kLanes];
  alignas(64) float sums[kLanes];
  alignas(64) float gaps[kLanes];
  alignas(64) float totals[kLanes];
  for (int64_t n = 0; n < kLanes; ++n) totals[n] = loss.totals[group.labels[n]];
  HWY_DYNAMIC_DISPATCH(SoftmaxOfGroup)
  (group.classes, group.x, group.scale, maxima, sums, group.dx);
  HWY_DYNAMIC_DISPATCH(WeighTargetsOfGroup)
  (group.classes, group.x, loss.weights.data(), group.scale * share, maxima,
   totals, gaps, group.dx);
  for (int64_t n = 0; n < kLanes; ++n) {
    const int64_t label = group.labels[n] * kLanes + n;
    const float weight = at_label * loss.weights[group.labels[n]];
    group.losses[n] = totals[n] * std::log(sums[n]) +
                      (weight * (maxima[n] - group.x[label]) + share * gaps[n]);
    if (group.dx != nullptr) group.dx[label] -= group.scale * weight;
  }
}

// Of a LossKind or of WeightedTargets.
template <typename Loss>
class LanesClassLoss : public LossKernel {
 public:
  LanesClassLoss(Loss loss, int64_t classes)
      : loss_(std::move(loss)), classes_(classes) {}

  Layout layout() const override { return Layout::kLanes; }

  void Run(int64_t images, const float* x, const LossTargets& targets,
           float scale, float* losses, float* dx) override {
    alignas(64) int32_t group_labels[kLanes] = {};
    alignas(64) float group_losses[kLanes];
    for (int64_t first = 0; first < images; first += kLanes) {
      const int64_t count = std::min(kLanes, images - first);
      std::copy_n(targets.classes + first, count, group_labels);
      const Group group = {
          .classes = classes_,
          .x = x + first * classes_,
          .labels = group_labels,
          .scale = scale,
          .losses = group_losses,
          .dx = dx == nullptr ? nullptr : dx + first * classes_};
      ComputeGroup(loss_, group);
      std::copy_n(group_losses, count, losses + first);
    }
    if (dx != nullptr) ClearMissingLanes(images, classes_, dx);
  }

 private:
  const Loss loss_;
  const int64_t classes_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeLanesClassLoss(const LossKind& kind,
                                               int64_t classes) {
  return std::make_unique<LanesClassLoss<LossKind>>(kind, classes);
}

std::unique_ptr<LossKernel> MakeLanesWeightedTargets(
    double label_smoothing, std::vector<float> class_weights) {
  const auto classes = static_cast<int64_t>(class_weights.size());
  const double mean =
      std::accumulate(class_weights.begin(), class_weights.end(), 0.0) /
      static_cast<double>(classes);
  std::vector<float> totals;
  for (const float weight : class_weights) {
    totals.push_back(static_cast<float>((1 - label_smoothing) * weight +
                                        label_smoothing * mean));
  }
  return std::make_unique<LanesClassLoss<WeightedTargets>>(
      WeightedTargets{.label_smoothing = label_smoothing,
                      .weights = std::move(class_weights),
                      .totals = std::move(totals)},
      classes);
}

}  // namespace lenslet
#endif  // HWY_ONCE
