#include "lenslet/ops/direct/interleave.h"

#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/interleave.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/activation/activation-inl.h"
#include "lenslet/ops/lanes/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, 16>;
constexpr int kTagLanes = hn::MaxLanes(Tag());

// A group of a vector's pixels makes as many vectors as there are channels.
// Float i of vector j is the group's float f = j * lanes + i, which is of pixel
// f / channels and channel f % channels.
template <int channels>
struct GroupTables {
  constexpr GroupTables() {
    for (int f = 0; f < channels * kTagLanes; ++f) pixel[f] = f / channels;
    for (int i = 0; i < kTagLanes; ++i) channel[i] = i % channels;
  }
  alignas(64) std::array<int32_t, channels* kTagLanes> pixel = {};
  // Of vector 0; those of vector j are j * lanes further.
  alignas(64) std::array<float, kTagLanes> channel = {};
};

struct Identity {
  template <class D, class V>
  HWY_INLINE V Value(D, V x) const {
    return x;
  }
};

template <int channels, class Function>
void InterleaveRows(const Planes& planes, int64_t rows, int64_t pixels,
                    Function function, float* to) {
  static constexpr GroupTables<channels> kTables;
  const Tag d;
  using V = hn::Vec<Tag>;
  decltype(hn::SetTableIndices(d, kTables.pixel.data())) pixel[channels];
  hn::Mask<Tag> is_channel[channels];
  HWY_UNROLL(32)
  for (int k = 0; k < channels; ++k) {
    pixel[k] = hn::SetTableIndices(d, kTables.pixel.data() + k * kTagLanes);
    is_channel[k] = hn::Eq(hn::Load(d, kTables.channel.data()),
                           hn::Set(d, static_cast<float>(k)));
  }
  // Vectors may reach into the next row, which is written later.
  float* const end = to + rows * pixels * channels;
  for (int64_t row = 0; row < rows; ++row) {
    const float* from = planes.data + row * planes.row_stride;
    float* group = to + row * pixels * channels;
    const float* const row_end = group + pixels * channels;
    for (int64_t p = 0; p < pixels; p += kTagLanes) {
      V planar[channels];
      HWY_UNROLL(32)
      for (int k = 0; k < channels; ++k) {
        planar[k] = hn::LoadU(d, from + k * planes.plane_stride + p);
      }
      HWY_UNROLL(32)
      for (int j = 0; j < channels && group < row_end; ++j) {
        V v = hn::TableLookupLanes(planar[0], pixel[j]);
        HWY_UNROLL(32)
        for (int k = 0; k < channels; ++k) {
          // Where f % channels is k, i % channels is k - j * lanes.
          const int mask =
              (k + channels * kTagLanes - j * kTagLanes) % channels;
          if (mask == (channels * kTagLanes - j * kTagLanes) % channels) {
            continue;
          }
          v = hn::IfThenElse(is_channel[mask],
                             hn::TableLookupLanes(planar[k], pixel[j]), v);
        }
        // The activation's arithmetic and the permutations, which need other
        // parts of the CPU, overlap.
        StoreWhereRoom(d, end - group, function.Value(d, v), group);
        group += kTagLanes;
      }
    }
  }
}

template <class Function>
void InterleaveChannels(const Planes& planes, int64_t channels, int64_t rows,
                        int64_t pixels, Function function, float* to) {
  switch (channels) {
    case 1:
      return InterleaveRows<1>(planes, rows, pixels, function, to);
    case 2:
      return InterleaveRows<2>(planes, rows, pixels, function, to);
    case 3:
      return InterleaveRows<3>(planes, rows, pixels, function, to);
    case 4:
      return InterleaveRows<4>(planes, rows, pixels, function, to);
    case 5:
      return InterleaveRows<5>(planes, rows, pixels, function, to);
    case 6:
      return InterleaveRows<6>(planes, rows, pixels, function, to);
    case 7:
      return InterleaveRows<7>(planes, rows, pixels, function, to);
    case 8:
      return InterleaveRows<8>(planes, rows, pixels, function, to);
  }
}

void InterleaveActivated(const Planes& planes, int64_t channels, int64_t rows,
                         int64_t pixels,
                         std::optional<ActivationSpec> activation, float* to) {
  if (!activation) {
    return InterleaveChannels(planes, channels, rows, pixels, Identity(), to);
  }
  WithFusedActivation(*activation, [&](auto function) HWY_ATTR {
    InterleaveChannels(planes, channels, rows, pixels, function, to);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(InterleaveActivated);

void Interleave(const Planes& planes, int64_t channels, int64_t rows,
                int64_t pixels, std::optional<ActivationSpec> activation,
                float* to) {
  HWY_DYNAMIC_DISPATCH(InterleaveActivated)
  (planes, channels, rows, pixels, activation, to);
}

}  // namespace lenslet
#endif  // HWY_ONCE
