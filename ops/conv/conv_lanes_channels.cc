#include "lenslet/ops/conv/conv_lanes_channels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/conv/conv_lanes_channels.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;

void SumsAtPosition(const ChannelSumsAtPosition& s) {
  const Tag d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t c = 0; c < s.channels; ++c) {
    const float* HWY_RESTRICT w = s.w + c * s.w_stride;
    const auto start = hn::Set(d, s.start == nullptr ? 0.0f : s.start[c]);
    for (int64_t i = c * kLanes; i < (c + 1) * kLanes; i += lanes) {
      auto sum = start;
      for (const ChannelTap& tap : s.taps) {
        sum = hn::MulAdd(hn::Load(d, s.from + tap.from + i),
                         hn::Set(d, w[tap.tap]), sum);
      }
      hn::Store(sum, d, s.to + i);
    }
  }
}

void Products(const ChannelProducts& p) {
  const Tag d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t c = 0; c < p.channels; ++c) {
    for (int64_t i = 0; i < kLanes; i += lanes) {
      const float* a = p.a + c * kLanes + i;
      const float* b = p.b + c * kLanes + i;
      float* to = p.sums + c * p.sums_stride + i;
      auto sum = hn::Load(d, to);
      for (int64_t position = 0; position < p.positions; ++position) {
        sum = hn::MulAdd(hn::Load(d, a), hn::Load(d, b), sum);
        a += p.a_stride;
        b += p.b_stride;
      }
      hn::Store(sum, d, to);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(SumsAtPosition);
HWY_EXPORT(Products);

void ComputeChannelSumsAtPosition(const ChannelSumsAtPosition& sums) {
  HWY_DYNAMIC_DISPATCH(SumsAtPosition)(sums);
}

void AddChannelProducts(const ChannelProducts& products) {
  HWY_DYNAMIC_DISPATCH(Products)(products);
}

}  // namespace lenslet
#endif  // HWY_ONCE
