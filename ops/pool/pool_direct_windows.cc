#include "lenslet/ops/pool/pool_direct_windows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/pool/pool_direct_windows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/math-inl.h"
#include "lenslet/ops/lanes/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Each has the result of a window at x, of vectors from each tap. There are
// kTaps taps, or `count` if that is zero. `factor` is PoolWindows's.

template <class Fold>
struct Folded {
  template <class D>
  static HWY_INLINE hn::Vec<D> Part(D d, const int64_t* HWY_RESTRICT tap,
                                    int64_t count,
                                    const float* HWY_RESTRICT x) {
    auto v = hn::LoadU(d, x + tap[0]);
    HWY_UNROLL(9)
    for (int64_t t = 1; t < count; ++t) {
      v = Fold::Add(v, hn::LoadU(d, x + tap[t]));
    }
    return v;
  }

  template <int kTaps, class D>
  static HWY_INLINE hn::Vec<D> Pool(D d, const int64_t* HWY_RESTRICT tap,
                                    int64_t count, hn::Vec<D> factor,
                                    const float* HWY_RESTRICT x) {
    static_assert(kTaps <= kPartTaps);
    if constexpr (kTaps > 0) {
      return Fold::Finish(Part(d, tap, kTaps, x), factor);
    }
    auto v = Part(d, tap, std::min(count, kPartTaps), x);
    for (int64_t t = kPartTaps; t < count; t += kPartTaps) {
      v = Fold::Add(v, Part(d, tap + t, std::min(count - t, kPartTaps), x));
    }
    return Fold::Finish(v, factor);
  }
};

struct Maximum : Folded<Maximum> {
  template <class V>
  static HWY_INLINE V Add(V a, V b) {
    return hn::Max(a, b);
  }
  template <class V>
  static HWY_INLINE V Finish(V v, V) {
    return v;
  }
};

struct Minimum : Folded<Minimum> {
  template <class V>
  static HWY_INLINE V Add(V a, V b) {
    return hn::Min(a, b);
  }
  template <class V>
  static HWY_INLINE V Finish(V v, V) {
    return v;
  }
};

struct Average : Folded<Average> {
  template <class V>
  static HWY_INLINE V Add(V a, V b) {
    return hn::Add(a, b);
  }
  template <class V>
  static HWY_INLINE V Finish(V v, V factor) {
    return hn::Mul(v, factor);
  }
};

struct Softmax {
  template <int kTaps, class D>
  static HWY_INLINE hn::Vec<D> Pool(D d, const int64_t* HWY_RESTRICT tap,
                                    int64_t count, hn::Vec<D> factor,
                                    const float* HWY_RESTRICT x) {
    const auto maximum = Maximum::Pool<kTaps>(d, tap, count, factor, x);
    const int64_t n = kTaps > 0 ? kTaps : count;
    auto weights = hn::Zero(d);
    auto sum = hn::Zero(d);
    for (int64_t t = 0; t < n; ++t) {
      const auto v = hn::LoadU(d, x + tap[t]);
      const auto weight = Exp(d, hn::Mul(hn::Sub(v, maximum), factor));
      weights = hn::Add(weights, weight);
      sum = hn::MulAdd(weight, v, sum);
    }
    return hn::Div(sum, weights);
  }
};

template <class Kind, int kTaps, class D>
void PoolWith(D d, const PoolWindows& w) {
  const int64_t taps = w.taps.size();
  const int64_t* const tap = w.taps.data();
  const auto factor = hn::Set(d, w.factor);
  const int64_t lanes = hn::Lanes(d);
  float* HWY_RESTRICT y = w.y;
  for (int64_t row = 0; row < w.rows; ++row) {
    const float* HWY_RESTRICT x = w.x + row * w.x_row_stride;
    int64_t window = 0;
    if (w.channels <= lanes) {
      // Those whose vectors end before y_end.
      const int64_t room = (w.y_end - y - lanes) / w.channels + 1;
      const int64_t whole = w.y_end - y < lanes ? 0 : std::min(w.windows, room);
      for (; window < whole; ++window) {
        hn::StoreU(Kind::template Pool<kTaps>(d, tap, taps, factor, x), d, y);
        x += w.x_stride;
        y += w.channels;
      }
    }
    for (; window < w.windows; ++window) {
      for (int64_t c = 0; c < w.channels; c += lanes) {
        StoreWhereRoom(d, w.y_end - (y + c),
                       Kind::template Pool<kTaps>(d, tap, taps, factor, x + c),
                       y + c);
      }
      x += w.x_stride;
      y += w.channels;
    }
  }
}

template <class Kind, class D>
void PoolCounted(D d, const PoolWindows& w) {
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
    PoolCounted<Kind>(hn::CappedTag<float, 4>(), w);
  } else if (w.channels <= 8) {
    PoolCounted<Kind>(hn::CappedTag<float, 8>(), w);
  } else {
    PoolCounted<Kind>(hn::CappedTag<float, 16>(), w);
  }
}

void Pool(const PoolWindows& w) {
  switch (w.kind) {
    case PoolKind::kMax:
      return PoolChannels<Maximum>(w);
    case PoolKind::kAverage:
      return PoolChannels<Average>(w);
    case PoolKind::kMin:
      return PoolChannels<Minimum>(w);
    case PoolKind::kSoftmax:
      return PoolChannels<Softmax>(w);
  }
}

}  // namespace
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
