#include "lenslet/ops/activation/activation_functions.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/activation/activation_functions.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/activation/activation-inl.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;

template <class Function>
void ApplyTo(Function function, int64_t size, const float* x, float* y) {
  const Tag d;
  const int64_t lanes = hn::Lanes(d);
  int64_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    hn::Store(function.Value(d, hn::Load(d, x + i)), d, y + i);
  }
  if (i < size) {
    StoreFirst(d, size - i, function.Value(d, hn::Load(d, x + i)), y + i);
  }
}

template <class Function>
void GradientTo(Function function, int64_t size, const float* kept,
                const float* dy, float* dx) {
  const Tag d;
  for (int64_t i = 0; i < size; i += hn::Lanes(d)) {
    hn::Store(function.Gradient(d, hn::Load(d, kept + i), hn::Load(d, dy + i)),
              d, dx + i);
  }
}

void Apply(const ActivationSpec& spec, int64_t size, const float* x, float* y) {
  WithActivation(
      spec, [&](auto function) HWY_ATTR { ApplyTo(function, size, x, y); });
}

void Gradient(const ActivationSpec& spec, int64_t size, const float* kept,
              const float* dy, float* dx) {
  WithActivation(spec, [&](auto function) HWY_ATTR {
    GradientTo(function, size, kept, dy, dx);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(Apply);
HWY_EXPORT(Gradient);

void Activate(const ActivationSpec& spec, int64_t size, const float* x,
              float* y) {
  HWY_DYNAMIC_DISPATCH(Apply)(spec, size, x, y);
}

void ActivationGradient(const ActivationSpec& spec, int64_t size,
                        const float* kept, const float* dy, float* dx) {
  HWY_DYNAMIC_DISPATCH(Gradient)(spec, size, kept, dy, dx);
}

}  // namespace lenslet
#endif  // HWY_ONCE
