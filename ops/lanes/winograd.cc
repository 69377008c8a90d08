#include "lenslet/ops/lanes/winograd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/lanes/winograd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"
#include "lenslet/ops/lanes/winograd-inl.h"
#include "lenslet/tensor/lanes.h"

#ifndef LENSLET_OPS_LANES_WINOGRAD_ONCE_
#define LENSLET_OPS_LANES_WINOGRAD_ONCE_

#include <algorithm>

namespace lenslet {
namespace {

constexpr int64_t kMaxChannelsAtOnce = 24;

// The columns of inputs of a row of tiles.
int64_t InputColumns(int64_t taps, int64_t tile_columns) {
  return tile_columns * WinogradOutputs(taps) + taps - 1;
}

// The columns of a row of tiles, transformed along the height, should stay in
// the L1 cache until they are transformed along the width.
int64_t ChannelsAtOnce(int64_t taps, int64_t tile_columns, int64_t channels) {
  constexpr int64_t kCacheVectors = 16 * 1024 / sizeof(float) / kLanes;
  const int64_t columns = InputColumns(taps, tile_columns);
  const int64_t most = std::min(kMaxChannelsAtOnce, channels);
  return std::clamp(kCacheVectors / (2 * columns), std::min<int64_t>(4, most),
                    most);
}

// What lies outside the input.
alignas(64) constexpr float kZeros[kMaxChannelsAtOnce * kLanes] = {};

}  // namespace
}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_WINOGRAD_ONCE_

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Transforms `floats` floats of a column along the height.
template <int pair>
void InputColumn(const float* const rows[6], int64_t floats,
                 float* HWY_RESTRICT first, float* HWY_RESTRICT second) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const float* HWY_RESTRICT r0 = rows[0];
  const float* HWY_RESTRICT r1 = rows[1];
  const float* HWY_RESTRICT r2 = rows[2];
  const float* HWY_RESTRICT r3 = rows[3];
  const float* HWY_RESTRICT r4 = rows[4];
  const float* HWY_RESTRICT r5 = rows[5];
  const V zero = hn::Zero(d);
  for (int64_t i = 0; i < floats; i += lanes) {
    V a;
    V b;
    if constexpr (pair == 0) {
      InputRows<pair>(hn::Load(d, r0 + i), hn::Load(d, r1 + i),
                      hn::Load(d, r2 + i), hn::Load(d, r3 + i),
                      hn::Load(d, r4 + i), hn::Load(d, r5 + i), a, b);
    } else {
      InputRows<pair>(zero, hn::Load(d, r1 + i), hn::Load(d, r2 + i),
                      hn::Load(d, r3 + i), hn::Load(d, r4 + i), zero, a, b);
    }
    hn::Store(a, d, first + i);
    hn::Store(b, d, second + i);
  }
}

// Transforms `floats` floats of a tile's six columns along the width.
void InputTile(const float* HWY_RESTRICT columns, int64_t floats,
               float* HWY_RESTRICT points, int64_t point_stride) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t i = 0; i < floats; i += lanes) {
    const V d0 = hn::Load(d, columns + i);
    const V d1 = hn::Load(d, columns + floats + i);
    const V d2 = hn::Load(d, columns + 2 * floats + i);
    const V d3 = hn::Load(d, columns + 3 * floats + i);
    const V d4 = hn::Load(d, columns + 4 * floats + i);
    const V d5 = hn::Load(d, columns + 5 * floats + i);
    V p[6];
    InputRows<0>(d0, d1, d2, d3, d4, d5, p[0], p[5]);
    InputRows<1>(d0, d1, d2, d3, d4, d5, p[1], p[2]);
    InputRows<2>(d0, d1, d2, d3, d4, d5, p[3], p[4]);
    HWY_UNROLL(6)
    for (int j = 0; j < 6; ++j) {
      hn::Store(p[j], d, points + j * point_stride + i);
    }
  }
}

template <int pair>
void InputTilesRow(const WinogradInput& s, int64_t row, int64_t at_once) {
  const WinogradTiles& t = s.tiles;
  const int64_t outputs = WinogradOutputs(s.taps);
  const int64_t columns = InputColumns(s.taps, t.columns);
  const int64_t first_row = (t.row + row) * outputs - s.before_rows;
  const int64_t first_column = t.column * outputs - s.before_columns;
  const int64_t position = s.channels * kLanes;
  for (int64_t c = 0; c < s.channels; c += at_once) {
    const int64_t floats = std::min(at_once, s.channels - c) * kLanes;
    for (int64_t column = 0; column < columns; ++column) {
      const int64_t w = first_column + column;
      float* first = s.columns + column * floats;
      float* second = first + columns * floats;
      if (w < 0 || w >= s.width) {
        std::fill_n(first, floats, 0.0f);
        std::fill_n(second, floats, 0.0f);
        continue;
      }
      const float* rows[6];
      for (int i = 0; i < 6; ++i) {
        const int64_t h = first_row + i;
        const bool inside = h >= 0 && h < s.height;
        rows[i] =
            inside ? s.x + (h * s.width + w) * position + c * kLanes : kZeros;
      }
      InputColumn<pair>(rows, floats, first, second);
    }
    for (int64_t column = 0; column < t.columns; ++column) {
      for (int r = 0; r < 2; ++r) {
        InputTile(s.columns + (r * columns + column * outputs) * floats, floats,
                  s.points + r * 6 * s.point_stride +
                      (row * t.columns + column) * position + c * kLanes,
                  s.point_stride);
      }
    }
  }
}

template <int pair>
void InputTiles(const WinogradInput& s) {
  const int64_t at_once = ChannelsAtOnce(s.taps, s.tiles.columns, s.channels);
  for (int64_t row = 0; row < s.tiles.rows; ++row) {
    InputTilesRow<pair>(s, row, at_once);
  }
}

void TransformInput(const WinogradInput& s) {
  if (s.pair == 0) return InputTiles<0>(s);
  if (s.pair == 1) return InputTiles<1>(s);
  InputTiles<2>(s);
}

// How a pair's sums become part of an output row.
enum class Start { kBias, kOutput };

// y_row = start + factor * values, for the first `columns` columns.
template <Start start, bool last, int outputs>
HWY_INLINE void AddToRow(const V (&values)[outputs], float factor, V bias,
                         V minimum, float* HWY_RESTRICT y, int64_t position,
                         int64_t columns) {
  const LanesTag d;
  HWY_UNROLL(4)
  for (int j = 0; j < outputs; ++j) {
    if (j >= columns) break;
    float* to = y + j * position;
    V sum = start == Start::kBias ? bias : hn::Load(d, to);
    sum =
        factor == 1.0f ? hn::Add(sum, values[j]) : Plus(sum, factor, values[j]);
    if constexpr (last) sum = hn::Max(minimum, sum);
    hn::Store(sum, d, to);
  }
}

template <int outputs, int pair>
void OutputTile(const WinogradOutput& s, const float* HWY_RESTRICT points,
                float* HWY_RESTRICT y, int64_t rows, int64_t columns) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const int64_t position = s.channels * kLanes;
  const int64_t row = s.width * position;
  const int64_t stride = s.point_stride;
  const V minimum = hn::Set(d, s.minimum);
  for (int64_t c = 0; c < s.channels; ++c) {
    const V bias = hn::Set(d, s.bias == nullptr ? 0.0f : s.bias[c]);
    for (int64_t i = c * kLanes; i < (c + 1) * kLanes; i += lanes) {
      const float* m = points + i;
      float* to = y + i;
      const auto first = [&](int j)
                             HWY_ATTR { return hn::Load(d, m + j * stride); };
      const auto second = [&](int j) HWY_ATTR {
        return hn::Load(d, m + (6 + j) * stride);
      };
      V values[outputs];
      if constexpr (pair == 0) {
        OutputRow<outputs>(first(0), first(1), first(2), first(3), first(4),
                           first(5), values);
        AddToRow<Start::kBias, false>(values, 1, bias, minimum, to, position,
                                      columns);
        if (rows < outputs) continue;
        OutputRow<outputs>(second(0), second(1), second(2), second(3),
                           second(4), second(5), values);
        AddToRow<Start::kBias, false>(values, 1, bias, minimum,
                                      to + (outputs - 1) * row, position,
                                      columns);
      } else {
        constexpr bool last = pair == 2;
        // Pair 0 has started the first and the last row.
        constexpr Start middle =
            last || outputs == 2 ? Start::kOutput : Start::kBias;
        constexpr float point = pair == 1 ? kA : kB;
        const auto sum = [&](int j)
                             HWY_ATTR { return hn::Add(first(j), second(j)); };
        const auto difference = [&](int j) HWY_ATTR {
          return hn::Sub(first(j), second(j));
        };
        OutputRow<outputs>(sum(0), sum(1), sum(2), sum(3), sum(4), sum(5),
                           values);
        AddToRow<Start::kOutput, last>(values, 1, bias, minimum, to, position,
                                       columns);
        if (outputs > 2 && rows > 2) {
          AddToRow<middle, last>(values, point * point, bias, minimum,
                                 to + 2 * row, position, columns);
        }
        if (rows < 2) continue;
        OutputRow<outputs>(difference(0), difference(1), difference(2),
                           difference(3), difference(4), difference(5), values);
        AddToRow<middle, last>(values, point, bias, minimum, to + row, position,
                               columns);
        if (outputs > 3 && rows > 3) {
          AddToRow<Start::kOutput, last>(values, point * point * point, bias,
                                         minimum, to + 3 * row, position,
                                         columns);
        }
      }
    }
  }
}

template <int outputs, int pair>
void OutputTiles(const WinogradOutput& s) {
  const WinogradTiles& t = s.tiles;
  const int64_t position = s.channels * kLanes;
  const float* points = s.points;
  for (int64_t r = t.row; r < t.row + t.rows; ++r) {
    for (int64_t c = t.column; c < t.column + t.columns; ++c) {
      const int64_t h = r * outputs;
      const int64_t w = c * outputs;
      OutputTile<outputs, pair>(
          s, points, s.y + ((h - s.first_row) * s.width + w) * position,
          std::min<int64_t>(outputs, s.height - h),
          std::min<int64_t>(outputs, s.width - w));
      points += position;
    }
  }
}

template <int outputs>
void OutputOfPair(const WinogradOutput& s) {
  if (s.pair == 0) return OutputTiles<outputs, 0>(s);
  if (s.pair == 1) return OutputTiles<outputs, 1>(s);
  OutputTiles<outputs, 2>(s);
}

void TransformOutput(const WinogradOutput& s) {
  if (s.taps == 5) return OutputOfPair<2>(s);
  OutputOfPair<4>(s);
}

// The points 1 / n (1, p, p^2, ...) g for p = point and -point.
template <int taps>
HWY_INLINE void FilterPair(const V g[taps], float n, float point, V& plus,
                           V& minus) {
  const float square = point * point;
  V even = Plus(g[0], square, g[2]);
  V odd = g[1];
  if constexpr (taps == 5) {
    even = Plus(even, square * square, g[4]);
    odd = Plus(odd, square, g[3]);
  }
  even = hn::Mul(C(n), even);
  plus = Plus(even, n * point, odd);
  minus = Minus(even, n * point, odd);
}

// G g, for a column g of taps.
template <int taps>
HWY_INLINE void FilterColumn(const V g[taps], V points[6]) {
  points[0] = hn::Mul(C(1 / kProduct), g[0]);
  FilterPair<taps>(g, 1 / (2 * kA2 * (kA2 - kB2)), kA, points[1], points[2]);
  FilterPair<taps>(g, 1 / (2 * kB2 * (kB2 - kA2)), kB, points[3], points[4]);
  points[5] = g[taps - 1];
}

template <int taps>
void Filters(int64_t size, const float* HWY_RESTRICT g,
             float* HWY_RESTRICT points, int64_t point_stride) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t i = 0; i < size; i += lanes) {
    V rows[6][taps];
    HWY_UNROLL(5)
    for (int j = 0; j < taps; ++j) {
      V column[taps];
      HWY_UNROLL(5)
      for (int k = 0; k < taps; ++k) {
        column[k] = hn::Load(d, g + (k * taps + j) * size + i);
      }
      V of_column[6];
      FilterColumn<taps>(column, of_column);
      HWY_UNROLL(6)
      for (int r = 0; r < 6; ++r) rows[r][j] = of_column[r];
    }
    HWY_UNROLL(6)
    for (int r = 0; r < 6; ++r) {
      V row[6];
      FilterColumn<taps>(rows[r], row);
      HWY_UNROLL(6)
      for (int j = 0; j < 6; ++j) {
        hn::Store(row[j], d, points + (r * 6 + j) * point_stride + i);
      }
    }
  }
}

void TransformFilters(int64_t taps, int64_t size, const float* g, float* points,
                      int64_t point_stride) {
  if (taps == 5) return Filters<5>(size, g, points, point_stride);
  Filters<3>(size, g, points, point_stride);
}

// G^T m, for a column m of six points.
template <int taps>
HWY_INLINE void FilterGradientColumn(const V m[6], V g[taps]) {
  const V factor_a = C(1 / (2 * kA2 * (kA2 - kB2)));
  const V factor_b = C(1 / (2 * kB2 * (kB2 - kA2)));
  const V p = hn::Mul(factor_a, hn::Add(m[1], m[2]));
  const V q = hn::Mul(factor_a, hn::Sub(m[1], m[2]));
  const V r = hn::Mul(factor_b, hn::Add(m[3], m[4]));
  const V s = hn::Mul(factor_b, hn::Sub(m[3], m[4]));
  g[0] = Plus(hn::Add(p, r), 1 / kProduct, m[0]);
  g[1] = Plus(hn::Mul(C(kA), q), kB, s);
  if constexpr (taps == 3) {
    g[2] = Plus(Plus(m[5], kA2, p), kB2, r);
  } else {
    g[2] = Plus(hn::Mul(C(kA2), p), kB2, r);
    g[3] = Plus(hn::Mul(C(kA3), q), kB3, s);
    g[4] = Plus(Plus(m[5], kA2 * kA2, p), kB2 * kB2, r);
  }
}

template <int taps>
void FilterGradients(int64_t size, const float* HWY_RESTRICT m,
                     int64_t point_stride, float* HWY_RESTRICT dg,
                     int64_t tap_stride) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t i = 0; i < size; i += lanes) {
    V columns[taps][6];
    HWY_UNROLL(6)
    for (int j = 0; j < 6; ++j) {
      V column[6];
      HWY_UNROLL(6)
      for (int r = 0; r < 6; ++r) {
        column[r] = hn::LoadU(d, m + (r * 6 + j) * point_stride + i);
      }
      V of_column[taps];
      FilterGradientColumn<taps>(column, of_column);
      HWY_UNROLL(5)
      for (int k = 0; k < taps; ++k) columns[k][j] = of_column[k];
    }
    const int64_t room = size - i;
    HWY_UNROLL(5)
    for (int k = 0; k < taps; ++k) {
      V row[taps];
      FilterGradientColumn<taps>(columns[k], row);
      HWY_UNROLL(5)
      for (int j = 0; j < taps; ++j) {
        float* to = dg + (k * taps + j) * tap_stride + i;
        if (room >= lanes) {
          hn::StoreU(hn::Add(hn::LoadU(d, to), row[j]), d, to);
        } else {
          AddFirst(d, room, row[j], to);
        }
      }
    }
  }
}

void AddFilterGradients(int64_t taps, int64_t size, const float* m,
                        int64_t point_stride, float* dg, int64_t tap_stride) {
  if (taps == 5) {
    return FilterGradients<5>(size, m, point_stride, dg, tap_stride);
  }
  FilterGradients<3>(size, m, point_stride, dg, tap_stride);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(TransformInput);
HWY_EXPORT(TransformOutput);
HWY_EXPORT(TransformFilters);
HWY_EXPORT(AddFilterGradients);

int64_t WinogradColumnsFloats(int64_t taps, int64_t tile_columns,
                              int64_t channels) {
  return 2 * InputColumns(taps, tile_columns) *
         ChannelsAtOnce(taps, tile_columns, channels) * kLanes;
}

void TransformWinogradInput(const WinogradInput& input) {
  HWY_DYNAMIC_DISPATCH(TransformInput)(input);
}

void TransformWinogradOutput(const WinogradOutput& output) {
  HWY_DYNAMIC_DISPATCH(TransformOutput)(output);
}

void TransformWinogradFilters(int64_t taps, int64_t size, const float* g,
                              float* points, int64_t point_stride) {
  HWY_DYNAMIC_DISPATCH(TransformFilters)(taps, size, g, points, point_stride);
}

void AddWinogradFilterGradients(int64_t taps, int64_t size, const float* m,
                                int64_t point_stride, float* dg,
                                int64_t tap_stride) {
  HWY_DYNAMIC_DISPATCH(AddFilterGradients)
  (taps, size, m, point_stride, dg, tap_stride);
}

}  // namespace lenslet
#endif  // HWY_ONCE
