#include "lenslet/ops/direct/tap_sums.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/tap_sums.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/direct/pool_2x2-inl.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using TapVector = hn::Vec<LanesTag>;

// Of `count` sums at once: each multiply-add waits for the one before it of the
// same sum.
template <int taps, int count>
HWY_INLINE void SumTaps(const float* HWY_RESTRICT x, int64_t x_row,
                        const int64_t offsets[count],
                        const TapVector weights[taps * taps], TapVector start,
                        TapVector minimum, TapVector sums[count]) {
  const LanesTag d;
  HWY_UNROLL(4)
  for (int n = 0; n < count; ++n) sums[n] = start;
  HWY_UNROLL(5)
  for (int i = 0; i < taps; ++i) {
    HWY_UNROLL(5)
    for (int j = 0; j < taps; ++j) {
      HWY_UNROLL(4)
      for (int n = 0; n < count; ++n) {
        sums[n] = hn::MulAdd(hn::Set(d, x[offsets[n] + j]),
                             weights[i * taps + j], sums[n]);
      }
    }
    x += x_row;
  }
  HWY_UNROLL(4)
  for (int n = 0; n < count; ++n) sums[n] = hn::Max(minimum, sums[n]);
}

// `channels` floats of one vector, at every position.
template <int taps, Pool2x2 pool>
void ComputeVector(const TapSums& s, const float* HWY_RESTRICT w,
                   const float* HWY_RESTRICT packed_start, int64_t channels,
                   float* HWY_RESTRICT y) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  TapVector weights[taps * taps];
  HWY_UNROLL(25)
  for (int tap = 0; tap < taps * taps; ++tap) {
    weights[tap] = hn::Load(d, w + tap * lanes);
  }
  const TapVector start = hn::Load(d, packed_start);
  const TapVector minimum = hn::Set(d, s.minimum);
  const int64_t x_row = s.x_row;
  const int64_t below = s.stride_rows * x_row;
  const int64_t right = s.stride_columns;
  if constexpr (pool == Pool2x2::kNone) {
    const int64_t row[] = {0, right, 2 * right, 3 * right};
    for (int64_t r = 0; r < s.rows; ++r) {
      const float* HWY_RESTRICT x = s.x + r * below;
      int64_t column = 0;
      for (; column + 4 <= s.columns; column += 4) {
        TapVector sums[4];
        SumTaps<taps, 4>(x, x_row, row, weights, start, minimum, sums);
        HWY_UNROLL(4)
        for (int n = 0; n < 4; ++n) {
          StoreWhereRoom(d, channels, sums[n], y);
          y += s.channels;
        }
        x += 4 * right;
      }
      for (; column < s.columns; ++column) {
        TapVector sum[1];
        SumTaps<taps, 1>(x, x_row, row, weights, start, minimum, sum);
        StoreWhereRoom(d, channels, sum[0], y);
        x += right;
        y += s.channels;
      }
    }
  } else {
    const int64_t window[] = {0, right, below, below + right};
    for (int64_t r = 0; r < s.rows / 2; ++r) {
      const float* HWY_RESTRICT x = s.x + r * 2 * below;
      for (int64_t column = 0; column < s.columns / 2; ++column) {
        TapVector sums[4];
        SumTaps<taps, 4>(x, x_row, window, weights, start, minimum, sums);
        StoreWhereRoom(d, channels,
                       PoolOf<pool>(sums[0], sums[1], sums[2], sums[3]), y);
        x += 2 * right;
        y += s.channels;
      }
    }
  }
}

template <int taps, Pool2x2 pool>
void ComputeVectors(const TapSums& s) {
  const int64_t lanes = hn::Lanes(LanesTag());
  for (int64_t k = 0; k < s.channels; k += lanes) {
    ComputeVector<taps, pool>(s, s.packed_w + k * taps * taps,
                              s.packed_start + k,
                              std::min(lanes, s.channels - k), s.y + k);
  }
}

template <int taps>
void ComputePooled(const TapSums& s) {
  WithPool(s.pool, [&](auto pool) HWY_ATTR { ComputeVectors<taps, pool>(s); });
}

void ComputeTaps(const TapSums& s) {
  if (s.taps == 5) return ComputePooled<5>(s);
  ComputePooled<3>(s);
}

bool HasRegistersForTaps() { return kVectorRegisters >= 32; }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(ComputeTaps);
HWY_EXPORT(HasRegistersForTaps);

bool HasTapSums() { return HWY_DYNAMIC_DISPATCH(HasRegistersForTaps)(); }

void ComputeTapSums(const TapSums& sums) {
  HWY_DYNAMIC_DISPATCH(ComputeTaps)(sums);
}

}  // namespace lenslet
#endif  // HWY_ONCE
