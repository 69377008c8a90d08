// Functions of vectors of floats, for files that Highway compiles once per
// target. Include after "hwy/highway.h", outside any namespace. Results have
// the same bits on all targets with fused multiply-adds.

#if defined(LENSLET_OPS_LANES_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LENSLET_OPS_LANES_MATH_INL_H_
#undef LENSLET_OPS_LANES_MATH_INL_H_
#else
#define LENSLET_OPS_LANES_MATH_INL_H_
#endif

#include <cmath>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {

// The range reduction of an exponential: sign * x = k ln(2) + r, for an integer
// k, |r| <= ln(2) / 2, and a sign of 1 or -1. Returns sign * r. The lowest bits
// of `shifted` are those of k.
template <int sign, class D, class V>
HWY_INLINE V ReduceExponent(D d, V x, V& shifted) {
  namespace hn = hwy::HWY_NAMESPACE;
  // A float of this magnitude has no fractional bits: its lowest bits are those
  // of the rounded integer.
  const V shift = hn::Set(d, 12582912.0f);  // 1.5 * 2^23
  shifted = hn::MulAdd(x, hn::Set(d, sign * 1.44269504f), shift);
  const V k = hn::Sub(shifted, shift);
#if HWY_NATIVE_FMA
  return hn::MulAdd(k, hn::Set(d, sign * -0.693147182f), x);
#else
  // ln(2) in two parts. The first has few bits, so that its product with k is
  // exact.
  const V r = hn::MulAdd(k, hn::Set(d, sign * -0.693359375f), x);
  return hn::MulAdd(k, hn::Set(d, sign * 2.12194440e-4f), r);
#endif
}

// 2^k y, for k from ReduceExponent(). The exponent of 2^k y must be in range.
template <class D, class V>
HWY_INLINE V ScaleByExponent(D d, V y, V shifted) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToSigned<D> integers;
  return hn::BitCast(
      d, hn::Add(hn::BitCast(integers, y),
                 hn::ShiftLeft<23>(hn::BitCast(integers, shifted))));
}

// e^(sign * x) = 2^k e^r, for a sign of 1 or -1. e^r is the best-fitting
// polynomial of degree 5 whose constant term is 1, so that e^0 is exactly 1.
// The relative error is below 8 * 2^-24. sign * x is clamped to [-87, 88]. On
// x86, NaN gives NaN.
template <int sign, class D, class V>
HWY_INLINE V ExpOf(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  // This argument order preserves NaN on x86.
  x = hn::Min(hn::Set(d, sign > 0 ? 88.0f : 87.0f),
              hn::Max(hn::Set(d, sign > 0 ? -87.0f : -88.0f), x));
  V shifted;
  const V r = ReduceExponent<sign>(d, x, shifted);
  V y = hn::Set(d, sign * 0.00829764808f);
  y = hn::MulAdd(y, r, hn::Set(d, 0.04191543142f));
  y = hn::MulAdd(y, r, hn::Set(d, sign * 0.16667575089f));
  y = hn::MulAdd(y, r, hn::Set(d, 0.49998894414f));
  y = hn::MulAdd(y, r, hn::Set(d, sign * 0.99999969181f));
  y = hn::MulAdd(y, r, hn::Set(d, 1.0f));
  return ScaleByExponent(d, y, shifted);
}

template <class D, class V>
HWY_INLINE V Exp(D d, V x) {
  return ExpOf<1>(d, x);
}

// 1 / x, rounded to the nearest float. AVX-512's approximation with a Newton
// step takes as long as its division and differs between CPU types.
template <class D, class V>
HWY_INLINE V Reciprocal(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  return hn::Div(hn::Set(d, 1.0f), x);
}

// 1 / (1 + e^-x) for x >= -87. The relative error is at most 12 * 2^-24.
template <class D, class V>
HWY_INLINE V Sigmoid(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  return Reciprocal(d, hn::Add(hn::Set(d, 1.0f), ExpOf<-1>(d, x)));
}

// The relative error is at most 12 * 2^-24. For small |x|, where the formula
// with exponentials would cancel, it is x plus the best-fitting odd polynomial.
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

// e^x - 1 for x <= 0: 2^k (e^r - 1) + (2^k - 1), where e^r - 1 is r + r^2 times
// the best-fitting polynomial. The relative error is at most 4 * 2^-24, also
// for small |x|. On x86, NaN gives NaN.
template <class D, class V>
HWY_INLINE V ExpMinusOne(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V one = hn::Set(d, 1.0f);
  V shifted;
  const V r = ReduceExponent<1>(d, hn::Max(hn::Set(d, -87.0f), x), shifted);
  V p = hn::Set(d, 0.0013882508501f);
  p = hn::MulAdd(p, r, hn::Set(d, 0.0083665801212f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.0416672006249f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.1666654348373f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.4999999701977f));
  const V e = hn::MulAdd(hn::Mul(r, r), p, r);
  const V scale = ScaleByExponent(d, one, shifted);
  return hn::MulAdd(scale, e, hn::Sub(scale, one));
}

// log(1 + u) for 0 <= u <= 1: 2 artanh(s) with s = u / (2 + u), which is 2 s +
// s^3 times the best-fitting polynomial in s^2. The relative error is at most 8
// * 2^-24.
template <class D, class V>
HWY_INLINE V LogOnePlus(D d, V u) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V s = hn::Mul(u, Reciprocal(d, hn::Add(u, hn::Set(d, 2.0f))));
  const V z = hn::Mul(s, s);
  V p = hn::Set(d, 0.2801198065281f);
  p = hn::MulAdd(p, z, hn::Set(d, 0.2800180613995f));
  p = hn::MulAdd(p, z, hn::Set(d, 0.4002152681351f));
  p = hn::MulAdd(p, z, hn::Set(d, 0.6666641831398f));
  return hn::MulAdd(hn::Mul(s, z), p, hn::Add(s, s));
}

// log(x) for normal x > 0: k ln(2) + log(m), for x = 2^k m and 1 <= m < 2. The
// relative error is at most 10 * 2^-24 for x >= 1; below, where the terms have
// opposite signs, the error is at most (6 + 2 |log(x)|) * 2^-24. Zero gives the
// logarithm of about 2^-127; NaN and infinity give themselves.
template <class D, class V>
HWY_INLINE V Log(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToSigned<D> integers;
  const V one = hn::Set(d, 1.0f);
  const auto bits = hn::BitCast(integers, x);
  const auto one_bits = hn::BitCast(integers, one);
  const V k = hn::ConvertTo(
      d, hn::Sub(hn::ShiftRight<23>(bits), hn::Set(integers, 127)));
  const V m = hn::BitCast(
      d, hn::Or(hn::And(bits, hn::Set(integers, 0x7fffff)), one_bits));
  const V y =
      hn::MulAdd(k, hn::Set(d, 0.693147182f), LogOnePlus(d, hn::Sub(m, one)));
  return hn::IfThenElse(hn::Lt(x, hn::Set(d, HUGE_VALF)), y, x);
}

// The standard normal distribution function: returns Phi(x) = (1 + erf(x /
// sqrt(2))) / 2 for |x| <= 14, and sets e to e^(-x^2 / 2). Phi(-|x|) is e^(-x^2
// / 2) times the best-fitting polynomial in t = 1 / (1 + 0.21 |x|), as in
// Abramowitz and Stegun, 7.1.26, but of degree 9. Unlike erf, this keeps the
// relative accuracy of the tail. The relative error is at most (20 + x^2 / 2) *
// 2^-24 for x >= -13. Below about -13.19 both results are 0. On x86, NaN gives
// NaN.
template <class D, class V>
HWY_INLINE V NormalDistribution(D d, V x, V& e) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V one = hn::Set(d, 1.0f);
  const V size = hn::Abs(x);
  const V half_square = hn::Mul(hn::Mul(size, hn::Set(d, 0.5f)), size);
  e = hn::IfThenElseZero(hn::Lt(half_square, hn::Set(d, 87.0f)),
                         ExpOf<-1>(d, half_square));
  const V t = Reciprocal(d, hn::MulAdd(size, hn::Set(d, 0.21f), one));
  V p = hn::Set(d, -0.0722288191319f);
  p = hn::MulAdd(p, t, hn::Set(d, 0.2864159345627f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.3362238109112f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.3564323782921f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.0989698916674f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.1271278113127f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.0685794353485f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.0851613059640f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.0837056487799f));
  const V tail = hn::Mul(e, hn::Mul(p, t));
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(one, tail));
}

}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
