// Weighted sums with channels in the lanes of vectors. Convolutions and linear
// operators on one image spend most of their time here.
//
//   y[r][p][k] = max(minimum, start[k] + sum over runs and their steps s of
//                x[r * x_row_stride + p * x_stride + run.x + s]
//                * w[r][run.step + s][k])
//
// for rows r, positions p and channels k. A tile of positions by vectors of
// channels stays in registers. Each step loads one vector of w for each vector
// of the tile, and one number of x for each position.

#ifndef LENSLET_OPS_DIRECT_CHANNEL_SUMS_H_
#define LENSLET_OPS_DIRECT_CHANNEL_SUMS_H_

#include <cstdint>
#include <limits>

#include "absl/types/span.h"
#include "lenslet/ops/lanes/tile_size.h"

namespace lenslet {

// Steps through numbers of x and rows of w.
struct ChannelRun {
  int64_t x = 0;  // Floats from the position to the first step's x.
  int64_t step = 0;
  int64_t count = 0;
};

struct ChannelSums {
  absl::Span<const ChannelRun> runs;
  int64_t rows = 1;
  int64_t positions = 0;  // In a row.
  int64_t channels = 0;
  int64_t steps = 0;  // Of all runs; the number of rows of w.
  // Strides are in floats.
  const float* x = nullptr;
  int64_t x_stride = 0;  // Between positions.
  int64_t x_row_stride = 0;
  const float* packed_w = nullptr;
  int64_t w_row_stride = 0;  // 0: all rows have the same w.
  const float* packed_start = nullptr;
  float minimum = -std::numeric_limits<float>::infinity();
  float* y = nullptr;
  int64_t y_stride = 0;  // Between positions.
  int64_t y_row_stride = 0;
};

// The fastest tile on this CPU, of positions by vectors, for this many channels
// and positions in a row.
TileSize ChooseChannelSumsTile(int64_t positions, int64_t channels);

// Floats in a vector on this CPU.
int64_t ChannelLanes();

// `channels`, rounded up to whole vectors on this CPU.
int64_t PackedChannels(int64_t channels);

// Writes w to packed_w in the order in which tiles read it: for each
// `tile.columns` vectors of channels, one step after the other. w[k * steps +
// s] is the weight of channel k and step s. packed_w has steps *
// PackedChannels() elements.
void PackChannelWeights(TileSize tile, int64_t channels, int64_t steps,
                        const float* w, float* packed_w);

// `tile` is the one that w was packed for. packed_w and packed_start, which has
// PackedChannels() elements, are aligned to 64 bytes.
void ComputeChannelSums(const ChannelSums& sums, TileSize tile);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_CHANNEL_SUMS_H_
