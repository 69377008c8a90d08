// Chooses a register tile and calls the function compiled for it, for files
// that Highway compiles once per target. Include after "hwy/highway.h".

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

// Whether the registers hold a tile's sums, a vector for each column and one
// for the current row, with one register to spare. With more sums than
// kMaxTileSums, GCC keeps some in memory.
constexpr int kMaxTileSums = 24;
constexpr bool TileFits(int rows, int columns) {
  return rows <= kMaxTileRows && columns <= kMaxTileColumns &&
         rows * columns <= kMaxTileSums &&
         rows * columns + columns + 2 <= kVectorRegisters;
}

// Keeps the compiler from reloading a vector at each use. Otherwise a tile
// would need more loads than the CPU can do alongside its multiply-adds.
template <class V>
HWY_INLINE V LoadedOnce(V v) {
#if HWY_COMPILER_GCC && HWY_ARCH_X86
  asm("" : "+v"(v.raw));
#endif
  return v;
}

// The time of a step with `multiply_adds` vector multiply-adds, in half cycles.
// The CPU does two per cycle, but a sum can be added to only every four cycles.
constexpr int64_t StepOf(int64_t multiply_adds) {
  return std::max(multiply_adds, int64_t{8});
}

// The fastest tile of up to `max_rows` rows, if a step of a tile takes the time
// step(rows, columns).
template <class Step>
TileSize ChooseTile(int max_rows, int64_t rows, int64_t columns, Step step) {
  // The time for all columns: whole tiles, and one for the remainder.
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

// A table of Function<rows, columns>::Run for all tiles that fit, and null for
// others. A tile's entry is at (rows - 1) * kMaxTileColumns + columns - 1.
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
