#include "lenslet/ops/direct/winograd_tiles.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/winograd_tiles.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/direct/pool_2x2-inl.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"
#include "lenslet/ops/lanes/winograd-inl.h"
#include "lenslet/tensor/lanes.h"

#ifndef LENSLET_OPS_DIRECT_WINOGRAD_TILES_ONCE_
#define LENSLET_OPS_DIRECT_WINOGRAD_TILES_ONCE_

namespace lenslet {
namespace {

// The columns of inputs of a row of tiles.
int64_t ColumnsOfTiles(int64_t taps, int64_t tile_columns) {
  return tile_columns * WinogradOutputs(taps) + taps - 1;
}

}  // namespace
}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_WINOGRAD_TILES_ONCE_

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The rows of points that are computed together.
template <int pair>
constexpr int kPointRows = pair == kAllWinogradPairs ? 6 : 2;

// Transforms the columns that a row of tiles reads along the height, for one
// vector of channels: to[rows of points * column + row].
template <int pair>
void TransformColumns(const WinogradTilesInput& s, int64_t tile_row, int64_t c,
                      int64_t columns, float* HWY_RESTRICT to) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  constexpr int kRows = kPointRows<pair>;
  const int64_t outputs = WinogradOutputs(s.taps);
  const int64_t first_row = tile_row * outputs - s.before_rows;
  const int64_t first_column = s.tiles.column * outputs - s.before_columns;
  const int64_t begin = std::clamp<int64_t>(-first_column, 0, columns);
  const int64_t end = std::clamp<int64_t>(s.width - first_column, 0, columns);
  const auto row = [&](int64_t i) {
    const int64_t h = first_row + i;
    const float* start =
        h >= 0 && h < s.height ? s.x + h * s.width * s.channels : s.zeros;
    return start + (first_column + begin) * s.channels + c;
  };
  const float* HWY_RESTRICT r0 = row(0);
  const float* HWY_RESTRICT r1 = row(1);
  const float* HWY_RESTRICT r2 = row(2);
  const float* HWY_RESTRICT r3 = row(3);
  const float* HWY_RESTRICT r4 = row(4);
  const float* HWY_RESTRICT r5 = row(5);
  std::fill_n(to, begin * kRows * lanes, 0.0f);
  float* HWY_RESTRICT at = to + begin * kRows * lanes;
  for (int64_t i = 0; i < (end - begin) * s.channels; i += s.channels) {
    V points[6];
    if constexpr (pair == kAllWinogradPairs) {
      InputPoints(hn::LoadU(d, r0 + i), hn::LoadU(d, r1 + i),
                  hn::LoadU(d, r2 + i), hn::LoadU(d, r3 + i),
                  hn::LoadU(d, r4 + i), hn::LoadU(d, r5 + i), points);
    } else {
      InputRows<pair>(hn::LoadU(d, r0 + i), hn::LoadU(d, r1 + i),
                      hn::LoadU(d, r2 + i), hn::LoadU(d, r3 + i),
                      hn::LoadU(d, r4 + i), hn::LoadU(d, r5 + i), points[0],
                      points[1]);
    }
    HWY_UNROLL(6)
    for (int j = 0; j < kRows; ++j) hn::Store(points[j], d, at + j * lanes);
    at += kRows * lanes;
  }
  const int64_t rest = std::max(begin, end);
  std::fill_n(to + rest * kRows * lanes, (columns - rest) * kRows * lanes,
              0.0f);
}

template <int pair>
void TransformInputs(const WinogradTilesInput& s) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  constexpr int kRows = kPointRows<pair>;
  const WinogradTiles& t = s.tiles;
  const int64_t outputs = WinogradOutputs(s.taps);
  const int64_t columns = ColumnsOfTiles(s.taps, t.columns);
  const int64_t packed = (s.channels + lanes - 1) / lanes * lanes;
  const int64_t stride = s.point_stride;
  for (int64_t row = 0; row < t.rows; ++row) {
    for (int64_t c = 0; c < packed; c += lanes) {
      TransformColumns<pair>(s, t.row + row, c, columns, s.columns);
      float* points = s.points + row * t.columns * packed + c;
      const float* HWY_RESTRICT from = s.columns;
      for (int64_t column = 0; column < t.columns; ++column) {
        float* HWY_RESTRICT to = points;
        for (int r = 0; r < kRows; ++r) {
          V p[6];
          InputPoints(hn::Load(d, from + r * lanes),
                      hn::Load(d, from + (kRows + r) * lanes),
                      hn::Load(d, from + (2 * kRows + r) * lanes),
                      hn::Load(d, from + (3 * kRows + r) * lanes),
                      hn::Load(d, from + (4 * kRows + r) * lanes),
                      hn::Load(d, from + (5 * kRows + r) * lanes), p);
          HWY_UNROLL(6)
          for (int j = 0; j < 6; ++j) {
            hn::Store(p[j], d, to);
            to += stride;
          }
        }
        from += outputs * kRows * lanes;
        points += packed;
      }
    }
  }
}

void TransformInput(const WinogradTilesInput& s) {
  if (s.pair == 0) return TransformInputs<0>(s);
  if (s.pair == 1) return TransformInputs<1>(s);
  if (s.pair == 2) return TransformInputs<2>(s);
  TransformInputs<kAllWinogradPairs>(s);
}

// A^T m A of a tile, for one vector of channels.
template <int outputs>
HWY_INLINE void TransformProducts(const float* HWY_RESTRICT points,
                                  int64_t stride, V y[outputs][outputs]) {
  const LanesTag d;
  V rows[6][outputs];
  HWY_UNROLL(6)
  for (int r = 0; r < 6; ++r) {
    V m[6];
    HWY_UNROLL(6)
    for (int j = 0; j < 6; ++j) {
      m[j] = hn::Load(d, points);
      points += stride;
    }
    OutputRow<outputs>(m[0], m[1], m[2], m[3], m[4], m[5], rows[r]);
  }
  HWY_UNROLL(4)
  for (int j = 0; j < outputs; ++j) {
    V column[outputs];
    OutputRow<outputs>(rows[0][j], rows[1][j], rows[2][j], rows[3][j],
                       rows[4][j], rows[5][j], column);
    HWY_UNROLL(4)
    for (int i = 0; i < outputs; ++i) y[i][j] = column[i];
  }
}

template <int outputs, Pool2x2 pool>
void TransformOutputs(const WinogradTilesOutput& s) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const WinogradTiles& t = s.tiles;
  const int64_t packed = (s.channels + lanes - 1) / lanes * lanes;
  const V minimum = hn::Set(d, s.minimum);
  constexpr int window = pool == Pool2x2::kNone ? 1 : 2;
  constexpr int results = outputs / window;  // Of a tile along an axis.
  const int64_t height = s.height / window;
  const int64_t width = s.width / window;
  const float* points = s.points;
  for (int64_t row = t.row; row < t.row + t.rows; ++row) {
    const int64_t rows = std::min<int64_t>(results, height - row * results);
    for (int64_t column = t.column; column < t.column + t.columns; ++column) {
      const int64_t columns =
          std::min<int64_t>(results, width - column * results);
      float* const corner = s.y + (row * width + column) * results * s.channels;
      for (int64_t c = 0; c < packed; c += lanes) {
        V y[outputs][outputs];
        TransformProducts<outputs>(points + c, s.point_stride, y);
        const V bias = hn::Load(d, s.packed_bias + c);
        const auto output = [&](int i, int j) HWY_ATTR {
          return hn::Max(minimum, hn::Add(y[i][j], bias));
        };
        const int64_t room = s.channels - c;
        HWY_UNROLL(4)
        for (int i = 0; i < results; ++i) {
          if (i >= rows) break;
          HWY_UNROLL(4)
          for (int j = 0; j < results; ++j) {
            if (j >= columns) break;
            V result;
            if constexpr (window == 1) {
              result = output(i, j);
            } else {
              result = PoolOf<pool>(
                  output(2 * i, 2 * j), output(2 * i, 2 * j + 1),
                  output(2 * i + 1, 2 * j), output(2 * i + 1, 2 * j + 1));
            }
            StoreWhereRoom(d, room, result,
                           corner + (i * width + j) * s.channels + c);
          }
        }
      }
      points += packed;
    }
  }
}

template <Pool2x2 pool>
void TransformOutputsOfTaps(const WinogradTilesOutput& s) {
  if (s.taps == 5) return TransformOutputs<2, pool>(s);
  TransformOutputs<4, pool>(s);
}

void TransformOutput(const WinogradTilesOutput& s) {
  WithPool(s.pool,
           [&](auto pool) HWY_ATTR { TransformOutputsOfTaps<pool>(s); });
}

// The two rows of a pair of A z, for `outputs` vectors.
template <int outputs, int pair>
HWY_INLINE void GradientRows(const V z[outputs], V& first, V& second) {
  if constexpr (pair == 0) {
    first = z[0];
    second = z[outputs - 1];
  } else {
    constexpr float point = pair == 1 ? kA : kB;
    V even = z[0];
    V odd = z[1];
    if constexpr (outputs == 4) {
      even = Plus(even, point * point, z[2]);
      odd = Plus(odd, point * point, z[3]);
    }
    first = Plus(even, point, odd);
    second = Minus(even, point, odd);
  }
}

// A tile of up to `rows` x `columns` outputs; what is missing is zero.
template <int outputs, int pair>
HWY_INLINE void TransformGradientTile(const WinogradTilesGradient& s,
                                      const float* HWY_RESTRICT corner,
                                      int64_t rows, int64_t columns,
                                      float* HWY_RESTRICT to) {
  const LanesTag d;
  V of_rows[2][outputs];
  HWY_UNROLL(4)
  for (int j = 0; j < outputs; ++j) {
    V z[outputs];
    HWY_UNROLL(4)
    for (int i = 0; i < outputs; ++i) {
      z[i] = i < rows && j < columns
                 ? hn::LoadU(d, corner + (i * s.width + j) * s.channels)
                 : hn::Zero(d);
    }
    GradientRows<outputs, pair>(z, of_rows[0][j], of_rows[1][j]);
  }
  HWY_UNROLL(2)
  for (int r = 0; r < 2; ++r) {
    V p[6];
    GradientRows<outputs, 0>(of_rows[r], p[0], p[5]);
    GradientRows<outputs, 1>(of_rows[r], p[1], p[2]);
    GradientRows<outputs, 2>(of_rows[r], p[3], p[4]);
    HWY_UNROLL(6)
    for (int j = 0; j < 6; ++j) {
      hn::Store(p[j], d, to);
      to += s.point_stride;
    }
  }
}

template <int outputs, int pair>
void TransformGradients(const WinogradTilesGradient& s) {
  const LanesTag d;
  const int64_t lanes = hn::Lanes(d);
  const WinogradTiles& t = s.tiles;
  const int64_t packed = (s.channels + lanes - 1) / lanes * lanes;
  float* points = s.points;
  for (int64_t row = t.row; row < t.row + t.rows; ++row) {
    const int64_t rows = s.height - row * outputs;
    for (int64_t column = t.column; column < t.column + t.columns; ++column) {
      const int64_t columns = s.width - column * outputs;
      const float* const corner =
          s.dy + (row * s.width + column) * outputs * s.channels;
      const bool whole = rows >= outputs && columns >= outputs;
      for (int64_t c = 0; c < packed; c += lanes) {
        if (whole) {
          TransformGradientTile<outputs, pair>(s, corner + c, outputs, outputs,
                                               points + c);
        } else {
          TransformGradientTile<outputs, pair>(s, corner + c, rows, columns,
                                               points + c);
        }
      }
      points += packed;
    }
  }
}

template <int outputs>
void TransformGradientsOf(const WinogradTilesGradient& s) {
  if (s.pair == 0) return TransformGradients<outputs, 0>(s);
  if (s.pair == 1) return TransformGradients<outputs, 1>(s);
  TransformGradients<outputs, 2>(s);
}

void TransformGradient(const WinogradTilesGradient& s) {
  if (s.taps == 5) return TransformGradientsOf<2>(s);
  TransformGradientsOf<4>(s);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(TransformInput);
HWY_EXPORT(TransformOutput);
HWY_EXPORT(TransformGradient);

int64_t WinogradTilesColumnsFloats(int64_t taps, int64_t tile_columns) {
  return ColumnsOfTiles(taps, tile_columns) * 6 * kLanes;
}

void TransformTilesInput(const WinogradTilesInput& input) {
  HWY_DYNAMIC_DISPATCH(TransformInput)(input);
}

void TransformTilesOutput(const WinogradTilesOutput& output) {
  HWY_DYNAMIC_DISPATCH(TransformOutput)(output);
}

void TransformTilesGradient(const WinogradTilesGradient& gradient) {
  HWY_DYNAMIC_DISPATCH(TransformGradient)(gradient);
}

}  // namespace lenslet
#endif  // HWY_ONCE
