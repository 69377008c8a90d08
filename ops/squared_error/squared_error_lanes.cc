#include "lenslet/ops/squared_error/squared_error_lanes.h"

#include <algorithm>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/squared_error/squared_error_lanes.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A group of images: their losses, and, unless dx is null, dx.
void SquaredErrorOfGroup(int64_t classes, const float* HWY_RESTRICT x,
                         const int32_t* HWY_RESTRICT labels, float scale,
                         float* HWY_RESTRICT losses, float* HWY_RESTRICT dx) {
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

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {
namespace {

HWY_EXPORT(SquaredErrorOfGroup);

class SquaredErrorLanes : public LossKernel {
 public:
  explicit SquaredErrorLanes(const SquaredErrorSpec& spec)
      : classes_(spec.classes) {}

  Layout layout() const override { return Layout::kLanes; }

  void Run(int64_t images, const float* x, const int32_t* labels, float scale,
           float* losses, float* dx) override {
    alignas(64) int32_t group_labels[kLanes] = {};
    alignas(64) float group_losses[kLanes];
    for (int64_t first = 0; first < images; first += kLanes) {
      const int64_t count = std::min(kLanes, images - first);
      std::copy_n(labels + first, count, group_labels);
      HWY_DYNAMIC_DISPATCH(SquaredErrorOfGroup)
      (classes_, x + first * classes_, group_labels, scale, group_losses,
       dx == nullptr ? nullptr : dx + first * classes_);
      std::copy_n(group_losses, count, losses + first);
    }
    if (dx != nullptr) ClearMissingLanes(images, classes_, dx);
  }

 private:
  const int64_t classes_;
};

}  // namespace

std::unique_ptr<LossKernel> MakeSquaredErrorLanes(
    const SquaredErrorSpec& spec) {
  return std::make_unique<SquaredErrorLanes>(spec);
}

}  // namespace lenslet
#endif  // HWY_ONCE
