#include "ops/pool/pool_direct_windows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/pool/pool_direct_windows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "ops/direct/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct Maximum {
  template <class V>
  static HWY_INLINE V Add(V a, V b) {
    return hn::Max(a, b);
  }
  template <class V>
  static HWY_INLINE V Finish(V v, V) {
    return v;
  }
};

struct Average {
  template <class V>
  static HWY_INLINE V Add(V a, V b) {
    return hn::Add(a, b);
  }
  template <class V>
  static HWY_INLINE V Finish(V v, V factor) {
    return hn::Mul(v, factor);
  }
};

// There are kTaps taps, or any number if that is zero.
template <class Kind, int kTaps, class D>
void PoolWith(D d, const PoolWindows& w) {
  const int64_t taps = kTaps > 0 ? kTaps : w.taps.size();
  const auto factor = hn::Set(d, w.factor);
  const float* HWY_RESTRICT x = w.x;
  float* HWY_RESTRICT y = w.y;
  const int64_t* HWY_RESTRICT tap = w.taps.data();
  for (int64_t window = 0; window < w.windows; ++window) {
    for (int64_t c = 0; c < w.channels; c += hn::Lanes(d)) {
      auto v = hn::LoadU(d, x + tap[0] + c);
      for (int64_t t = 1; t < taps; ++t) {
        v = Kind::Add(v, hn::LoadU(d, x + tap[t] + c));
      }
      StoreWhereRoom(d, w.y_end - (y + c), Kind::Finish(v, factor), y + c);
    }
    x += w.x_stride;
    y += w.channels;
  }
}

template <class Kind, class D>
void PoolTaps(D d, const PoolWindows& w) {
  switch (w.taps.size()) {
    case 4:
      return PoolWith<Kind, 4>(d, w);
    case 9:
      return PoolWith<Kind, 9>(d, w);
    default:
      return PoolWith<Kind, 0>(d, w);
  }
}

// In vectors no wider than the channels need.
template <class Kind>
void PoolChannels(const PoolWindows& w) {
  if (w.channels <= 4) {
    PoolTaps<Kind>(hn::CappedTag<float, 4>(), w);
  } else if (w.channels <= 8) {
    PoolTaps<Kind>(hn::CappedTag<float, 8>(), w);
  } else {
    PoolTaps<Kind>(hn::CappedTag<float, 16>(), w);
  }
}

void Pool(const PoolWindows& w) {
  switch (w.kind) {
    case PoolKind::kMax:
      return PoolChannels<Maximum>(w);
    case PoolKind::kAverage:
      return PoolChannels<Average>(w);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(Pool);

void ComputePoolWindows(const PoolWindows& windows) {
  HWY_DYNAMIC_DISPATCH(Pool)(windows);
}

}  // namespace lenslet
#endif  // HWY_ONCE
