// Functions of vectors of floats, for files that Highway compiles once for
// each of its targets. Include after "hwy/highway.h", inside no namespace.

#if defined(LENSLET_OPS_LANES_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LENSLET_OPS_LANES_MATH_INL_H_
#undef LENSLET_OPS_LANES_MATH_INL_H_
#else
#define LENSLET_OPS_LANES_MATH_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {

// e^(sign * x), for a sign of 1 or -1: 2^k e^r for an integer k and
// |r| <= ln(2) / 2. e^r is the polynomial of degree 5 that fits best, but for
// its first coefficient, which makes e^0 exactly 1. The relative error is below
// 8 * 2^-24 for sign * x between -87 and 88; beyond, the result is the value
// there. A NaN gives NaN.
template <int sign, class D, class V>
HWY_INLINE V ExpOf(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToSigned<D> integers;
  // In this order a NaN stays one on x86, too.
  x = hn::Min(hn::Set(d, sign > 0 ? 88.0f : 87.0f),
              hn::Max(hn::Set(d, sign > 0 ? -87.0f : -88.0f), x));
  // The lowest bits of a float of this size are those of the integer that it
  // is rounded to.
  const V shift = hn::Set(d, 12582912.0f);  // 1.5 * 2^23
  const V shifted = hn::MulAdd(x, hn::Set(d, sign * 1.44269504f), shift);
  const V k = hn::Sub(shifted, shift);
  // sign * r
#if HWY_NATIVE_FMA
  V r = hn::MulAdd(k, hn::Set(d, sign * -0.693147182f), x);
#else
  // ln(2) in two parts, of which the first has few bits, so that its product
  // with k is exact.
  V r = hn::MulAdd(k, hn::Set(d, sign * -0.693359375f), x);
  r = hn::MulAdd(k, hn::Set(d, sign * 2.12194440e-4f), r);
#endif
  V y = hn::Set(d, sign * 0.00829764808f);
  y = hn::MulAdd(y, r, hn::Set(d, 0.04191543142f));
  y = hn::MulAdd(y, r, hn::Set(d, sign * 0.16667575089f));
  y = hn::MulAdd(y, r, hn::Set(d, 0.49998894414f));
  y = hn::MulAdd(y, r, hn::Set(d, sign * 0.99999969181f));
  y = hn::MulAdd(y, r, hn::Set(d, 1.0f));
  return hn::BitCast(
      d, hn::Add(hn::BitCast(integers, y),
                 hn::ShiftLeft<23>(hn::BitCast(integers, shifted))));
}

template <class D, class V>
HWY_INLINE V Exp(D d, V x) {
  return ExpOf<1>(d, x);
}

// 1 / x for 1 <= x <= e^88, within 2 * 2^-24, relative.
template <class D, class V>
HWY_INLINE V Reciprocal(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  // A division of 16 floats takes as long as some 30 other operations. The
  // approximation has 14 bits, and a step of Newton's twice as many.
  const V y = hn::ApproximateReciprocal(x);
  return hn::MulAdd(y, hn::NegMulAdd(x, y, hn::Set(d, 1.0f)), y);
#else
  return hn::Div(hn::Set(d, 1.0f), x);
#endif
}

// Within 12 * 2^-24, relative, for x >= -87.
template <class D, class V>
HWY_INLINE V Sigmoid(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  return Reciprocal(d, hn::Add(hn::Set(d, 1.0f), ExpOf<-1>(d, x)));
}

// Within 12 * 2^-24, relative. For small |x|, where the exponential's formula
// would cancel, x plus the odd polynomial that fits best.
template <class D, class V>
HWY_INLINE V Tanh(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V one = hn::Set(d, 1.0f);
  const V size = hn::Abs(x);
  const V e = Exp(d, hn::Add(size, size));
  const V large =
      hn::Sub(one, hn::Mul(hn::Set(d, 2.0f), Reciprocal(d, hn::Add(e, one))));
  const V z = hn::Mul(x, x);
  V p = hn::Set(d, -0.005717045074608132f);
  p = hn::MulAdd(p, z, hn::Set(d, 0.02065058731599484f));
  p = hn::MulAdd(p, z, hn::Set(d, -0.05374349808781901f));
  p = hn::MulAdd(p, z, hn::Set(d, 0.13331491287084538f));
  p = hn::MulAdd(p, z, hn::Set(d, -0.333332839252886f));
  const V small = hn::MulAdd(hn::Mul(p, z), x, x);
  return hn::IfThenElse(hn::Lt(size, hn::Set(d, 0.625f)), small,
                        hn::CopySignToAbs(large, x));
}

}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
