// Weighted sums within each channel, with channels in the lanes of vectors, for
// depthwise convolutions of one image that ops/lanes/sliding_sums.h does not
// compute.
//
//   y[p][c] = max(minimum, start[c] + sum over runs and their taps t of
//             x[p * x_stride + run.x + t * x_step + c]
//             * w[run.w + t * w_stride + c])
//
// for channels c and the positions p of a row. A row is cut into spans of
// positions that use the same taps. A tile of positions by vectors of channels
// stays in registers. Each tap loads one vector of w for each vector of the
// tile, and one vector of x for each sum.

#ifndef LENSLET_OPS_DIRECT_DEPTHWISE_SUMS_H_
#define LENSLET_OPS_DIRECT_DEPTHWISE_SUMS_H_

#include <cstdint>
#include <limits>

#include "absl/types/span.h"
#include "lenslet/ops/lanes/sliding_sums.h"
#include "lenslet/ops/lanes/tile_size.h"

namespace lenslet {

// Neighboring positions that use the same taps of every run.
struct DepthwiseSpan {
  int64_t positions = 0;
  int64_t channels = 0;  // At each position.
  // Strides and starts are in floats.
  int64_t x = 0;         // From the row's x to the first position's first tap.
  int64_t x_stride = 0;  // Between positions.
  int64_t w = 0;         // From the runs' first tap to the first one used.
  int64_t taps = 0;      // Of each run, starting there.
  int64_t y = 0;
  int64_t y_stride = 0;
  TileSize tile = {};  // ChooseDepthwiseTile(positions, channels)
};

// May read past the end of x, up to the end of its last vector: less than 64
// bytes.
struct DepthwiseRow {
  absl::Span<const SlidingRun> runs;
  absl::Span<const DepthwiseSpan> spans;
  const float* x = nullptr;
  int64_t x_step = 0;
  // w and start are aligned to 64 bytes. Rows of w have w_stride floats, a
  // whole number of vectors (PackedChannels() in ops/direct/channel_sums.h).
  const float* w = nullptr;
  int64_t w_stride = 0;
  const float* start = nullptr;
  float minimum = -std::numeric_limits<float>::infinity();
  float* y = nullptr;
};

// The fastest tile, of positions by vectors, on this CPU.
TileSize ChooseDepthwiseTile(int64_t positions, int64_t channels);

void ComputeDepthwiseRow(const DepthwiseRow& row);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_DEPTHWISE_SUMS_H_
