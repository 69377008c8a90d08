// Choosing a register tile and calling the function compiled for it, for files
// that Highway compiles once for each of its targets. Include after
// "hwy/highway.h".

#if defined(LENSLET_OPS_LANES_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LENSLET_OPS_LANES_TILES_INL_H_
#undef LENSLET_OPS_LANES_TILES_INL_H_
#else
#define LENSLET_OPS_LANES_TILES_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "hwy/highway.h"
#include "ops/lanes/tile_size.h"
#include "tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {

// At most kLanes floats.
using LanesTag = hwy::HWY_NAMESPACE::CappedTag<float, kLanes>;

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || \
    HWY_TARGET == HWY_NEON
constexpr int kVectorRegisters = 32;
#else
constexpr int kVectorRegisters = 16;
#endif

constexpr int kMaxTileRows = 24;
constexpr int kMaxTileColumns = 8;

// Whether a tile's sums, a vector for each column and one for the row at hand
// fit the registers, and one is left.
constexpr bool TileFits(int rows, int columns) {
  return rows <= kMaxTileRows && columns <= kMaxTileColumns &&
         rows * columns + columns + 2 <= kVectorRegisters;
}

// Half cycles of one step of a tile: it can load two vectors or numbers and
// multiply and add two in a cycle, and a sum takes four cycles until it can be
// added to again.
constexpr int64_t TileStep(int64_t rows, int64_t columns) {
  return std::max({rows * columns, rows + columns, int64_t{8}});
}

// Half cycles for all, some of them beside the steps.
inline int64_t TiledSteps(int64_t size, int64_t tile, int64_t other) {
  const int64_t rest = size % tile;
  return size / tile * (TileStep(tile, other) + 1) +
         (rest == 0 ? 0 : TileStep(rest, other) + 1);
}

inline TileSize ChooseTileUpTo(int max_rows, int64_t rows, int64_t columns) {
  TileSize best;
  int64_t best_steps = std::numeric_limits<int64_t>::max();
  for (int r = 1; r <= std::min<int64_t>(rows, max_rows); ++r) {
    for (int c = 1; c <= std::min<int64_t>(columns, kMaxTileColumns); ++c) {
      if (!TileFits(r, c)) break;
      const int64_t steps =
          rows / r * TiledSteps(columns, c, r) +
          (rows % r == 0 ? 0 : TiledSteps(columns, c, rows % r));
      if (steps < best_steps) {
        best_steps = steps;
        best = {.rows = r, .columns = c};
      }
    }
  }
  return best;
}

inline TileSize ChooseTile(int64_t rows, int64_t columns) {
  return ChooseTileUpTo(kMaxTileRows, rows, columns);
}

// A table of Function<rows, columns>::Run for all tiles that fit, and null
// for others; the entry of a tile is at (rows - 1) * kMaxTileColumns +
// columns - 1.
template <template <int, int> class Function, int rows, int columns>
constexpr auto TileEntry() {
  if constexpr (TileFits(rows, columns)) {
    return &Function<rows, columns>::Run;
  } else {
    return decltype(&Function<1, 1>::Run){nullptr};
  }
}

template <template <int, int> class Function, size_t... i>
constexpr auto MakeTileTable(std::index_sequence<i...>) {
  return std::array{TileEntry<Function, i / kMaxTileColumns + 1,
                              i % kMaxTileColumns + 1>()...};
}

template <template <int, int> class Function>
HWY_INLINE auto TileFunction(int rows, int columns) {
  static constexpr auto kTable = MakeTileTable<Function>(
      std::make_index_sequence<kMaxTileRows * kMaxTileColumns>());
  return kTable[(rows - 1) * kMaxTileColumns + columns - 1];
}

}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
