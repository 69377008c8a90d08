// The one-dimensional transforms of Winograd's convolutions
// (ops/lanes/winograd.h), for files that Highway compiles once per target.
// Include after "hwy/highway.h", outside any namespace.

#if defined(LENSLET_OPS_LANES_WINOGRAD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LENSLET_OPS_LANES_WINOGRAD_INL_H_
#undef LENSLET_OPS_LANES_WINOGRAD_INL_H_
#else
#define LENSLET_OPS_LANES_WINOGRAD_INL_H_
#endif

#include "hwy/highway.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using V = hn::Vec<LanesTag>;

// The points of interpolation, and what the transforms need of them. Exact.
constexpr float kA = 0.625f;
constexpr float kB = 1.5f;
constexpr float kA2 = kA * kA;
constexpr float kB2 = kB * kB;
constexpr float kA3 = kA2 * kA;
constexpr float kB3 = kB2 * kB;
constexpr float kProduct = kA2 * kB2;
constexpr float kSum = kA2 + kB2;

HWY_INLINE V C(float number) {
  return hwy::HWY_NAMESPACE::Set(LanesTag(), number);
}

// Products of a number and a vector.
HWY_INLINE V Plus(V sum, float number, V v) {
  return hn::MulAdd(C(number), v, sum);
}
HWY_INLINE V Minus(V sum, float number, V v) {
  return hn::NegMulAdd(C(number), v, sum);
}

// The pair's rows of B^T d.
template <int pair>
HWY_INLINE void InputRows(V d0, V d1, V d2, V d3, V d4, V d5, V& first,
                          V& second) {
  if constexpr (pair == 0) {
    first = Minus(Plus(d4, kProduct, d0), kSum, d2);
    second = Minus(Plus(d5, kProduct, d1), kSum, d3);
  } else {
    constexpr float other2 = pair == 1 ? kB2 : kA2;
    constexpr float point = pair == 1 ? kA : kB;
    const V even = Minus(d4, other2, d2);
    const V odd = Minus(d3, other2, d1);
    first = Plus(even, point, odd);
    second = Minus(even, point, odd);
  }
}

// B^T d, for six vectors.
HWY_INLINE void InputPoints(V d0, V d1, V d2, V d3, V d4, V d5, V to[6]) {
  InputRows<0>(d0, d1, d2, d3, d4, d5, to[0], to[5]);
  InputRows<1>(d0, d1, d2, d3, d4, d5, to[1], to[2]);
  InputRows<2>(d0, d1, d2, d3, d4, d5, to[3], to[4]);
}

// B m, for six vectors.
HWY_INLINE void InputGradients(V m0, V m1, V m2, V m3, V m4, V m5, V to[6]) {
  const V p = hn::Add(m1, m2);
  const V q = hn::Mul(C(kA), hn::Sub(m1, m2));
  const V r = hn::Add(m3, m4);
  const V s = hn::Mul(C(kB), hn::Sub(m3, m4));
  to[0] = hn::Mul(C(kProduct), m0);
  to[1] = Minus(Minus(hn::Mul(C(kProduct), m5), kB2, q), kA2, s);
  to[2] = Minus(Minus(hn::Mul(C(-kSum), m0), kB2, p), kA2, r);
  to[3] = Minus(hn::Add(q, s), kSum, m5);
  to[4] = hn::Add(m0, hn::Add(p, r));
  to[5] = m5;
}

// m A, for a row m of six points: its columns 0 and 2.
template <int outputs>
HWY_INLINE void EvenOutputs(V m0, V m1, V m2, V m3, V m4, V y[outputs]) {
  const V p = hn::Add(m1, m2);
  const V r = hn::Add(m3, m4);
  y[0] = hn::Add(m0, hn::Add(p, r));
  if constexpr (outputs == 4) y[2] = Plus(hn::Mul(C(kA2), p), kB2, r);
}

// And its columns 1 and 3.
template <int outputs>
HWY_INLINE void OddOutputs(V m1, V m2, V m3, V m4, V m5, V y[outputs]) {
  const V q = hn::Sub(m1, m2);
  const V s = hn::Sub(m3, m4);
  if constexpr (outputs == 2) {
    y[1] = Plus(Plus(m5, kA, q), kB, s);
  } else {
    y[1] = Plus(hn::Mul(C(kA), q), kB, s);
    y[3] = Plus(Plus(m5, kA3, q), kB3, s);
  }
}

template <int outputs>
HWY_INLINE void OutputRow(V m0, V m1, V m2, V m3, V m4, V m5, V y[outputs]) {
  EvenOutputs<outputs>(m0, m1, m2, m3, m4, y);
  OddOutputs<outputs>(m1, m2, m3, m4, m5, y);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
