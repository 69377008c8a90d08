#include "lenslet/ops/lanes/sliding_sums.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/lanes/sliding_sums.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A sum for each position, a weight for each tap, a column and one to spare
// stay in registers. With more positions, GCC keeps some in memory.
constexpr int kMaxSlidingPositions = 14;
constexpr int MaxPositions(int taps) {
  return std::min(kMaxSlidingPositions, kVectorRegisters - taps - 2);
}

// The columns of a tile that lie outside the row, before and after it.
struct MissingColumns {
  int64_t before = 0;
  int64_t after = 0;
};

template <int taps, int stride, int positions, bool is_in_lanes>
struct SlidingTile {
  // From the column under the first position's first tap on, which may be
  // missing.
  static void Run(const SlidingRow& row, const MissingColumns& missing,
                  const float* x, float* HWY_RESTRICT y) {
    constexpr int columns = (positions - 1) * stride + taps;
    const LanesTag d;
    using V = hn::Vec<LanesTag>;
    const int64_t lanes = hn::Lanes(d);
    const int64_t channels = row.channels;
    const int64_t w_stride = row.w_stride;
    const V minimum = hn::Set(d, row.minimum);
    for (int64_t c = 0; c < channels; c += lanes) {
      const int64_t weight = is_in_lanes ? c / kLanes : c;
      const auto load = [&](const float* from) HWY_ATTR {
        if constexpr (is_in_lanes) return hn::Set(d, *from);
        return hn::LoadU(d, from);
      };
      V sums[positions];
      const V start =
          row.start == nullptr ? hn::Zero(d) : load(row.start + weight);
      HWY_UNROLL(32)
      for (int i = 0; i < positions; ++i) sums[i] = start;
      for (const SlidingRun& run : row.runs) {
        const float* HWY_RESTRICT column = x + run.x + c;
        const float* HWY_RESTRICT w = row.w + run.w + weight;
        V weights[taps];
        HWY_UNROLL(8)
        for (int t = 0; t < taps; ++t) weights[t] = load(w + t * w_stride);
        HWY_UNROLL(64)
        for (int j = 0; j < columns; ++j) {
          if ((j < taps - 1 && j < missing.before) ||
              (j >= columns - taps + 1 && j >= columns - missing.after)) {
            continue;
          }
          const V number = LoadedOnce(hn::LoadU(d, column + j * channels));
          HWY_UNROLL(8)
          for (int t = 0; t < taps; ++t) {
            if (j < t || (j - t) % stride != 0) continue;
            const int i = (j - t) / stride;
            if (i >= positions) continue;
            sums[i] = hn::MulAdd(number, weights[t], sums[i]);
          }
        }
      }
      const int64_t left = channels - c;
      HWY_UNROLL(32)
      for (int i = 0; i < positions; ++i) {
        const V sum = hn::Max(minimum, sums[i]);
        if (is_in_lanes || left >= lanes) {
          hn::StoreU(sum, d, y + i * channels + c);
        } else {
          StoreFirst(d, left, sum, y + i * channels + c);
        }
      }
    }
  }
};

using SlidingFunction = void (*)(const SlidingRow& row,
                                 const MissingColumns& missing, const float* x,
                                 float* y);

template <int taps, int stride, bool is_in_lanes, size_t... i>
constexpr auto SlidingTable(std::index_sequence<i...>) {
  return std::array<SlidingFunction, sizeof...(i)>{
      &SlidingTile<taps, stride, i + 1, is_in_lanes>::Run...};
}

template <int taps, int stride, bool is_in_lanes>
void ComputeTiles(const SlidingRow& row) {
  constexpr int kMax = MaxPositions(taps);
  static constexpr auto kTable =
      SlidingTable<taps, stride, is_in_lanes>(std::make_index_sequence<kMax>());
  // Tiles of equal size, but for one position.
  const int64_t tiles = (row.positions + kMax - 1) / kMax;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const int64_t p = tile * row.positions / tiles;
    const int64_t positions = (tile + 1) * row.positions / tiles - p;
    const int64_t first = p * stride - row.padding;
    const int64_t end = first + (positions - 1) * stride + taps;
    kTable[positions - 1](row,
                          {.before = std::max(-first, int64_t{0}),
                           .after = std::max(end - row.columns, int64_t{0})},
                          row.x + first * row.channels,
                          row.y + p * row.channels);
  }
}

template <int taps, int stride>
void ComputeTilesOf(const SlidingRow& row) {
  if (row.lanes_of_weight == 1) {
    ComputeTiles<taps, stride, false>(row);
  } else {
    ComputeTiles<taps, stride, true>(row);
  }
}

void ComputeRowOfTiles(const SlidingRow& row) {
  if (row.taps == 3) {
    row.stride == 1 ? ComputeTilesOf<3, 1>(row) : ComputeTilesOf<3, 2>(row);
  } else {
    row.stride == 1 ? ComputeTilesOf<5, 1>(row) : ComputeTilesOf<5, 2>(row);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(ComputeRowOfTiles);

bool CanSlide(int64_t taps, int64_t stride) {
  return (taps == 3 || taps == 5) && (stride == 1 || stride == 2);
}

void ComputeSlidingRow(const SlidingRow& row) {
  HWY_DYNAMIC_DISPATCH(ComputeRowOfTiles)(row);
}

}  // namespace lenslet
#endif  // HWY_ONCE
