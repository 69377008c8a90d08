#include "lenslet/ops/lanes/sliding_sums.h"

#include <algorithm>
#include <array>
#include <numeric>
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

// In lanes, a tile takes whole groups of kLanes floats, which are whole cache
// lines; else one vector.
template <bool in_lanes>
constexpr int kVectors = in_lanes ? static_cast<int>(kLanes /
                                                     hn::MaxLanes(LanesTag()))
                                  : 1;

// The sums of a tile, weights and a column stay in registers. Beyond 14
// positions, GCC keeps some in memory. In lanes, positions are far apart, and
// each is a stream that the CPU must follow.
template <bool in_lanes, int taps>
constexpr int kMaxPositions = std::clamp(
    (kVectorRegisters - taps - kVectors<in_lanes>) / kVectors<in_lanes> -
        (in_lanes ? 0 : 1),
    1, in_lanes ? 5 : 14);

// The columns of a tile that lie outside the row, before and after it.
struct MissingColumns {
  int64_t before = 0;
  int64_t after = 0;
};

// Which tap of position i reads column j of a tile; not in [0, taps) if none.
template <int kTaps, int kStride>
struct Convolution {
  static constexpr int taps = kTaps;
  static constexpr int most_missing = taps - 1;
  static constexpr int Columns(int positions) {
    return (positions - 1) * kStride + taps;
  }
  static constexpr int Tap(int i, int j) { return j - i * kStride; }
};

// The first column of a tile meets its first position with tap `first_tap`, one
// of the last kStride taps.
template <int kTaps, int kStride, int first_tap>
struct Transposed {
  static constexpr int taps = kTaps;
  static constexpr int most_missing = (taps - 1) / kStride;
  static constexpr int Columns(int positions) {
    return (first_tap + positions - 1) / kStride + 1;
  }
  static constexpr int Tap(int i, int j) { return first_tap + i - j * kStride; }
};

template <class Form, bool in_lanes, int positions>
struct SlidingTile {
  // From the tile's first column on, which may be missing.
  static void Run(const SlidingRow& row, const MissingColumns& missing,
                  const float* x, float* HWY_RESTRICT y) {
    constexpr int columns = Form::Columns(positions);
    constexpr int vectors = kVectors<in_lanes>;
    const LanesTag d;
    using V = hn::Vec<LanesTag>;
    const int64_t lanes = hn::Lanes(d);
    const int64_t channels = row.channels;
    const int64_t w_stride = row.w_stride;
    const V minimum = hn::Set(d, row.minimum);
    for (int64_t c = 0; c < channels; c += vectors * lanes) {
      const int64_t weight = in_lanes ? c / kLanes : c;
      const auto load = [&](const float* from) HWY_ATTR {
        if constexpr (in_lanes) return hn::Set(d, *from);
        return hn::LoadU(d, from);
      };
      V sums[positions][vectors];
      const V start =
          row.start == nullptr ? hn::Zero(d) : load(row.start + weight);
      HWY_UNROLL(32)
      for (int i = 0; i < positions; ++i) {
        HWY_UNROLL(4)
        for (int v = 0; v < vectors; ++v) sums[i][v] = start;
      }
      for (const SlidingRun& run : row.runs) {
        const float* HWY_RESTRICT column = x + run.x + c;
        const float* HWY_RESTRICT w = row.w + run.w + weight;
        V weights[Form::taps];
        HWY_UNROLL(8)
        for (int t = 0; t < Form::taps; ++t) {
          weights[t] = load(w + t * w_stride);
        }
        HWY_UNROLL(64)
        for (int j = 0; j < columns; ++j) {
          if ((j < Form::most_missing && j < missing.before) ||
              (j >= columns - Form::most_missing &&
               j >= columns - missing.after)) {
            continue;
          }
          HWY_UNROLL(4)
          for (int v = 0; v < vectors; ++v) {
            const V number =
                LoadedOnce(hn::LoadU(d, column + j * channels + v * lanes));
            HWY_UNROLL(32)
            for (int i = 0; i < positions; ++i) {
              const int t = Form::Tap(i, j);
              if (t < 0 || t >= Form::taps) continue;
              sums[i][v] = hn::MulAdd(number, weights[t], sums[i][v]);
            }
          }
        }
      }
      const int64_t left = channels - c;
      HWY_UNROLL(32)
      for (int i = 0; i < positions; ++i) {
        HWY_UNROLL(4)
        for (int v = 0; v < vectors; ++v) {
          const V sum = hn::Max(minimum, sums[i][v]);
          float* to = y + i * channels + c + v * lanes;
          if (in_lanes || left >= lanes) {
            hn::StoreU(sum, d, to);
          } else {
            StoreFirst(d, left, sum, to);
          }
        }
      }
    }
  }
};

using SlidingFunction = void (*)(const SlidingRow& row,
                                 const MissingColumns& missing, const float* x,
                                 float* y);

template <class Form, bool in_lanes, size_t... i>
constexpr auto SlidingTable(std::index_sequence<i...>) {
  return std::array<SlidingFunction, sizeof...(i)>{
      &SlidingTile<Form, in_lanes, i + 1>::Run...};
}

// Positions p to p + positions - 1, which start at column `first`.
template <class Form, bool in_lanes>
void ComputeTile(const SlidingRow& row, int64_t first, int64_t p,
                 int64_t positions) {
  static constexpr auto kTable = SlidingTable<Form, in_lanes>(
      std::make_index_sequence<kMaxPositions<in_lanes, Form::taps>>());
  const int64_t end = first + Form::Columns(static_cast<int>(positions));
  kTable[positions - 1](row,
                        {.before = std::max(-first, int64_t{0}),
                         .after = std::max(end - row.columns, int64_t{0})},
                        row.x + first * row.channels, row.y + p * row.channels);
}

template <int taps, int stride>
void ComputeTileOf(const SlidingRow& row, int64_t p, int64_t positions) {
  if (!row.transposed) {
    const int64_t first = p * stride - row.padding;
    if (row.in_lanes) {
      ComputeTile<Convolution<taps, stride>, true>(row, first, p, positions);
    } else {
      ComputeTile<Convolution<taps, stride>, false>(row, first, p, positions);
    }
    return;
  }
  // The first column is the least whose tap is below `taps`. Rounds up: the
  // shift makes the quotient positive.
  const int64_t shift = taps * stride;
  const int64_t first =
      (p + row.padding - (taps - 1) + stride - 1 + shift) / stride - taps;
  const int64_t first_tap = p + row.padding - first * stride;
  if (first_tap == taps - 1) {
    ComputeTile<Transposed<taps, stride, taps - 1>, true>(row, first, p,
                                                          positions);
  } else if constexpr (stride == 2) {
    ComputeTile<Transposed<taps, stride, taps - 2>, true>(row, first, p,
                                                          positions);
  }
}

// In lanes, at most so many positions that what a tile reads and writes stays
// in an L1 cache of 12 ways: channels of a power of two put all positions into
// few of its sets.
template <int taps, int stride>
int64_t MaxPositionsOf(const SlidingRow& row) {
  if (!row.in_lanes) return kMaxPositions<false, taps>;
  constexpr int kMax = kMaxPositions<true, taps>;
  constexpr int64_t kSetsBytes = 4096;
  const int64_t bytes = row.channels * static_cast<int64_t>(sizeof(float));
  const int64_t lines = 12 * kSetsBytes / std::gcd(kSetsBytes, bytes);
  int64_t positions = stride == 1 ? std::min(2, kMax) : 1;
  while (positions < kMax) {
    const int64_t columns = row.transposed ? positions / stride + taps / stride
                                           : positions * stride + taps;
    const int64_t runs = row.runs.size();
    if (runs * columns + positions + 1 > lines) break;
    ++positions;
  }
  return positions;
}

template <int taps, int stride>
void ComputeRow(const SlidingRow& row) {
  // Tiles of equal size, but for one position.
  const int64_t most = MaxPositionsOf<taps, stride>(row);
  const int64_t tiles = (row.positions + most - 1) / most;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const int64_t p = tile * row.positions / tiles;
    const int64_t end = (tile + 1) * row.positions / tiles;
    ComputeTileOf<taps, stride>(row, p, end - p);
  }
}

void ComputeRowOfTiles(const SlidingRow& row) {
  if (row.taps == 3) {
    row.stride == 1 ? ComputeRow<3, 1>(row) : ComputeRow<3, 2>(row);
  } else {
    row.stride == 1 ? ComputeRow<5, 1>(row) : ComputeRow<5, 2>(row);
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
