#include "lenslet/data/lane_images.h"

#include <algorithm>
#include <array>

#include "lenslet/base/check.h"
#include "lenslet/tensor/lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "data/lane_images.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Pixels that are transposed at once: a register of bytes.
constexpr int64_t kPixels = 16;

// A tile of bytes by pixel and image.
using Tile = uint8_t[kPixels * kLanes];

// tile[pixel][image] = images[image][pixel]
#if HWY_TARGET == HWY_SCALAR
void TransposeBytes(const uint8_t* const* images, int64_t first, Tile& tile) {
  for (int64_t n = 0; n < kLanes; ++n) {
    for (int64_t i = 0; i < kPixels; ++i) {
      tile[i * kLanes + n] = images[n][first + i];
    }
  }
}
#else
// Interleaves vector i with vector i + 8: four times that, and the four bits of
// a byte's place among the images have changed places with those of its place
// in the vector.
void TransposeBytes(const uint8_t* const* images, int64_t first, Tile& tile) {
  const hn::FixedTag<uint8_t, kPixels> d;
  using V = hn::Vec<decltype(d)>;
  V from[kLanes];
  V to[kLanes];
  HWY_UNROLL(16)
  for (int n = 0; n < kLanes; ++n) from[n] = hn::LoadU(d, images[n] + first);
  HWY_UNROLL(4)
  for (int round = 0; round < 4; ++round) {
    HWY_UNROLL(8)
    for (int n = 0; n < kLanes / 2; ++n) {
      to[2 * n] = hn::InterleaveLower(d, from[n], from[n + kLanes / 2]);
      to[2 * n + 1] = hn::InterleaveUpper(d, from[n], from[n + kLanes / 2]);
    }
    HWY_UNROLL(16)
    for (int n = 0; n < kLanes; ++n) from[n] = to[n];
  }
  HWY_UNROLL(16)
  for (int i = 0; i < kPixels; ++i) hn::Store(from[i], d, tile + i * kLanes);
}
#endif

// Each byte divided by 255, rounded as a division is.
void ScaleBytes(const uint8_t* bytes, int64_t size, float* out) {
  const hn::CappedTag<float, kLanes> d;
  const hn::RebindToSigned<decltype(d)> integers;
  const hn::Rebind<uint8_t, decltype(d)> small;
  const auto divisor = hn::Set(d, 255.0f);
  const auto inverse = hn::Set(d, 1.0f / 255.0f);
  for (int64_t i = 0; i < size; i += hn::Lanes(d)) {
    const auto x =
        hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(small, bytes + i)));
#if HWY_NATIVE_FMA
    // The quotient, and once more what is left.
    const auto quotient = hn::Mul(x, inverse);
    const auto rest = hn::NegMulAdd(quotient, divisor, x);
    hn::StoreU(hn::MulAdd(rest, inverse, quotient), d, out + i);
#else
    (void)inverse;
    hn::StoreU(hn::Div(x, divisor), d, out + i);
#endif
  }
}

// `images` are those of one group, of `size` bytes each.
void CopyGroup(const uint8_t* const* images, int64_t size, float* out) {
  HWY_ALIGN Tile tile;
  int64_t i = 0;
  for (; i + kPixels <= size; i += kPixels) {
    TransposeBytes(images, i, tile);
    ScaleBytes(tile, kPixels * kLanes, out + i * kLanes);
  }
  for (; i < size; ++i) {
    for (int64_t n = 0; n < kLanes; ++n) tile[n] = images[n][i];
    ScaleBytes(tile, kLanes, out + i * kLanes);
  }
}

// Of a group of images: (x - mean) / deviation, by channel.
void NormalizeGroup(const Normalization& normalization, int64_t size,
                    int64_t channels, float* values) {
  const hn::CappedTag<float, kLanes> d;
  for (int64_t channel = 0; channel < channels; ++channel) {
    const auto mean = hn::Set(d, normalization.MeanOf(channel));
    const auto deviation = hn::Set(d, normalization.DeviationOf(channel));
    for (int64_t i = channel; i < size; i += channels) {
      for (int64_t n = 0; n < kLanes; n += hn::Lanes(d)) {
        float* x = values + i * kLanes + n;
        hn::StoreU(hn::Div(hn::Sub(hn::LoadU(d, x), mean), deviation), d, x);
      }
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(CopyGroup);

HWY_EXPORT(NormalizeGroup);

template <>
void CopyGroupToLanes<uint8_t>(absl::Span<const void* const> images,
                               int64_t elements, int64_t channels,
                               const Normalization& normalization, float* out) {
  const int64_t count = static_cast<int64_t>(images.size());
  LENSLET_CHECK(count >= 1 && count <= kLanes);
  std::array<const uint8_t*, kLanes> all;
  for (int64_t n = 0; n < kLanes; ++n) {
    // Missing images are copies of one that is there, until they are cleared.
    all[n] = static_cast<const uint8_t*>(images[std::min(n, count - 1)]);
  }
  HWY_DYNAMIC_DISPATCH(CopyGroup)(all.data(), elements, out);
  if (!normalization.empty()) {
    HWY_DYNAMIC_DISPATCH(NormalizeGroup)
    (normalization, elements, channels, out);
  }
  ClearMissingLanes(count, elements, out);
}

template <>
void CopyGroupToLanes<float>(absl::Span<const void* const> images,
                             int64_t elements, int64_t channels,
                             const Normalization& normalization, float* out) {
  const int64_t count = static_cast<int64_t>(images.size());
  LENSLET_CHECK(count >= 1 && count <= kLanes);
  for (int64_t n = 0; n < count; ++n) {
    const float* from = static_cast<const float*>(images[n]);
    for (int64_t i = 0; i < elements; ++i) out[i * kLanes + n] = from[i];
  }
  if (!normalization.empty()) {
    HWY_DYNAMIC_DISPATCH(NormalizeGroup)
    (normalization, elements, channels, out);
  }
  ClearMissingLanes(count, elements, out);
}

}  // namespace lenslet
#endif  // HWY_ONCE
