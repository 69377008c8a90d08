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
  constexpr int64_t kCacheVectors = 24 * 1024 / sizeof(float) / kLanes;
  const int64_t columns = InputColumns(taps, tile_columns);
  const int64_t most = std::min(kMaxChannelsAtOnce, channels);
  return std::clamp(kCacheVectors / (kWinogradInputs * columns),
                    std::min<int64_t>(4, most), most);
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

// The six rows of inputs under a row of tiles, at a column and a channel.
struct InputRowPointers {
  const float* row[6];
  int64_t column[6];  // The distance between columns; 0 for rows outside.

  void Advance() {
    for (int i = 0; i < 6; ++i) row[i] += column[i];
  }
};

// The rows of points that are computed together.
template <int pair>
constexpr int kPointRows = pair == kAllWinogradPairs ? 6 : 2;

// Transforms `floats` floats of a column along the height, to rows of points.
template <int pair>
HWY_INLINE void InputColumn(const InputRowPointers& rows, int64_t floats,
                            float* HWY_RESTRICT to, int64_t row_stride) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const float* HWY_RESTRICT r0 = rows.row[0];
  const float* HWY_RESTRICT r1 = rows.row[1];
  const float* HWY_RESTRICT r2 = rows.row[2];
  const float* HWY_RESTRICT r3 = rows.row[3];
  const float* HWY_RESTRICT r4 = rows.row[4];
  const float* HWY_RESTRICT r5 = rows.row[5];
  for (int64_t i = 0; i < floats; i += lanes) {
    const V d0 = LoadedOnce(hn::Load(d, r0 + i));
    const V d1 = LoadedOnce(hn::Load(d, r1 + i));
    const V d2 = LoadedOnce(hn::Load(d, r2 + i));
    const V d3 = LoadedOnce(hn::Load(d, r3 + i));
    const V d4 = LoadedOnce(hn::Load(d, r4 + i));
    const V d5 = LoadedOnce(hn::Load(d, r5 + i));
    V points[6];
    if constexpr (pair == kAllWinogradPairs) {
      InputPoints(d0, d1, d2, d3, d4, d5, points);
    } else {
      InputRows<pair>(d0, d1, d2, d3, d4, d5, points[0], points[1]);
    }
    float* HWY_RESTRICT point = to + i;
    HWY_UNROLL(6)
    for (int r = 0; r < kPointRows<pair>; ++r) {
      hn::Store(points[r], d, point);
      point += row_stride;
    }
  }
}

// Transforms `floats` floats of a tile's six columns along the width, in each
// of the six rows of points.
template <int pair>
HWY_INLINE void InputTile(const float* HWY_RESTRICT columns, int64_t row_stride,
                          int64_t floats, float* HWY_RESTRICT points,
                          int64_t point_stride) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t i = 0; i < floats; i += lanes) {
    const float* HWY_RESTRICT from = columns + i;
    float* HWY_RESTRICT to = points + i;
    for (int r = 0; r < kPointRows<pair>; ++r) {
      V p[6];
      InputPoints(LoadedOnce(hn::Load(d, from)),
                  LoadedOnce(hn::Load(d, from + floats)),
                  LoadedOnce(hn::Load(d, from + 2 * floats)),
                  LoadedOnce(hn::Load(d, from + 3 * floats)),
                  LoadedOnce(hn::Load(d, from + 4 * floats)),
                  LoadedOnce(hn::Load(d, from + 5 * floats)), p);
      HWY_UNROLL(6)
      for (int j = 0; j < 6; ++j) {
        hn::Store(p[j], d, to);
        to += point_stride;
      }
      from += row_stride;
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
  const int64_t begin = std::clamp<int64_t>(-first_column, 0, columns);
  const int64_t end =
      std::clamp<int64_t>(s.width - first_column, begin, columns);
  const int64_t position = s.channels * kLanes;
  for (int64_t c = 0; c < s.channels; c += at_once) {
    const int64_t floats = std::min(at_once, s.channels - c) * kLanes;
    const int64_t points_row = columns * floats;
    InputRowPointers rows;
    for (int i = 0; i < 6; ++i) {
      const int64_t h = first_row + i;
      const bool inside = h >= 0 && h < s.height;
      rows.row[i] =
          inside ? s.x + (h * s.width + first_column + begin) * position +
                       c * kLanes
                 : kZeros;
      rows.column[i] = inside ? position : 0;
    }
    for (int i = 0; i < kPointRows<pair>; ++i) {
      std::fill_n(s.columns + i * points_row, begin * floats, 0.0f);
      std::fill_n(s.columns + i * points_row + end * floats,
                  (columns - end) * floats, 0.0f);
    }
    for (int64_t column = begin; column < end; ++column) {
      InputColumn<pair>(rows, floats, s.columns + column * floats, points_row);
      rows.Advance();
    }
    float* points = s.points + row * t.columns * position + c * kLanes;
    for (int64_t column = 0; column < t.columns; ++column) {
      InputTile<pair>(s.columns + column * outputs * floats, points_row, floats,
                      points, s.point_stride);
      points += position;
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
  if (s.pair == 2) return InputTiles<2>(s);
  InputTiles<kAllWinogradPairs>(s);
}

// OutputRow() of the vectors load(0) to load(5).
template <int outputs, class Load>
HWY_INLINE void OutputOf(Load load, V y[outputs]) {
  OutputRow<outputs>(load(0), load(1), load(2), load(3), load(4), load(5), y);
}

// Adds what a pair contributes to A^T m A + bias, for one vector of a channel.
// load(r, j) is point j of its row r, 0 or 1.
template <int outputs, int pair, class Load>
HWY_INLINE void AddPair(Load load, V bias, V (&y)[outputs][outputs]) {
  if constexpr (pair == 0) {
    V first[outputs];
    OutputOf<outputs>([&](int j) HWY_ATTR { return load(0, j); }, first);
    V last[outputs];
    OutputOf<outputs>([&](int j) HWY_ATTR { return load(1, j); }, last);
    HWY_UNROLL(4)
    for (int j = 0; j < outputs; ++j) {
      y[0][j] = hn::Add(bias, first[j]);
      if constexpr (outputs == 4) y[1][j] = y[2][j] = bias;
      y[outputs - 1][j] = hn::Add(bias, last[j]);
    }
    return;
  }
  constexpr float point = pair == 1 ? kA : kB;
  V sums[outputs];
  OutputOf<outputs>(
      [&](int j) HWY_ATTR { return hn::Add(load(0, j), load(1, j)); }, sums);
  V differences[outputs];
  OutputOf<outputs>([&](int j)
                        HWY_ATTR { return hn::Sub(load(0, j), load(1, j)); },
                    differences);
  HWY_UNROLL(4)
  for (int j = 0; j < outputs; ++j) {
    y[0][j] = hn::Add(y[0][j], sums[j]);
    y[1][j] = Plus(y[1][j], point, differences[j]);
    if constexpr (outputs == 4) {
      y[2][j] = Plus(y[2][j], point * point, sums[j]);
      y[3][j] = Plus(y[3][j], point * point * point, differences[j]);
    }
  }
}

// Some of the rows and columns of a tile's outputs, as far as they exist.
template <int outputs, int pair>
void OutputTile(const WinogradOutput& s, const float* HWY_RESTRICT points,
                float* HWY_RESTRICT y, int64_t rows, int64_t columns) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const int64_t position = s.channels * kLanes;
  const int64_t row = s.width * position;
  const int64_t stride = s.point_stride;
  const V minimum = hn::Set(d, s.minimum);
  for (int64_t c = 0; c < s.tile_channels; ++c) {
    const V bias = hn::Set(d, s.bias == nullptr ? 0.0f : s.bias[c]);
    for (int64_t k = c * kLanes; k < (c + 1) * kLanes; k += lanes) {
      const float* m = points + k;
      float* to = y + k;
      const auto for_each_output = [&](auto body) HWY_ATTR {
        HWY_UNROLL(4)
        for (int i = 0; i < outputs; ++i) {
          if (i >= rows) break;
          HWY_UNROLL(4)
          for (int j = 0; j < outputs; ++j) {
            if (j >= columns) break;
            body(i, j, to + i * row + j * position);
          }
        }
      };
      const auto rows_from = [&](int first, int second) HWY_ATTR {
        return [=](int r, int j) HWY_ATTR {
          return hn::Load(d, m + ((r == 0 ? first : second) * 6 + j) * stride);
        };
      };
      V sums[outputs][outputs];
      if constexpr (pair == kAllWinogradPairs) {
        AddPair<outputs, 0>(rows_from(0, 5), bias, sums);
        AddPair<outputs, 1>(rows_from(1, 2), bias, sums);
        AddPair<outputs, 2>(rows_from(3, 4), bias, sums);
      } else {
        if constexpr (pair != 0) {
          for_each_output([&](int i, int j, const float* at)
                              HWY_ATTR { sums[i][j] = hn::Load(d, at); });
        }
        AddPair<outputs, pair>(rows_from(0, 1), bias, sums);
      }
      for_each_output([&](int i, int j, float* at) HWY_ATTR {
        if constexpr (pair == kAllWinogradPairs || pair == 2) {
          sums[i][j] = hn::Max(minimum, sums[i][j]);
        }
        hn::Store(sums[i][j], d, at);
      });
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
      points += s.tile_channels * kLanes;
    }
  }
}

template <int outputs>
void OutputOfPair(const WinogradOutput& s) {
  if (s.pair == 0) return OutputTiles<outputs, 0>(s);
  if (s.pair == 1) return OutputTiles<outputs, 1>(s);
  if (s.pair == 2) return OutputTiles<outputs, 2>(s);
  OutputTiles<outputs, kAllWinogradPairs>(s);
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
  return kWinogradInputs * InputColumns(taps, tile_columns) *
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
