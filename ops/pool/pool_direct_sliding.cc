#include "lenslet/ops/pool/pool_direct_sliding.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/pool/pool_direct_sliding.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using SlidingTag = hn::CappedTag<float, 16>;

template <bool minimum, class V>
HWY_INLINE V Winner(V a, V b) {
  if constexpr (minimum) {
    return hn::Min(a, b);
  } else {
    return hn::Max(a, b);
  }
}

// Writes y[i], the winner of `count` floats from(t) + i, a vector at a time.
template <bool minimum, int kCount, class From>
HWY_INLINE void WinnersOf(int64_t count, From from, int64_t size,
                          float* HWY_RESTRICT y) {
  const SlidingTag d;
  const int64_t lanes = hn::Lanes(d);
  const int64_t n = kCount > 0 ? kCount : count;
  for (int64_t i = 0; i < size; i += lanes) {
    auto v = hn::LoadU(d, from(0) + i);
    HWY_UNROLL(3)
    for (int64_t t = 1; t < n; ++t) {
      v = Winner<minimum>(v, hn::LoadU(d, from(t) + i));
    }
    StoreWhereRoom(d, size - i, v, y + i);
  }
}

template <bool minimum, class From>
HWY_INLINE void Winners(int64_t count, From from, int64_t size, float* y) {
  if (count == 2) return WinnersOf<minimum, 2>(count, from, size, y);
  if (count == 3) return WinnersOf<minimum, 3>(count, from, size, y);
  WinnersOf<minimum, 0>(count, from, size, y);
}

template <bool minimum>
void SlideRow(const SlidingPoolRow& r) {
  const float* const x = r.x;
  const int64_t* const rows = r.rows.data();
  Winners<minimum>(
      static_cast<int64_t>(r.rows.size()),
      [=](int64_t t) HWY_ATTR { return x + rows[t]; }, r.x_size,
      r.m + r.before);
  const float* const m = r.m;
  const int64_t step = r.step;
  Winners<minimum>(
      r.taps, [=](int64_t t) HWY_ATTR { return m + t * step; }, r.y_size, r.y);
}

void Slide(const SlidingPoolRow& row) {
  if (row.minimum) return SlideRow<true>(row);
  SlideRow<false>(row);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(Slide);

int64_t SlidingPoolScratch(const SlidingPoolRow& row) {
  constexpr int64_t kVector = 16;  // Read past the last float.
  return std::max(row.before + row.x_size,
                  row.y_size + (row.taps - 1) * row.step) +
         kVector;
}

void PrepareSlidingPool(const SlidingPoolRow& row) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::fill_n(row.m, SlidingPoolScratch(row),
              row.minimum ? kInfinity : -kInfinity);
}

void ComputeSlidingPool(const SlidingPoolRow& row) {
  HWY_DYNAMIC_DISPATCH(Slide)(row);
}

}  // namespace lenslet
#endif  // HWY_ONCE
