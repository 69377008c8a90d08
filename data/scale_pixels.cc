#include "lenslet/data/normalization.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "data/scale_pixels.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class V>
HWY_INLINE V Over255(V bytes) {
  const hn::DFromV<V> d;
  const V divisor = hn::Set(d, 255.0f);
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || \
    HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
  // A quotient corrected by its exact remainder. For all 256 bytes, that is the
  // rounded one, and takes a fraction of a division's time.
  const V inverse = hn::Set(d, 1.0f / 255.0f);
  const V quotient = hn::Mul(bytes, inverse);
  const V remainder = hn::NegMulAdd(quotient, divisor, bytes);
  return hn::MulAdd(remainder, inverse, quotient);
#else
  return hn::Div(bytes, divisor);
#endif
}

void Scale(const uint8_t* HWY_RESTRICT bytes, int64_t count,
           float* HWY_RESTRICT out) {
  const hn::CappedTag<float, 16> d;
  const hn::Rebind<int32_t, decltype(d)> integers;
  const hn::Rebind<uint8_t, decltype(d)> octets;
  const int64_t lanes = hn::Lanes(d);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto numbers =
        hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(octets, bytes + i)));
    hn::StoreU(Over255(numbers), d, out + i);
  }
  for (; i < count; ++i) out[i] = static_cast<float>(bytes[i]) / 255.0f;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(Scale);

void ScalePixels(absl::Span<const uint8_t> bytes, float* out) {
  HWY_DYNAMIC_DISPATCH(Scale)
  (bytes.data(), static_cast<int64_t>(bytes.size()), out);
}

}  // namespace lenslet
#endif  // HWY_ONCE
