#include "lenslet/ops/add/add_arrays.h"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/add/add_arrays.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// y = max(minimum, a + b)
void AddTwo(const float* a, const float* b, int64_t size, float minimum,
            float* y) {
  const hn::CappedTag<float, kLanes> d;
  const int64_t lanes = hn::Lanes(d);
  const auto least = hn::Set(d, minimum);
  for (int64_t i = 0; i < size; i += lanes) {
    const auto sum = hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, b + i));
    StoreWhereRoom(d, size - i, hn::Max(least, sum), y + i);
  }
}

void AddAll(absl::Span<const ConstBuffer> x, int64_t size, float minimum,
            float* y) {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  const float* sum = x[0].data();
  for (size_t i = 1; i < x.size(); ++i) {
    AddTwo(sum, x[i].data(), size, i + 1 < x.size() ? kNone : minimum, y);
    sum = y;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(AddAll);

void AddArrays(absl::Span<const ConstBuffer> x, int64_t size, bool relu,
               float* y) {
  HWY_DYNAMIC_DISPATCH(AddAll)
  (x, size, relu ? 0.0f : -std::numeric_limits<float>::infinity(), y);
}

}  // namespace lenslet
#endif  // HWY_ONCE
