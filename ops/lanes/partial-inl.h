// Stores and sums of parts of vectors, for files that Highway compiles once per
// target. Include after "hwy/highway.h", outside any namespace.

#if defined(LENSLET_OPS_LANES_PARTIAL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LENSLET_OPS_LANES_PARTIAL_INL_H_
#undef LENSLET_OPS_LANES_PARTIAL_INL_H_
#else
#define LENSLET_OPS_LANES_PARTIAL_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {

// Stores the vector's first `size` floats and writes nothing after them. `size`
// is in [0, lanes].
template <class D>
HWY_INLINE void StoreFirst(D d, int64_t size, hwy::HWY_NAMESPACE::Vec<D> v,
                           float* to) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || \
    HWY_TARGET == HWY_AVX3_DL
  hn::BlendedStore(v, hn::FirstN(d, size), d, to);
#else
  // Without masks, a blended store would read and rewrite the floats after
  // them.
  HWY_ALIGN float buffer[hn::MaxLanes(d)];
  hn::Store(v, d, buffer);
  std::copy_n(buffer, size, to);
#endif
}

// Adds the vector's first `size` floats to those at `to`. Neither reads nor
// writes what is after them: perhaps another thread's. `size` is in [0, lanes].
template <class D>
HWY_INLINE void AddFirst(D d, int64_t size, hwy::HWY_NAMESPACE::Vec<D> v,
                         float* to) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || \
    HWY_TARGET == HWY_AVX3_DL
  const auto mask = hn::FirstN(d, size);
  hn::BlendedStore(hn::Add(hn::MaskedLoad(mask, d, to), v), mask, d, to);
#else
  HWY_ALIGN float buffer[hn::MaxLanes(d)];
  hn::Store(v, d, buffer);
  for (int64_t i = 0; i < size; ++i) to[i] += buffer[i];
#endif
}

// Stores as many of the vector's floats as fit into `room` floats. `room` may
// be any number.
template <class D>
HWY_INLINE void StoreWhereRoom(D d, int64_t room, hwy::HWY_NAMESPACE::Vec<D> v,
                               float* to) {
  namespace hn = hwy::HWY_NAMESPACE;
  if (room >= static_cast<int64_t>(hn::Lanes(d))) [[likely]] {
    hn::StoreU(v, d, to);
  } else if (room > 0) {
    StoreFirst(d, room, v, to);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
