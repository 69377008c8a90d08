#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_lanes.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE \
  "ops/softmax_cross_entropy/softmax_cross_entropy_lanes.cc"
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

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {
namespace {

HWY_EXPORT(SoftmaxOfGroup);
HWY_EXPORT(SmoothGroup);

class SoftmaxCrossEntropyLanes : public LossKernel {
 public:
  explicit SoftmaxCrossEntropyLanes(const SoftmaxCrossEntropySpec& spec)
      : classes_(spec.classes),
        at_label_(static_cast<float>(1 - spec.label_smoothing)),
        share_(static_cast<float>(spec.label_smoothing / spec.classes)) {}

  Layout layout() const override { return Layout::kLanes; }

  void Run(int64_t images, const float* x, const int32_t* labels, float scale,
           float* losses, float* dx) override {
    alignas(64) float maxima[kLanes];
    alignas(64) float sums[kLanes];
    alignas(64) float gaps[kLanes] = {};
    for (int64_t first = 0; first < images; first += kLanes) {
      const float* group_x = x + first * classes_;
      float* group_dx = dx == nullptr ? nullptr : dx + first * classes_;
      HWY_DYNAMIC_DISPATCH(SoftmaxOfGroup)
      (classes_, group_x, scale, maxima, sums, group_dx);
      if (share_ > 0) {
        HWY_DYNAMIC_DISPATCH(SmoothGroup)
        (classes_, group_x, scale * share_, maxima, gaps, group_dx);
      }
      for (int64_t n = 0; n < std::min(kLanes, images - first); ++n) {
        const int64_t at_label = labels[first + n] * kLanes + n;
        losses[first + n] =
            std::log(sums[n]) +
            (at_label_ * (maxima[n] - group_x[at_label]) + share_ * gaps[n]);
        if (dx != nullptr) group_dx[at_label] -= scale * at_label_;
      }
    }
    if (dx != nullptr) ClearMissingLanes(images, classes_, dx);
  }

 private:
  const int64_t classes_;
  // Of the target: 1 and 0 without label smoothing.
  const float at_label_;  // What the label has more than the others,
  const float share_;     // and what each has.
};

}  // namespace

std::unique_ptr<LossKernel> MakeSoftmaxCrossEntropyLanes(
    const SoftmaxCrossEntropySpec& spec) {
  return std::make_unique<SoftmaxCrossEntropyLanes>(spec);
}

}  // namespace lenslet
#endif  // HWY_ONCE
