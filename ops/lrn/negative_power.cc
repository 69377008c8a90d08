#include "lenslet/ops/lrn/negative_power.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/lrn/negative_power.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/math-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void PowerOf(int64_t size, float beta, const float* s, float* y) {
  const hn::CappedTag<float, kLanes> d;
  const auto factor = hn::Set(d, -beta);
  for (int64_t i = 0; i < size; i += hn::Lanes(d)) {
    hn::Store(Exp(d, hn::Mul(factor, Log(d, hn::Load(d, s + i)))), d, y + i);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(PowerOf);

void NegativePower(int64_t size, float beta, const float* s, float* y) {
  HWY_DYNAMIC_DISPATCH(PowerOf)(size, beta, s, y);
}

}  // namespace lenslet
#endif  // HWY_ONCE
