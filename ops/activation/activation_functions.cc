#include "ops/activation/activation_functions.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/activation/activation_functions.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "ops/direct/partial-inl.h"
#include "ops/lanes/math-inl.h"
#include "tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;
using V = hn::Vec<Tag>;

// Each has the function, and its gradient as a function of its result.
struct SigmoidFunction {
  static HWY_INLINE V Value(Tag d, V x) { return Sigmoid(d, x); }
  static HWY_INLINE V Gradient(Tag, V y, V dy) {
    const V dy_y = hn::Mul(dy, y);
    return hn::NegMulAdd(dy_y, y, dy_y);
  }
};

struct TanhFunction {
  static HWY_INLINE V Value(Tag d, V x) { return Tanh(d, x); }
  static HWY_INLINE V Gradient(Tag, V y, V dy) {
    return hn::NegMulAdd(hn::Mul(dy, y), y, dy);
  }
};

struct ReluFunction {
  static HWY_INLINE V Value(Tag d, V x) { return hn::Max(x, hn::Zero(d)); }
  static HWY_INLINE V Gradient(Tag d, V y, V dy) {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), dy);
  }
};

template <class Function>
void ApplyTo(int64_t size, const float* x, float* y) {
  const Tag d;
  const int64_t lanes = hn::Lanes(d);
  int64_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    hn::Store(Function::Value(d, hn::Load(d, x + i)), d, y + i);
  }
  if (i < size) {
    StoreFirst(d, size - i, Function::Value(d, hn::Load(d, x + i)), y + i);
  }
}

template <class Function>
void GradientTo(int64_t size, const float* y, const float* dy, float* dx) {
  const Tag d;
  for (int64_t i = 0; i < size; i += hn::Lanes(d)) {
    hn::Store(Function::Gradient(d, hn::Load(d, y + i), hn::Load(d, dy + i)), d,
              dx + i);
  }
}

void Apply(ActivationKind kind, int64_t size, const float* x, float* y) {
  switch (kind) {
    case ActivationKind::kSigmoid:
      return ApplyTo<SigmoidFunction>(size, x, y);
    case ActivationKind::kTanh:
      return ApplyTo<TanhFunction>(size, x, y);
    case ActivationKind::kRelu:
      return ApplyTo<ReluFunction>(size, x, y);
  }
}

void Gradient(ActivationKind kind, int64_t size, const float* y,
              const float* dy, float* dx) {
  switch (kind) {
    case ActivationKind::kSigmoid:
      return GradientTo<SigmoidFunction>(size, y, dy, dx);
    case ActivationKind::kTanh:
      return GradientTo<TanhFunction>(size, y, dy, dx);
    case ActivationKind::kRelu:
      return GradientTo<ReluFunction>(size, y, dy, dx);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(Apply);
HWY_EXPORT(Gradient);

void Activate(ActivationKind kind, int64_t size, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(Apply)(kind, size, x, y);
}

void ActivationGradient(ActivationKind kind, int64_t size, const float* y,
                        const float* dy, float* dx) {
  HWY_DYNAMIC_DISPATCH(Gradient)(kind, size, y, dy, dx);
}

}  // namespace lenslet
#endif  // HWY_ONCE
