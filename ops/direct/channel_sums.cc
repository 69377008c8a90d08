#include "lenslet/ops/direct/channel_sums.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/direct/channel_sums.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "lenslet/ops/direct/quads.h"
#include "lenslet/ops/lanes/partial-inl.h"
#include "lenslet/ops/lanes/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lenslet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A tile's part of w, and the channels that its vectors hold.
struct Panel {
  const float* w;
  const float* start;
  int64_t channels;
};

template <int positions, int vectors>
struct ChannelSumsTile {
  // Computes `tiles` tiles in each row, from position `first` on. All in one
  // call: many a tile takes hardly longer than a call.
  static void Run(const ChannelSums& s, const Panel& panel, int64_t first,
                  int64_t tiles, float* y) {
    Panel row_panel = panel;
    for (int64_t row = 0; row < s.rows; ++row) {
      const float* x_tile = s.x + row * s.x_row_stride + first * s.x_stride;
      float* y_tile = y + row * s.y_row_stride + first * s.y_stride;
      for (int64_t tile = 0; tile < tiles; ++tile) {
        RunTile(s, row_panel, x_tile, y_tile);
        x_tile += positions * s.x_stride;
        y_tile += positions * s.y_stride;
      }
      row_panel.w += s.w_row_stride;
    }
  }

  static HWY_INLINE void RunTile(const ChannelSums& s, const Panel& panel,
                                 const float* HWY_RESTRICT x,
                                 float* HWY_RESTRICT y) {
    const LanesTag d;
    using V = hn::Vec<LanesTag>;
    const int64_t lanes = hn::Lanes(d);
    const int64_t stride = s.x_stride;
    const int64_t stride3 = 3 * stride;
    V sums[positions][vectors];
    HWY_UNROLL(32)
    for (int j = 0; j < vectors; ++j) {
      const V start = hn::Load(d, panel.start + j * lanes);
      HWY_UNROLL(32)
      for (int i = 0; i < positions; ++i) sums[i][j] = start;
    }
    for (const ChannelRun& run : s.runs) {
      // Addresses of a pointer and at most one register for four positions: so
      // they fit the general registers.
      constexpr int kQuads = (positions + 3) / 4;
      const float* quads[kQuads];
      HWY_UNROLL(8)
      for (int q = 0; q < kQuads; ++q) quads[q] = x + run.x + 4 * q * stride;
      const float* HWY_RESTRICT w = panel.w + run.step * vectors * lanes;
      for (int64_t step = run.count; step > 0; --step) {
        V weights[vectors];
        HWY_UNROLL(32)
        for (int j = 0; j < vectors; ++j) {
          weights[j] = hn::Load(d, w + j * lanes);
        }
        HWY_UNROLL(32)
        for (int i = 0; i < positions; ++i) {
          const V number =
              hn::Set(d, NumberOfQuad(quads[i / 4], i, stride, stride3));
          HWY_UNROLL(32)
          for (int j = 0; j < vectors; ++j) {
            sums[i][j] = hn::MulAdd(number, weights[j], sums[i][j]);
          }
        }
        HWY_UNROLL(8)
        for (int q = 0; q < kQuads; ++q) ++quads[q];
        w += vectors * lanes;
      }
    }
    const V minimum = hn::Set(d, s.minimum);
    const int64_t last = panel.channels - (vectors - 1) * lanes;
    HWY_UNROLL(32)
    for (int i = 0; i < positions; ++i) {
      HWY_UNROLL(32)
      for (int j = 0; j < vectors; ++j) {
        const V sum = hn::Max(minimum, sums[i][j]);
        if (j + 1 < vectors || last == lanes) {
          hn::StoreU(sum, d, y + j * lanes);
        } else {
          StoreFirst(d, last, sum, y + j * lanes);
        }
      }
      y += s.y_stride;
    }
  }
};

// With more positions, the distances between them no longer fit the general
// registers: tiles of 14 and more positions are slower than those of 12.
TileSize ChooseSumsTile(int64_t positions, int64_t vectors) {
  const auto step = [](int64_t rows, int64_t columns) {
    return StepOf(std::max(rows * columns, rows + columns)) + 1;
  };
  return ChooseTile(/*max_rows=*/16, positions, vectors, step);
}

void ComputePanel(const ChannelSums& s, const Panel& panel, int vectors,
                  int tile_positions, float* y) {
  const int rest = static_cast<int>(s.positions % tile_positions);
  TileFunction<ChannelSumsTile>(tile_positions, vectors)(
      s, panel, 0, s.positions / tile_positions, y);
  if (rest == 0) return;
  TileFunction<ChannelSumsTile>(rest, vectors)(s, panel, s.positions - rest, 1,
                                               y);
}

void ComputeSums(const ChannelSums& s, TileSize tile) {
  const int64_t lanes = hn::Lanes(LanesTag());
  const int64_t width = tile.columns * lanes;
  for (int64_t k = 0; k < s.channels; k += width) {
    const int64_t channels = std::min(width, s.channels - k);
    const int vectors = static_cast<int>((channels + lanes - 1) / lanes);
    ComputePanel(s,
                 {.w = s.packed_w + k * s.steps,
                  .start = s.packed_start + k,
                  .channels = channels},
                 vectors, tile.rows, s.y + k);
  }
}

int64_t VectorLanes() { return hn::Lanes(LanesTag()); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lenslet
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lenslet {

HWY_EXPORT(ChooseSumsTile);
HWY_EXPORT(ComputeSums);
HWY_EXPORT(VectorLanes);

TileSize ChooseChannelSumsTile(int64_t positions, int64_t channels) {
  return HWY_DYNAMIC_DISPATCH(ChooseSumsTile)(
      positions, PackedChannels(channels) / ChannelLanes());
}

int64_t ChannelLanes() { return HWY_DYNAMIC_DISPATCH(VectorLanes)(); }

int64_t PackedChannels(int64_t channels) {
  const int64_t lanes = ChannelLanes();
  return (channels + lanes - 1) / lanes * lanes;
}

void PackChannelWeights(TileSize tile, int64_t channels, int64_t steps,
                        const float* w, float* packed_w) {
  const int64_t tile_width = tile.columns * ChannelLanes();
  for (int64_t k = 0; k < channels; k += tile_width) {
    const int64_t width = std::min(tile_width, PackedChannels(channels - k));
    for (int64_t s = 0; s < steps; ++s) {
      for (int64_t i = k; i < k + width; ++i) {
        *packed_w++ = i < channels ? w[i * steps + s] : 0.0f;
      }
    }
  }
}

void ComputeChannelSums(const ChannelSums& sums, TileSize tile) {
  HWY_DYNAMIC_DISPATCH(ComputeSums)(sums, tile);
}

}  // namespace lenslet
#endif  // HWY_ONCE
