// The activations as functions of vectors, for files that Highway compiles once
// for each of its targets. What they are stands in activation_spec.h. Include
// after "hwy/highway.h", inside no namespace.

#if defined(LENSLET_OPS_ACTIVATION_ACTIVATION_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef LENSLET_OPS_ACTIVATION_ACTIVATION_INL_H_
#undef LENSLET_OPS_ACTIVATION_ACTIVATION_INL_H_
#else
#define LENSLET_OPS_ACTIVATION_ACTIVATION_INL_H_
#endif

#include "hwy/highway.h"
#include "ops/lanes/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {

// Each has the function, and its gradient as a function of its result.
struct SigmoidFunction {
  template <class D, class V>
  static HWY_INLINE V Value(D d, V x) {
    return Sigmoid(d, x);
  }
  template <class D, class V>
  static HWY_INLINE V Gradient(D, V y, V dy) {
    namespace hn = hwy::HWY_NAMESPACE;
    const V dy_y = hn::Mul(dy, y);
    return hn::NegMulAdd(dy_y, y, dy_y);
  }
};

struct TanhFunction {
  template <class D, class V>
  static HWY_INLINE V Value(D d, V x) {
    return Tanh(d, x);
  }
  template <class D, class V>
  static HWY_INLINE V Gradient(D, V y, V dy) {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::NegMulAdd(hn::Mul(dy, y), y, dy);
  }
};

struct ReluFunction {
  template <class D, class V>
  static HWY_INLINE V Value(D d, V x) {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::Max(x, hn::Zero(d));
  }
  template <class D, class V>
  static HWY_INLINE V Gradient(D d, V y, V dy) {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), dy);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
