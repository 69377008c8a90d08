// The activations (activation_spec.h) as functions of vectors, for files that
// Highway compiles once per target. Include after "hwy/highway.h", outside any
// namespace.
//
// Each is an object with
//   Value(d, x)             the function
//   Gradient(d, kept, dy)   dx, where `kept` is the function's value if
//                           GradientFromOutput(), else x

#if defined(LENSLET_OPS_ACTIVATION_ACTIVATION_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef LENSLET_OPS_ACTIVATION_ACTIVATION_INL_H_
#undef LENSLET_OPS_ACTIVATION_ACTIVATION_INL_H_
#else
#define LENSLET_OPS_ACTIVATION_ACTIVATION_INL_H_
#endif

#include "hwy/highway.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/lanes/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {

struct SigmoidFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    return Sigmoid(d, x);
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D, V y, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const V dy_y = hn::Mul(dy, y);
    return hn::NegMulAdd(dy_y, y, dy_y);
  }
};

struct TanhFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    return Tanh(d, x);
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D, V y, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::NegMulAdd(hn::Mul(dy, y), y, dy);
  }
};

struct ReluFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    namespace hn = hwy::HWY_NAMESPACE;
    // In this order a NaN stays one on x86.
    return hn::Max(hn::Zero(d), x);
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V y, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), dy);
  }
};

struct LeakyReluFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    return Gradient(d, x, x);
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V y, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::IfThenElse(hn::Gt(y, hn::Zero(d)), dy,
                          hn::Mul(dy, hn::Set(d, slope)));
  }
  float slope;
};

struct EluFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const V below = ExpMinusOne(d, hn::Min(hn::Zero(d), x));
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x,
                          hn::Mul(below, hn::Set(d, alpha)));
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V y, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::IfThenElse(hn::Gt(y, hn::Zero(d)), dy,
                          hn::Mul(dy, hn::Add(y, hn::Set(d, alpha))));
  }
  float alpha;
};

struct GeluFunction {
  // Phi(-kFar) is 0 and Phi(kFar) is 1, in floats.
  static constexpr float kFar = 14.0f;

  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    namespace hn = hwy::HWY_NAMESPACE;
    // Infinity times 0 would be NaN.
    const V bounded = hn::Max(hn::Set(d, -kFar), x);
    V e;
    return hn::Mul(
        bounded, NormalDistribution(d, hn::Min(hn::Set(d, kFar), bounded), e));
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V x, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    x = hn::Min(hn::Set(d, kFar), hn::Max(hn::Set(d, -kFar), x));
    V e;
    const V phi = NormalDistribution(d, x, e);
    // The density of the distribution is e / sqrt(2 pi).
    const V density = hn::Mul(e, hn::Set(d, 0.398942280f));
    return hn::Mul(dy, hn::MulAdd(x, density, phi));
  }
};

struct SiluFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::Mul(hn::Max(hn::Set(d, -87.0f), x), Sigmoid(d, x));
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V x, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const V one = hn::Set(d, 1.0f);
    x = hn::Min(hn::Set(d, 87.0f), hn::Max(hn::Set(d, -87.0f), x));
    const V e = ExpOf<-1>(d, x);
    const V sigmoid = Reciprocal(d, hn::Add(one, e));
    // 1 - sigmoid(x), without cancellation.
    const V rest = hn::Mul(e, sigmoid);
    return hn::Mul(dy, hn::Mul(sigmoid, hn::MulAdd(x, rest, one)));
  }
};

struct SoftplusFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::Add(hn::Max(hn::Zero(d), x),
                   LogOnePlus(d, ExpOf<-1>(d, hn::Abs(x))));
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V x, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::Mul(dy, Sigmoid(d, x));
  }
};

struct ClipFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    namespace hn = hwy::HWY_NAMESPACE;
    // In this order a NaN stays one on x86.
    return hn::Min(hn::Set(d, max), hn::Max(hn::Set(d, min), x));
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V y, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::IfThenElseZero(
        hn::And(hn::Gt(y, hn::Set(d, min)), hn::Lt(y, hn::Set(d, max))), dy);
  }
  float min;
  float max;
};

struct HardSigmoidFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return ClipFunction{0, 1}.Value(
        d, hn::MulAdd(x, hn::Set(d, slope), hn::Set(d, offset)));
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V y, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    return ClipFunction{0, 1}.Gradient(d, y, hn::Mul(dy, hn::Set(d, slope)));
  }
  float slope;
  float offset;
};

struct HardSwishFunction {
  template <class D, class V>
  HWY_INLINE V Value(D d, V x) const {
    namespace hn = hwy::HWY_NAMESPACE;
    // Infinity times 0 would be NaN.
    x = hn::Max(hn::Set(d, -3.0f), x);
    return hn::Mul(x, HardSigmoidFunction{1.0f / 6, 0.5f}.Value(d, x));
  }
  template <class D, class V>
  HWY_INLINE V Gradient(D d, V x, V dy) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const V slope = hn::MulAdd(x, hn::Set(d, 1.0f / 3), hn::Set(d, 0.5f));
    const V inside =
        hn::IfThenElseZero(hn::Gt(x, hn::Set(d, -3.0f)), hn::Mul(dy, slope));
    return hn::IfThenElse(hn::Ge(x, hn::Set(d, 3.0f)), dy, inside);
  }
};

// Calls body(function) with the object for `spec`, which must have
// GradientFromOutput().
template <class Body>
HWY_INLINE void WithFusedActivation(const ActivationSpec& spec,
                                    const Body& body) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      return body(SigmoidFunction());
    case ActivationKind::kTanh:
      return body(TanhFunction());
    case ActivationKind::kRelu:
      return body(ReluFunction());
    case ActivationKind::kLeakyRelu:
      return body(LeakyReluFunction{spec.slope});
    case ActivationKind::kElu:
      return body(EluFunction{spec.alpha});
    case ActivationKind::kClip:
      return body(ClipFunction{spec.min, spec.max});
    case ActivationKind::kHardSigmoid:
      return body(HardSigmoidFunction{spec.hard_slope, spec.offset});
    case ActivationKind::kGelu:
    case ActivationKind::kSilu:
    case ActivationKind::kSoftplus:
    case ActivationKind::kHardSwish:
      break;
  }
}

// The same for any activation.
template <class Body>
HWY_INLINE void WithActivation(const ActivationSpec& spec, const Body& body) {
  switch (spec.kind) {
    case ActivationKind::kGelu:
      return body(GeluFunction());
    case ActivationKind::kSilu:
      return body(SiluFunction());
    case ActivationKind::kSoftplus:
      return body(SoftplusFunction());
    case ActivationKind::kHardSwish:
      return body(HardSwishFunction());
    default:
      return WithFusedActivation(spec, body);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
