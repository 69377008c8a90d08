#include "lenslet/ops/direct/winograd_rows.h"

#include <algorithm>
#include <array>

#include "lenslet/ops/direct/channel_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/winograd_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/direct/pool_2x2-inl.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

#ifndef LENSLET_OPS_DIRECT_WINOGRAD_ROWS_ONCE_
#define LENSLET_OPS_DIRECT_WINOGRAD_ROWS_ONCE_

namespace lenslet {
namespace {

// Column j of B^T, for all points.
alignas(64) constexpr float kRowInputColumns[kRowPoints][kRowPoints] = {
    {-1, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, -1, 0.5f, -0.5f, 2, -2, -1},
    {5.25f, 1, 1, 0.25f, 0.25f, 4, 4, 0},
    {0, -4.25f, 4.25f, -2.5f, 2.5f, -2.5f, 2.5f, 5.25f},
    {-5.25f, -4.25f, -4.25f, -1.25f, -1.25f, -5, -5, 0},
    {0, 1, -1, 2, -2, 0.5f, -0.5f, -5.25f},
    {1, 1, 1, 1, 1, 1, 1, 0},
    {0, 0, 0, 0, 0, 0, 0, 1},
};

constexpr std::array<double, kRowPoints - 1> kFinitePoints = {0,  1,   -1,  2,
                                                              -2, 0.5, -0.5};

}  // namespace
}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_WINOGRAD_ROWS_ONCE_

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void TransformRow(const WinogradRowInput& in) {
  const hn::CappedTag<float, kRowPoints> d;
  const int64_t lanes = hn::Lanes(d);
  const float* HWY_RESTRICT x = in.x;
  float* HWY_RESTRICT points = in.points;
  for (int64_t tile = 0; tile < in.tiles; ++tile) {
    for (int64_t p = 0; p < kRowPoints; p += lanes) {
      auto sum =
          hn::Mul(hn::Set(d, x[0]), hn::Load(d, kRowInputColumns[0] + p));
      HWY_UNROLL(8)
      for (int j = 1; j < kRowPoints; ++j) {
        sum = hn::MulAdd(hn::Set(d, x[j]), hn::Load(d, kRowInputColumns[j] + p),
                         sum);
      }
      hn::Store(sum, d, points + p);
    }
    x += kRowOutputs;
    points += kRowPoints;
  }
}

using RowsVector = hn::Vec<LanesTag>;

// The sums of a point over the filter's rows, for two rows of outputs.
template <int point>
HWY_INLINE void SumPoint(const float* HWY_RESTRICT x, int64_t x_row,
                         const float* HWY_RESTRICT w, RowsVector sums[2]) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  RowsVector weights[kRowTaps];
  HWY_UNROLL(5)
  for (int i = 0; i < kRowTaps; ++i) {
    weights[i] = hn::Load(d, w + (point * kRowTaps + i) * lanes);
    // Both rows' multiply-adds would load it. Fewer registers hold no weights.
    if constexpr (kVectorRegisters >= 32) weights[i] = LoadedOnce(weights[i]);
  }
  x += point;
  const RowsVector first = hn::Set(d, x[0]);
  sums[0] = hn::Mul(first, weights[0]);
  HWY_UNROLL(5)
  for (int i = 1; i <= kRowTaps; ++i) {
    x += x_row;
    const RowsVector number = hn::Set(d, x[0]);
    if (i < kRowTaps) sums[0] = hn::MulAdd(number, weights[i], sums[0]);
    sums[1] = i == 1 ? hn::Mul(number, weights[0])
                     : hn::MulAdd(number, weights[i - 1], sums[1]);
  }
}

// Adds what the points `value` and -value, the points of index `point` and the
// next, contribute.
template <int point>
HWY_INLINE void AddPoints(float value, const float* HWY_RESTRICT x,
                          int64_t x_row, const float* HWY_RESTRICT w,
                          RowsVector y[2][kRowOutputs]) {
  const LanesTag d;
  RowsVector plus[2];
  RowsVector minus[2];
  SumPoint<point>(x, x_row, w, plus);
  SumPoint<point + 1>(x, x_row, w, minus);
  HWY_UNROLL(2)
  for (int r = 0; r < 2; ++r) {
    const RowsVector even = hn::Add(plus[r], minus[r]);
    const RowsVector odd = hn::Sub(plus[r], minus[r]);
    y[r][0] = hn::Add(y[r][0], even);
    y[r][1] = hn::MulAdd(hn::Set(d, value), odd, y[r][1]);
    y[r][2] = hn::MulAdd(hn::Set(d, value * value), even, y[r][2]);
    y[r][3] = hn::MulAdd(hn::Set(d, value * value * value), odd, y[r][3]);
  }
}

// Two rows of a tile.
HWY_INLINE void SumTile(const float* HWY_RESTRICT x, int64_t x_row,
                        const float* HWY_RESTRICT w, RowsVector start,
                        RowsVector y[2][kRowOutputs]) {
  RowsVector zero[2];
  RowsVector infinite[2];
  SumPoint<0>(x, x_row, w, zero);
  SumPoint<7>(x, x_row, w, infinite);
  HWY_UNROLL(2)
  for (int r = 0; r < 2; ++r) {
    y[r][0] = hn::Add(start, zero[r]);
    y[r][1] = start;
    y[r][2] = start;
    y[r][3] = hn::Add(start, infinite[r]);
  }
  AddPoints<1>(1, x, x_row, w, y);
  AddPoints<3>(2, x, x_row, w, y);
  AddPoints<5>(0.5f, x, x_row, w, y);
}

// `channels` floats of one vector, at every position.
template <Pool2x2 pool>
void SumRowsOfVector(const WinogradRowSums& s, const float* HWY_RESTRICT w,
                     const float* HWY_RESTRICT packed_start, int64_t channels,
                     float* const y) {
  const LanesTag d;
  const RowsVector start = hn::Load(d, packed_start);
  const RowsVector minimum = hn::Set(d, s.minimum);
  const int64_t x_row = s.tiles * kRowPoints;
  constexpr int window = pool == Pool2x2::kNone ? 1 : 2;
  const int64_t height = s.rows / window;
  const int64_t width = s.columns / window;
  for (int64_t row = 0; row < s.rows; row += 2) {
    for (int64_t tile = 0; tile < s.tiles; ++tile) {
      RowsVector sums[2][kRowOutputs];
      SumTile(s.points + row * x_row + tile * kRowPoints, x_row, w, start,
              sums);
      HWY_UNROLL(2)
      for (int r = 0; r < 2; ++r) {
        HWY_UNROLL(4)
        for (int j = 0; j < kRowOutputs; ++j) {
          sums[r][j] = hn::Max(minimum, sums[r][j]);
        }
      }
      constexpr int results = kRowOutputs / window;
      const int64_t first_row = row / window;
      const int64_t first_column = tile * results;
      float* to = y + (first_row * width + first_column) * s.channels;
      if constexpr (pool == Pool2x2::kNone) {
        HWY_UNROLL(2)
        for (int r = 0; r < 2; ++r) {
          if (first_row + r >= height) break;
          HWY_UNROLL(4)
          for (int j = 0; j < results; ++j) {
            if (first_column + j >= width) break;
            StoreWhereRoom(d, channels, sums[r][j], to + j * s.channels);
          }
          to += width * s.channels;
        }
      } else {
        if (first_row >= height) break;
        HWY_UNROLL(2)
        for (int j = 0; j < results; ++j) {
          if (first_column + j >= width) break;
          StoreWhereRoom(d, channels,
                         PoolOf<pool>(sums[0][2 * j], sums[0][2 * j + 1],
                                      sums[1][2 * j], sums[1][2 * j + 1]),
                         to + j * s.channels);
        }
      }
    }
  }
}

template <Pool2x2 pool>
void SumRowsOfVectors(const WinogradRowSums& s) {
  const int64_t lanes = hn::Lanes(LanesTag());
  for (int64_t k = 0; k < s.channels; k += lanes) {
    SumRowsOfVector<pool>(s, s.packed_w + k * kRowPoints * kRowTaps,
                          s.packed_start + k, std::min(lanes, s.channels - k),
                          s.y + k);
  }
}

void SumRows(const WinogradRowSums& s) {
  WithPool(s.pool, [&](auto pool) HWY_ATTR { SumRowsOfVectors<pool>(s); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(TransformRow);
HWY_EXPORT(SumRows);

void TransformRowInput(const WinogradRowInput& input) {
  HWY_DYNAMIC_DISPATCH(TransformRow)(input);
}

// In double, so that each of the filter's points has one rounding.
float RowFilterPoint(int point, const float* row) {
  if (point == kRowPoints - 1) return row[kRowTaps - 1];
  const double at = kFinitePoints[point];
  double sum = 0;
  for (int tap = kRowTaps - 1; tap >= 0; --tap) sum = sum * at + row[tap];
  for (int q = 0; q < kRowPoints - 1; ++q) {
    if (q != point) sum /= at - kFinitePoints[q];
  }
  return static_cast<float>(sum);
}

void TransformRowFilter(int64_t channels, const float* w, float* packed_w) {
  const int64_t lanes = ChannelLanes();
  for (int64_t k = 0; k < PackedChannels(channels); ++k) {
    float* to =
        packed_w + k / lanes * lanes * kRowPoints * kRowTaps + k % lanes;
    for (int p = 0; p < kRowPoints; ++p) {
      for (int i = 0; i < kRowTaps; ++i) {
        *to = k < channels
                  ? RowFilterPoint(p, w + (k * kRowTaps + i) * kRowTaps)
                  : 0.0f;
        to += lanes;
      }
    }
  }
}

void ComputeWinogradRowSums(const WinogradRowSums& sums) {
  HWY_DYNAMIC_DISPATCH(SumRows)(sums);
}

}  // namespace lenslet
#endif  // HWY_ONCE
