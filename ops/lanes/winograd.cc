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

// The rows of points that are computed together.
constexpr int64_t PointRows(int pair) {
  return pair == kAllWinogradPairs ? kWinogradInputs : 2;
}

// The columns of a row of tiles, transformed along the height, should stay in
// the L1 cache until they are transformed along the width.
int64_t ChannelsAtOnce(int pair, int64_t taps, int64_t tile_columns,
                       int64_t channels) {
  const int64_t cache_bytes = (pair == kAllWinogradPairs ? 24 : 16) * 1024;
  const int64_t column_bytes =
      PointRows(pair) * static_cast<int64_t>(sizeof(float)) * kLanes;
  const int64_t most = std::min(kMaxChannelsAtOnce, channels);
  return std::clamp(
      cache_bytes / (column_bytes * InputColumns(taps, tile_columns)),
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

// Transforms `floats` floats of a column along the height, to rows of points.
template <int pair>
HWY_INLINE void InputColumn(const InputRowPointers& rows, int64_t floats,
                            float* HWY_RESTRICT to, int64_t row_stride) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  constexpr int kRows = PointRows(pair);
  const float* HWY_RESTRICT r0 = rows.row[0];
  const float* HWY_RESTRICT r1 = rows.row[1];
  const float* HWY_RESTRICT r2 = rows.row[2];
  const float* HWY_RESTRICT r3 = rows.row[3];
  const float* HWY_RESTRICT r4 = rows.row[4];
  const float* HWY_RESTRICT r5 = rows.row[5];
  for (int64_t i = 0; i < floats; i += lanes) {
    const V d1 = LoadedOnce(hn::Load(d, r1 + i));
    const V d2 = LoadedOnce(hn::Load(d, r2 + i));
    const V d3 = LoadedOnce(hn::Load(d, r3 + i));
    const V d4 = LoadedOnce(hn::Load(d, r4 + i));
    V points[6];
    if constexpr (pair == 1 || pair == 2) {
      // The others are not part of it.
      InputRows<pair>(d1, d1, d2, d3, d4, d4, points[0], points[1]);
    } else {
      const V d0 = LoadedOnce(hn::Load(d, r0 + i));
      const V d5 = LoadedOnce(hn::Load(d, r5 + i));
      if constexpr (pair == kAllWinogradPairs) {
        InputPoints(d0, d1, d2, d3, d4, d5, points);
      } else {
        InputRows<pair>(d0, d1, d2, d3, d4, d5, points[0], points[1]);
      }
    }
    float* HWY_RESTRICT point = to + i;
    HWY_UNROLL(6)
    for (int r = 0; r < kRows; ++r) {
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
    for (int r = 0; r < PointRows(pair); ++r) {
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
    for (int i = 0; i < PointRows(pair); ++i) {
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
  const int64_t at_once =
      ChannelsAtOnce(pair, s.taps, s.tiles.columns, s.channels);
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

// The columns of a tile's outputs that are computed together. Registers that do
// not hold all sums of a tile hold those of half of its columns.
enum class Columns { kAll, kEven, kOdd };
constexpr bool IsOf(Columns columns, int j) {
  return columns == Columns::kAll || (columns == Columns::kOdd) == (j % 2 == 1);
}

// OutputRow() of the vectors load(0) to load(5), or some columns of it.
template <int outputs, Columns columns, class Load>
HWY_INLINE void OutputOf(Load load, V y[outputs]) {
  if constexpr (columns == Columns::kEven) {
    EvenOutputs<outputs>(load(0), load(1), load(2), load(3), load(4), y);
  } else if constexpr (columns == Columns::kOdd) {
    OddOutputs<outputs>(load(1), load(2), load(3), load(4), load(5), y);
  } else {
    OutputRow<outputs>(load(0), load(1), load(2), load(3), load(4), load(5), y);
  }
}

// Calls add(i, begins, factor, values) for each row i of outputs that a pair
// contributes factor * values to. Pairs run in order; `begins` says that none
// has contributed to the row before. load(r, j) is point j of the pair's row r,
// 0 or 1.
template <int outputs, int pair, Columns columns, class Load, class Add>
HWY_INLINE void ForEachRowOfPair(Load load, Add add) {
  V values[outputs];
  if constexpr (pair == 0) {
    OutputOf<outputs, columns>([&](int j) HWY_ATTR { return load(0, j); },
                               values);
    add(0, true, 1.0f, values);
    OutputOf<outputs, columns>([&](int j) HWY_ATTR { return load(1, j); },
                               values);
    add(outputs - 1, true, 1.0f, values);
    return;
  }
  constexpr float point = pair == 1 ? kA : kB;
  OutputOf<outputs, columns>(
      [&](int j) HWY_ATTR { return hn::Add(load(0, j), load(1, j)); }, values);
  add(0, false, 1.0f, values);
  if constexpr (outputs == 4) add(2, pair == 1, point * point, values);
  OutputOf<outputs, columns>(
      [&](int j) HWY_ATTR { return hn::Sub(load(0, j), load(1, j)); }, values);
  add(1, outputs == 4 && pair == 1, point, values);
  if constexpr (outputs == 4) add(3, false, point * point * point, values);
}

// sum + factor * value.
HWY_INLINE V AddOutput(V sum, float factor, V value) {
  return factor == 1.0f ? hn::Add(sum, value) : Plus(sum, factor, value);
}

// The rows and columns of a tile's outputs that exist, of one channel.
struct OutputPlace {
  float* y;
  int64_t row;
  int64_t column;
  int64_t rows;
  int64_t columns;

  // Calls body(j, address) for the outputs of a row.
  template <int outputs, Columns some, class Body>
  HWY_INLINE void ForEachOfRow(int i, Body body) const {
    if (i >= rows) return;
    HWY_UNROLL(4)
    for (int j = 0; j < outputs; ++j) {
      if (j >= columns) break;
      if (IsOf(some, j)) body(j, y + i * row + j * column);
    }
  }
};

// All three pairs, with sums in registers. load(r, j) is point j of row r.
template <int outputs, Columns columns, class Load>
HWY_INLINE void OutputOfAllPairs(Load load, V bias, V minimum,
                                 const OutputPlace& place) {
  const LanesTag d;
  V sums[outputs][outputs];
  const auto add = [&](int i, bool begins, float factor,
                       const V(&values)[outputs]) HWY_ATTR {
    HWY_UNROLL(4)
    for (int j = 0; j < outputs; ++j) {
      if (!IsOf(columns, j)) continue;
      sums[i][j] = AddOutput(begins ? bias : sums[i][j], factor, values[j]);
    }
  };
  const auto rows = [&](int first, int second) HWY_ATTR {
    return [=](int r, int j)
               HWY_ATTR { return load(r == 0 ? first : second, j); };
  };
  ForEachRowOfPair<outputs, 0, columns>(rows(0, 5), add);
  ForEachRowOfPair<outputs, 1, columns>(rows(1, 2), add);
  ForEachRowOfPair<outputs, 2, columns>(rows(3, 4), add);
  HWY_UNROLL(4)
  for (int i = 0; i < outputs; ++i) {
    place.ForEachOfRow<outputs, columns>(i, [&](int j, float* to) HWY_ATTR {
      hn::Store(hn::Max(minimum, sums[i][j]), d, to);
    });
  }
}

// One pair, with sums in memory. load(r, j) is point j of the pair's row r.
template <int outputs, int pair, class Load>
HWY_INLINE void OutputOfOnePair(Load load, V bias, V minimum,
                                const OutputPlace& place) {
  const LanesTag d;
  ForEachRowOfPair<outputs, pair, Columns::kAll>(
      load, [&](int i, bool begins, float factor,
                const V(&values)[outputs]) HWY_ATTR {
        place.ForEachOfRow<outputs, Columns::kAll>(i, [&](int j,
                                                          float* to) HWY_ATTR {
          V sum = AddOutput(begins ? bias : hn::Load(d, to), factor, values[j]);
          if constexpr (pair == 2) sum = hn::Max(minimum, sum);
          hn::Store(sum, d, to);
        });
      });
}

// Some of the rows and columns of a tile's outputs, as far as they exist.
template <int outputs, int pair>
void OutputTile(const WinogradOutput& s, const float* HWY_RESTRICT points,
                float* HWY_RESTRICT y, int64_t rows, int64_t columns) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const int64_t position = s.channels * kLanes;
  const int64_t stride = s.point_stride;
  const V minimum = hn::Set(d, s.minimum);
  for (int64_t c = 0; c < s.tile_channels; ++c) {
    const V bias = hn::Set(d, s.bias == nullptr ? 0.0f : s.bias[c]);
    for (int64_t k = c * kLanes; k < (c + 1) * kLanes; k += lanes) {
      const float* m = points + k;
      const OutputPlace place = {.y = y + k,
                                 .row = s.width * position,
                                 .column = position,
                                 .rows = rows,
                                 .columns = columns};
      const auto load = [=](int r, int j) HWY_ATTR {
        return hn::Load(d, m + (r * 6 + j) * stride);
      };
      if constexpr (pair != kAllWinogradPairs) {
        OutputOfOnePair<outputs, pair>(load, bias, minimum, place);
      } else if constexpr (outputs == 4 && kVectorRegisters < 32) {
        OutputOfAllPairs<outputs, Columns::kEven>(load, bias, minimum, place);
        OutputOfAllPairs<outputs, Columns::kOdd>(load, bias, minimum, place);
      } else {
        OutputOfAllPairs<outputs, Columns::kAll>(load, bias, minimum, place);
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

// The rows and columns from `begin` to `end` of a tile's inputs exist.
struct InsideTile {
  int64_t begin_row;
  int64_t end_row;
  int64_t begin_column;
  int64_t end_column;
};

// Of all channels. `dx` is where the first input is, even if it does not exist.
template <bool whole>
void InputGradientTile(const WinogradInputGradient& s,
                       const float* HWY_RESTRICT points, float* dx,
                       const InsideTile& inside) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const int64_t position = s.channels * kLanes;
  const int64_t row = s.width * position;
  for (int64_t k = 0; k < position; k += lanes) {
    V rows[6][6];
    HWY_UNROLL(6)
    for (int i = 0; i < 6; ++i) {
      const float* HWY_RESTRICT from = points + i * 6 * s.point_stride + k;
      V m[6];
      HWY_UNROLL(6)
      for (int j = 0; j < 6; ++j) m[j] = hn::Load(d, from + j * s.point_stride);
      InputGradients(m[0], m[1], m[2], m[3], m[4], m[5], rows[i]);
    }
    HWY_UNROLL(6)
    for (int j = 0; j < 6; ++j) {
      if (!whole && (j < inside.begin_column || j >= inside.end_column)) {
        continue;
      }
      V column[6];
      InputGradients(rows[0][j], rows[1][j], rows[2][j], rows[3][j], rows[4][j],
                     rows[5][j], column);
      HWY_UNROLL(6)
      for (int i = 0; i < 6; ++i) {
        if (!whole && (i < inside.begin_row || i >= inside.end_row)) continue;
        float* to = dx + i * row + j * position + k;
        hn::Store(hn::Add(hn::Load(d, to), column[i]), d, to);
      }
    }
  }
}

void AddInputGradient(const WinogradInputGradient& s) {
  const WinogradTiles& t = s.tiles;
  const int64_t outputs = WinogradOutputs(s.taps);
  const int64_t position = s.channels * kLanes;
  const float* points = s.points;
  for (int64_t r = t.row; r < t.row + t.rows; ++r) {
    const int64_t h = r * outputs - s.before_rows;
    for (int64_t c = t.column; c < t.column + t.columns; ++c) {
      const int64_t w = c * outputs - s.before_columns;
      const InsideTile inside = {
          .begin_row = std::max<int64_t>(0, -h),
          .end_row = std::min(kWinogradInputs, s.height - h),
          .begin_column = std::max<int64_t>(0, -w),
          .end_column = std::min(kWinogradInputs, s.width - w)};
      float* dx = s.dx + (h * s.width + w) * position;
      if (inside.begin_row == 0 && inside.end_row == kWinogradInputs &&
          inside.begin_column == 0 && inside.end_column == kWinogradInputs) {
        InputGradientTile<true>(s, points, dx, inside);
      } else {
        InputGradientTile<false>(s, points, dx, inside);
      }
      points += position;
    }
  }
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
HWY_EXPORT(AddInputGradient);
HWY_EXPORT(TransformFilters);
HWY_EXPORT(AddFilterGradients);

int64_t WinogradColumnsFloats(int pair, int64_t taps, int64_t tile_columns,
                              int64_t channels) {
  return PointRows(pair) * InputColumns(taps, tile_columns) *
         ChannelsAtOnce(pair, taps, tile_columns, channels) * kLanes;
}

void TransformWinogradInput(const WinogradInput& input) {
  HWY_DYNAMIC_DISPATCH(TransformInput)(input);
}

void TransformWinogradOutput(const WinogradOutput& output) {
  HWY_DYNAMIC_DISPATCH(TransformOutput)(output);
}

void AddWinogradInputGradient(const WinogradInputGradient& gradient) {
  HWY_DYNAMIC_DISPATCH(AddInputGradient)(gradient);
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
