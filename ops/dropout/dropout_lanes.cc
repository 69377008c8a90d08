#include <algorithm>

#include "lenslet/ops/dropout/dropout_hash.h"
#include "lenslet/ops/dropout/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/dropout/dropout_lanes.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;
using Bits = hn::RebindToUnsigned<Tag>;
using Integers = hn::RebindToSigned<Tag>;

// DropoutMix() of each lane.
HWY_INLINE hn::Vec<Bits> Mix(hn::Vec<Bits> x) {
  const Bits u;
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<16>(x)),
              hn::Set(u, kDropoutMixFactor1));
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<15>(x)),
              hn::Set(u, kDropoutMixFactor2));
  return hn::Xor(x, hn::ShiftRight<16>(x));
}

// A group of images with these keys.
void DropGroup(const uint32_t* keys, int32_t threshold, float factor,
               int64_t elements, const float* HWY_RESTRICT from,
               float* HWY_RESTRICT to) {
  const Tag d;
  const Bits u;
  const Integers s;
  const auto last_dropped = hn::Set(s, threshold - 1);
  const auto factors = hn::Set(d, factor);
  for (int64_t i = 0; i < elements; ++i) {
    const auto element = hn::Set(u, DropoutMix(static_cast<uint32_t>(i)));
    for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
      const auto mixed = Mix(hn::Xor(element, hn::Load(u, keys + lane)));
      const auto kept = hn::RebindMask(
          d, hn::Gt(hn::BitCast(s, hn::ShiftRight<1>(mixed)), last_dropped));
      hn::Store(
          hn::IfThenElseZero(kept, hn::Mul(hn::Load(d, from + lane), factors)),
          d, to + lane);
    }
    from += kLanes;
    to += kLanes;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {
namespace {

HWY_EXPORT(DropGroup);

class DropoutLanesKernel : public Kernel {
 public:
  DropoutLanesKernel(const DropoutSpec& spec, int64_t elements)
      : factor_(static_cast<float>(1 / (1 - spec.rate))),
        threshold_(DropoutThreshold(spec.rate)),
        elements_(elements) {}

  Layout layout() const override { return Layout::kLanes; }

  void Seed(uint64_t seed) override { next_seed_ = seed; }

  void Forward(int64_t images) override {
    seed_ = next_seed_;
    Drop(images, InputData(0), OutputData());
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx != nullptr) Drop(images, buffers().output_gradient, dx);
  }

 private:
  void Drop(int64_t images, const float* from, float* to) const {
    if (!buffers().training) {
      std::copy_n(from, LaneGroups(images) * elements_ * kLanes, to);
      return;
    }
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      alignas(64) uint32_t keys[kLanes];
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        keys[lane] = DropoutKey(seed_, group * kLanes + lane);
      }
      const int64_t offset = group * elements_ * kLanes;
      HWY_DYNAMIC_DISPATCH(DropGroup)
      (keys, threshold_, factor_, elements_, from + offset, to + offset);
    }
  }

  const float factor_;
  const int32_t threshold_;
  const int64_t elements_;
  uint64_t next_seed_ = 0;
  uint64_t seed_ = 0;  // Of the last Forward().
};

}  // namespace

std::unique_ptr<Kernel> MakeDropoutLanesKernel(const DropoutSpec& spec,
                                               int64_t elements) {
  return std::make_unique<DropoutLanesKernel>(spec, elements);
}

}  // namespace lenslet
#endif  // HWY_ONCE
