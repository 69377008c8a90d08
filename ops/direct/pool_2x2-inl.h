// The result of a window of 2 x 2 vectors, and code compiled for each pooling,
// for files that Highway compiles once per target. Include after
// "hwy/highway.h", outside any namespace.

#if defined(LENSLET_OPS_DIRECT_POOL_2X2_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LENSLET_OPS_DIRECT_POOL_2X2_INL_H_
#undef LENSLET_OPS_DIRECT_POOL_2X2_INL_H_
#else
#define LENSLET_OPS_DIRECT_POOL_2X2_INL_H_
#endif

#include <type_traits>

#include "hwy/highway.h"
#include "lenslet/ops/direct/pool_2x2.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

// Has the bits of pooling's own kernel: taps in row-major order.
template <Pool2x2 pool, class V>
HWY_INLINE V PoolOf(V a, V b, V c, V d) {
  static_assert(pool != Pool2x2::kNone);
  namespace hn = hwy::HWY_NAMESPACE;
  if constexpr (pool == Pool2x2::kMax) {
    return hn::Max(hn::Max(hn::Max(a, b), c), d);
  } else if constexpr (pool == Pool2x2::kMin) {
    return hn::Min(hn::Min(hn::Min(a, b), c), d);
  } else {
    return hn::Mul(hn::Add(hn::Add(hn::Add(a, b), c), d),
                   hn::Set(LanesTag(), 0.25f));
  }
}

// Calls body(value), where value is a constant expression: `pool`.
template <class Body>
HWY_INLINE void WithPool(Pool2x2 pool, const Body& body) {
  switch (pool) {
    case Pool2x2::kNone:
      return body(std::integral_constant<Pool2x2, Pool2x2::kNone>());
    case Pool2x2::kMax:
      return body(std::integral_constant<Pool2x2, Pool2x2::kMax>());
    case Pool2x2::kMin:
      return body(std::integral_constant<Pool2x2, Pool2x2::kMin>());
    case Pool2x2::kAverage:
      return body(std::integral_constant<Pool2x2, Pool2x2::kAverage>());
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
