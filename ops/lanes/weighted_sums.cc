#include "lenslet/ops/lanes/weighted_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/lanes/weighted_sums.cc"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/tiles-inl.h"
#include "lenslet/tensor/lanes.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// How far ahead weights are prefetched, in floats. Those of large layers come
// from memory, in one stream: each line is read a few times and then not before
// the next call. What the CPU prefetches by itself arrives too late. By
// measurement: half as far is too near, twice as far gains nothing.
constexpr int64_t kWeightsAhead = 2048;

// Computes `tiles` tiles of consecutive positions, with these weights, from
// output `m` and position `p` on, of the images from `lane` on.
template <int outputs, int positions>
struct WeightedSumsTile {
  static void Run(const WeightedSums& s, const float* weights, int64_t lane,
                  int64_t m, int64_t p, int64_t tiles) {
    const LanesTag d;
    using V = hn::Vec<LanesTag>;
    const int64_t x_stride = s.x_stride;
    const int64_t y_stride = s.y_stride;
    const int64_t y_output = s.y_output;
    const int64_t x_step = s.x_step;
    const int64_t w_stride = s.w_stride;
    const float* HWY_RESTRICT tile_x = s.x + p * x_stride + lane;
    float* HWY_RESTRICT y = s.y + p * y_stride + m * s.y_output + lane;
    for (; tiles > 0; --tiles) {
      V sums[outputs][positions];
      HWY_UNROLL(32)
      for (int i = 0; i < outputs; ++i) {
        const V start = s.start_with_y || s.start == nullptr
                            ? hn::Zero(d)
                            : hn::Set(d, s.start[m + i]);
        HWY_UNROLL(32)
        for (int j = 0; j < positions; ++j) {
          sums[i][j] = s.start_with_y
                           ? hn::LoadU(d, y + j * y_stride + i * y_output)
                           : start;
        }
      }
      for (const WeightedRun& run : s.runs) {
        const float* HWY_RESTRICT x = tile_x + run.x;
        const float* HWY_RESTRICT w = weights + run.w;
        for (int64_t step = run.steps; step > 0; --step) {
          hwy::Prefetch(w + kWeightsAhead);
          if constexpr (outputs > kLanes) {
            hwy::Prefetch(w + kWeightsAhead + kLanes);
          }
          V x_vectors[positions];
          HWY_UNROLL(32)
          for (int j = 0; j < positions; ++j) {
            x_vectors[j] = LoadedOnce(hn::LoadU(d, x + j * x_stride));
          }
          HWY_UNROLL(32)
          for (int i = 0; i < outputs; ++i) {
            const V weight = hn::Set(d, w[i]);
            HWY_UNROLL(32)
            for (int j = 0; j < positions; ++j) {
              sums[i][j] = hn::MulAdd(x_vectors[j], weight, sums[i][j]);
            }
          }
          x += x_step;
          w += w_stride;
        }
      }
      // Set here and not before the sums: GCC would keep it in a register over
      // them, and an x vector in memory instead.
      const V minimum = hn::Set(d, s.minimum);
      HWY_UNROLL(32)
      for (int i = 0; i < outputs; ++i) {
        HWY_UNROLL(32)
        for (int j = 0; j < positions; ++j) {
          hn::StoreU(hn::Max(minimum, sums[i][j]), d,
                     y + j * y_stride + i * y_output);
        }
      }
      tile_x += positions * x_stride;
      y += positions * y_stride;
    }
  }
};

// By measurement on AVX-512: columns cost more than their loads, and with only
// one, each weight is loaded for a single multiply-add.
constexpr int64_t Step(int64_t outputs, int64_t positions) {
  return StepOf(outputs * positions) + positions + (positions == 1 ? 4 : 0);
}

TileSize ChooseSumsTile(int64_t outputs, int64_t positions) {
  return ChooseTile(kMaxTileRows, outputs, positions, Step);
}

void ComputeSums(const WeightedSums& s, TileSize tile) {
  const int64_t tiles = s.positions / tile.columns;
  const int64_t tiled_positions = tiles * tile.columns;
  const int rest = static_cast<int>(s.positions - tiled_positions);
  for (int64_t m = 0; m < s.outputs; m += tile.rows) {
    const int outputs =
        static_cast<int>(std::min<int64_t>(tile.rows, s.outputs - m));
    const float* weights = s.w + (s.w_tile == 0 ? m : m / tile.rows * s.w_tile);
    for (int64_t lane = 0; lane < kLanes; lane += hn::Lanes(LanesTag())) {
      if (tiles > 0) {
        TileFunction<WeightedSumsTile>(outputs, tile.columns)(s, weights, lane,
                                                              m, 0, tiles);
      }
      if (rest > 0) {
        TileFunction<WeightedSumsTile>(outputs, rest)(s, weights, lane, m,
                                                      tiled_positions, 1);
      }
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(ChooseSumsTile);
HWY_EXPORT(ComputeSums);

TileSize ChooseWeightedSumsTile(int64_t outputs, int64_t positions) {
  return HWY_DYNAMIC_DISPATCH(ChooseSumsTile)(outputs, positions);
}

void ComputeWeightedSums(const WeightedSums& sums, TileSize tile) {
  HWY_DYNAMIC_DISPATCH(ComputeSums)(sums, tile);
}

}  // namespace lenslet
#endif  // HWY_ONCE
