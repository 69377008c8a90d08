#include "lenslet/ops/hinge/hinge_lanes.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/hinge/hinge_lanes.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

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

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {
namespace {

HWY_EXPORT(HingeOfGroup);

class HingeLanes : public LossKernel {
 public:
  explicit HingeLanes(const HingeSpec& spec)
      : classes_(spec.classes), margin_(static_cast<float>(spec.margin)) {}

  Layout layout() const override { return Layout::kLanes; }

  void Run(int64_t images, const float* x, const int32_t* labels, float scale,
           float* losses, float* dx) override {
    alignas(64) int32_t group_labels[kLanes] = {};
    alignas(64) float group_losses[kLanes];
    for (int64_t first = 0; first < images; first += kLanes) {
      const int64_t count = std::min(kLanes, images - first);
      std::copy_n(labels + first, count, group_labels);
      HWY_DYNAMIC_DISPATCH(HingeOfGroup)
      (classes_, margin_, x + first * classes_, group_labels, scale,
       group_losses, dx == nullptr ? nullptr : dx + first * classes_);
      std::copy_n(group_losses, count, losses + first);
    }
    if (dx != nullptr) ClearMissingLanes(images, classes_, dx);
  }

 private:
  const int64_t classes_;
  const float margin_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeHingeLanes(const HingeSpec& spec) {
  return std::make_unique<HingeLanes>(spec);
}

}  // namespace lenslet
#endif  // HWY_ONCE
