#include "lenslet/ops/direct/winograd_row_channels.h"

#include <algorithm>

#include "lenslet/ops/direct/winograd_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/winograd_row_channels.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/direct/pool_2x2-inl.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using ChannelsVector = hn::Vec<LanesTag>;

HWY_INLINE ChannelsVector AddScaled(ChannelsVector a, float factor,
                                    ChannelsVector b) {
  return hn::MulAdd(hn::Set(LanesTag(), factor), b, a);
}

// B^T d.
HWY_INLINE void PointsOfRow(const ChannelsVector d[kRowPoints],
                            ChannelsVector p[kRowPoints]) {
  p[0] = AddScaled(hn::Sub(d[6], d[0]), 5.25f, hn::Sub(d[2], d[4]));
  p[7] = AddScaled(hn::Sub(d[7], d[1]), 5.25f, hn::Sub(d[3], d[5]));
  const auto pair = [&](int point, ChannelsVector even, ChannelsVector odd)
                        HWY_ATTR {
                          p[point] = hn::Add(even, odd);
                          p[point + 1] = hn::Sub(even, odd);
                        };
  pair(1, AddScaled(hn::Add(d[2], d[6]), -4.25f, d[4]),
       AddScaled(hn::Add(d[1], d[5]), -4.25f, d[3]));
  const ChannelsVector middle = hn::Mul(hn::Set(LanesTag(), -2.5f), d[3]);
  pair(3, AddScaled(AddScaled(d[6], -1.25f, d[4]), 0.25f, d[2]),
       AddScaled(AddScaled(middle, 2.0f, d[5]), 0.5f, d[1]));
  pair(5, AddScaled(AddScaled(d[6], -5.0f, d[4]), 4.0f, d[2]),
       AddScaled(AddScaled(middle, 0.5f, d[5]), 2.0f, d[1]));
}

// A^T m + start.
HWY_INLINE void OutputsOfRow(const ChannelsVector m[kRowPoints],
                             ChannelsVector start,
                             ChannelsVector y[kRowOutputs]) {
  const ChannelsVector even1 = hn::Add(m[1], m[2]);
  const ChannelsVector odd1 = hn::Sub(m[1], m[2]);
  const ChannelsVector even2 = hn::Add(m[3], m[4]);
  const ChannelsVector odd2 = hn::Sub(m[3], m[4]);
  const ChannelsVector even3 = hn::Add(m[5], m[6]);
  const ChannelsVector odd3 = hn::Sub(m[5], m[6]);
  y[0] = hn::Add(hn::Add(hn::Add(start, m[0]), even1), hn::Add(even2, even3));
  y[1] = AddScaled(AddScaled(hn::Add(start, odd1), 2.0f, odd2), 0.5f, odd3);
  y[2] = AddScaled(AddScaled(hn::Add(start, even1), 4.0f, even2), 0.25f, even3);
  y[3] = AddScaled(AddScaled(hn::Add(hn::Add(start, m[7]), odd1), 8.0f, odd2),
                   0.125f, odd3);
}

void TransformChannelsInput(const WinogradRowChannelsInput& in) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const int64_t packed = (in.channels + lanes - 1) / lanes * lanes;
  const int64_t channels = in.channels;
  const int64_t stride = in.point_stride;
  for (int64_t tile = 0; tile < in.tiles; ++tile) {
    for (int64_t c = 0; c < packed; c += lanes) {
      const float* HWY_RESTRICT x = in.x + tile * kRowOutputs * channels + c;
      float* HWY_RESTRICT to = in.points + tile * packed + c;
      ChannelsVector row[kRowPoints];
      ChannelsVector points[kRowPoints];
      HWY_UNROLL(8)
      for (int i = 0; i < kRowPoints; ++i) {
        row[i] = hn::LoadU(d, x);
        x += channels;
      }
      PointsOfRow(row, points);
      HWY_UNROLL(8)
      for (int i = 0; i < kRowPoints; ++i) {
        hn::Store(points[i], d, to);
        to += stride;
      }
    }
  }
}

// The outputs of a tile in one row.
HWY_INLINE void OutputsOfTile(const WinogradRowChannelsOutput& s,
                              const float* HWY_RESTRICT products, int64_t c,
                              ChannelsVector y[kRowOutputs]) {
  const LanesTag d;
  ChannelsVector m[kRowPoints];
  HWY_UNROLL(8)
  for (int p = 0; p < kRowPoints; ++p) {
    m[p] = hn::Load(d, products);
    products += s.point_stride;
  }
  OutputsOfRow(m, hn::Load(d, s.packed_start + c), y);
  const ChannelsVector minimum = hn::Set(d, s.minimum);
  HWY_UNROLL(4)
  for (int j = 0; j < kRowOutputs; ++j) y[j] = hn::Max(minimum, y[j]);
}

template <Pool2x2 pool>
void TransformRows(const WinogradRowChannelsOutput& s) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const int64_t packed = (s.channels + lanes - 1) / lanes * lanes;
  constexpr int window = pool == Pool2x2::kNone ? 1 : 2;
  constexpr int results = kRowOutputs / window;
  const int64_t width = s.columns / window;
  for (int64_t row = 0; row < s.rows / window; ++row) {
    for (int64_t tile = 0; tile < s.tiles; ++tile) {
      const int64_t columns =
          std::min<int64_t>(results, width - tile * results);
      for (int64_t c = 0; c < packed; c += lanes) {
        const float* products =
            s.products + (row * window * s.tiles + tile) * packed + c;
        float* to = s.y + (row * width + tile * results) * s.channels + c;
        ChannelsVector y[kRowOutputs];
        OutputsOfTile(s, products, c, y);
        const int64_t room = s.channels - c;
        if constexpr (pool == Pool2x2::kNone) {
          HWY_UNROLL(4)
          for (int j = 0; j < results; ++j) {
            if (j >= columns) break;
            StoreWhereRoom(d, room, y[j], to + j * s.channels);
          }
        } else {
          ChannelsVector below[kRowOutputs];
          OutputsOfTile(s, products + s.tiles * packed, c, below);
          HWY_UNROLL(2)
          for (int j = 0; j < results; ++j) {
            if (j >= columns) break;
            StoreWhereRoom(d, room,
                           PoolOf<pool>(y[2 * j], y[2 * j + 1], below[2 * j],
                                        below[2 * j + 1]),
                           to + j * s.channels);
          }
        }
      }
    }
  }
}

void TransformChannelsOutput(const WinogradRowChannelsOutput& s) {
  WithPool(s.pool, [&](auto pool) HWY_ATTR { TransformRows<pool>(s); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(TransformChannelsInput);
HWY_EXPORT(TransformChannelsOutput);

void TransformRowChannelsInput(const WinogradRowChannelsInput& input) {
  HWY_DYNAMIC_DISPATCH(TransformChannelsInput)(input);
}

void TransformRowChannelsOutput(const WinogradRowChannelsOutput& output) {
  HWY_DYNAMIC_DISPATCH(TransformChannelsOutput)(output);
}

}  // namespace lenslet
#endif  // HWY_ONCE
