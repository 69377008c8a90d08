// Weighted sums of neighboring positions, within each channel. Depthwise
// convolutions and their input gradients spend most of their time here.
//
//   y[p][c] = max(minimum, start[c] + sum over runs and their taps t of
//             x[run.x][column(p, t)][c] * w[run.w + t * w_stride + c])
//
// for channels c and the positions p of a row. In a convolution, and in a
// transposed one, which only counts whole numbers,
//
//   column(p, t) = p * stride - padding + t
//   column(p, t) = (p + padding - t) / stride
//
// Columns outside the row of x, which has columns 0 to columns - 1, count
// nothing. A tile of positions stays in registers. Each column of x is loaded
// once for all the taps of a run that meet it, so multiply-adds, not loads, are
// what a tile waits for. A sum has one order, whatever the tile and the CPU's
// vectors.

#ifndef LENSLET_OPS_LANES_SLIDING_SUMS_H_
#define LENSLET_OPS_LANES_SLIDING_SUMS_H_

#include <cstdint>
#include <limits>

#include "absl/types/span.h"

namespace lenslet {

// A row of the filter, in floats: where its row of x starts, and its first tap.
struct SlidingRun {
  int64_t x = 0;
  int64_t w = 0;
};

// May read past the end of x, up to the end of its last vector: less than 64
// bytes. Pointers to w and start have no alignment.
struct SlidingRow {
  absl::Span<const SlidingRun> runs;
  int64_t taps = 0;  // Of each run. With `stride`, as in CanSlide().
  int64_t stride = 1;
  bool transposed = false;
  int64_t padding = 0;  // Less than `taps`.
  int64_t columns = 0;  // At least 1.
  // The last position reads at most taps - 1 columns after the row or, if
  // transposed, (taps - 1) / stride.
  int64_t positions = 0;
  int64_t channels = 0;  // Floats at a column and at a position.
  const float* x = nullptr;
  // Whether kLanes channels share each float of w and start: they are lanes.
  // Else `transposed` is not supported.
  bool in_lanes = false;
  const float* w = nullptr;
  int64_t w_stride = 0;          // Between taps.
  const float* start = nullptr;  // Null: 0.
  float minimum = -std::numeric_limits<float>::infinity();
  float* y = nullptr;
};

// Whether there are tiles for runs of so many taps and this stride: 3 or 5 taps
// and stride 1 or 2.
bool CanSlide(int64_t taps, int64_t stride);

void ComputeSlidingRow(const SlidingRow& row);

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_SLIDING_SUMS_H_
