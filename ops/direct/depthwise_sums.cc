#include "lenslet/ops/direct/depthwise_sums.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/depthwise_sums.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <int positions, int vectors>
struct DepthwiseTile {
  // From the first position's first channel; `channels` are left.
  static void Run(const DepthwiseRow& row, const DepthwiseSpan& span,
                  const float* HWY_RESTRICT x, const float* HWY_RESTRICT w,
                  const float* HWY_RESTRICT start, int64_t channels,
                  float* HWY_RESTRICT y) {
    const LanesTag d;
    using V = hn::Vec<LanesTag>;
    const int64_t lanes = hn::Lanes(d);
    const int64_t x_stride = span.x_stride;
    V sums[positions][vectors];
    HWY_UNROLL(32)
    for (int j = 0; j < vectors; ++j) {
      const V first = hn::Load(d, start + j * lanes);
      HWY_UNROLL(32)
      for (int i = 0; i < positions; ++i) sums[i][j] = first;
    }
    for (const SlidingRun& run : row.runs) {
      const float* HWY_RESTRICT x_tap = x + run.x;
      const float* HWY_RESTRICT w_tap = w + run.w;
      for (int64_t tap = span.taps; tap > 0; --tap) {
        V weights[vectors];
        HWY_UNROLL(32)
        for (int j = 0; j < vectors; ++j) {
          weights[j] = LoadedOnce(hn::Load(d, w_tap + j * lanes));
        }
        HWY_UNROLL(32)
        for (int i = 0; i < positions; ++i) {
          HWY_UNROLL(32)
          for (int j = 0; j < vectors; ++j) {
            sums[i][j] =
                hn::MulAdd(hn::LoadU(d, x_tap + i * x_stride + j * lanes),
                           weights[j], sums[i][j]);
          }
        }
        x_tap += row.x_step;
        w_tap += row.w_stride;
      }
    }
    const V minimum = hn::Set(d, row.minimum);
    const int64_t last = channels - (vectors - 1) * lanes;
    HWY_UNROLL(32)
    for (int i = 0; i < positions; ++i) {
      HWY_UNROLL(32)
      for (int j = 0; j < vectors; ++j) {
        const V sum = hn::Max(minimum, sums[i][j]);
        if (j + 1 < vectors || last >= lanes) {
          hn::StoreU(sum, d, y + j * lanes);
        } else {
          StoreFirst(d, last, sum, y + j * lanes);
        }
      }
      y += span.y_stride;
    }
  }
};

// Each sum loads a vector, so loads are what a tile waits for; and what it does
// besides its taps takes some ten cycles, two for each of nine taps.
TileSize ChooseTileForSums(int64_t positions, int64_t channels) {
  const int64_t lanes = hn::Lanes(LanesTag());
  const auto step = [](int64_t rows, int64_t columns) {
    return StepOf(rows * columns + columns) + 3;
  };
  return ChooseTile(/*max_rows=*/12, positions, (channels + lanes - 1) / lanes,
                    step);
}

void ComputeSpan(const DepthwiseRow& row, const DepthwiseSpan& span) {
  const int64_t lanes = hn::Lanes(LanesTag());
  const int64_t width = span.tile.columns * lanes;
  const int64_t rest = span.positions % span.tile.rows;
  const int64_t tiled = span.positions - rest;
  for (int64_t c = 0; c < span.channels; c += width) {
    const int64_t channels = std::min(width, span.channels - c);
    const int vectors = static_cast<int>((channels + lanes - 1) / lanes);
    const float* x = row.x + span.x + c;
    const float* w = row.w + span.w + c;
    const float* start = row.start + c;
    float* y = row.y + span.y + c;
    const auto run_tile = TileFunction<DepthwiseTile>(span.tile.rows, vectors);
    for (int64_t p = 0; p < tiled; p += span.tile.rows) {
      run_tile(row, span, x + p * span.x_stride, w, start, channels,
               y + p * span.y_stride);
    }
    if (rest > 0) {
      TileFunction<DepthwiseTile>(static_cast<int>(rest), vectors)(
          row, span, x + tiled * span.x_stride, w, start, channels,
          y + tiled * span.y_stride);
    }
  }
}

void ComputeRow(const DepthwiseRow& row) {
  for (const DepthwiseSpan& span : row.spans) ComputeSpan(row, span);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(ChooseTileForSums);
HWY_EXPORT(ComputeRow);

TileSize ChooseDepthwiseTile(int64_t positions, int64_t channels) {
  return HWY_DYNAMIC_DISPATCH(ChooseTileForSums)(positions, channels);
}

void ComputeDepthwiseRow(const DepthwiseRow& row) {
  HWY_DYNAMIC_DISPATCH(ComputeRow)(row);
}

}  // namespace lenslet
#endif  // HWY_ONCE
