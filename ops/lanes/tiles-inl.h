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
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/tensor/lanes.h"

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
// fit the registers, and one is left. With more sums than this, GCC keeps some
// in memory.
constexpr int kMaxTileSums = 24;
constexpr bool TileFits(int rows, int columns) {
  return rows <= kMaxTileRows && columns <= kMaxTileColumns &&
         rows * columns <= kMaxTileSums &&
         rows * columns + columns + 2 <= kVectorRegisters;
}

// Keeps the compiler from loading a vector again each time it is used: a tile
// would then need more loads than the CPU can do beside its multiply-adds.
template <class V>
HWY_INLINE V LoadedOnce(V v) {
#if HWY_COMPILER_GCC && HWY_ARCH_X86
  asm("" : "+v"(v.raw));
#endif
  return v;
}

// Half cycles of `multiply_adds` vectors of them in one step: two in a cycle,
// but a sum takes four cycles until it can be added to again.
constexpr int64_t StepOf(int64_t multiply_adds) {
  return std::max(multiply_adds, int64_t{8});
}

// The tiles of up to `max_rows` rows that take the least time, if a step of a
// tile takes step(rows, columns).
template <class Step>
TileSize ChooseTile(int max_rows, int64_t rows, int64_t columns, Step step) {
  // Of as many tiles of `r` rows as there are, and one for the rest.
  const auto all_columns = [&](int64_t r, int64_t c) {
    const int64_t rest = columns % c;
    return columns / c * step(r, c) + (rest == 0 ? 0 : step(r, rest));
  };
  TileSize best;
  int64_t best_steps = std::numeric_limits<int64_t>::max();
  for (int r = 1; r <= std::min<int64_t>(rows, max_rows); ++r) {
    for (int c = 1; c <= std::min<int64_t>(columns, kMaxTileColumns); ++c) {
      if (!TileFits(r, c)) break;
      const int64_t rest = rows % r;
      const int64_t steps =
          rows / r * all_columns(r, c) + (rest == 0 ? 0 : all_columns(rest, c));
      if (steps < best_steps) {
        best_steps = steps;
        best = {.rows = r, .columns = c};
      }
    }
  }
  return best;
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
