// Weighted sums of neighbouring positions, within each channel. Depthwise
// convolutions spend most of their time here.
//
//   y[p][c] = max(minimum, start[c] + sum over runs and their taps t of
//             x[run.x + (p * stride - padding + t) * position + c]
//             * w[run.w + t * w_stride + c])
//
// for channels c and the positions p of a row. Taps on columns outside the row
// of x, which has columns 0 to columns - 1, count nothing. A tile of positions
// stays in registers. Each column of x is loaded once for all the taps of a run
// that meet it, so multiply-adds, not loads, are what a tile waits for. A sum
// has one order, whatever the tile and the CPU's vectors.

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
  int64_t padding = 0;    // Columns before the first one; less than `taps`.
  int64_t columns = 0;    // At least 1.
  int64_t positions = 0;  // The last reads less than `taps` columns outside.
  int64_t channels = 0;   // Floats at a column and at a position.
  const float* x = nullptr;
  // Floats of x and of w that share a weight: 1, or kLanes. Then `channels` is
  // a multiple of it, and w and start have one float for each kLanes channels.
  int64_t lanes_of_weight = 1;
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
