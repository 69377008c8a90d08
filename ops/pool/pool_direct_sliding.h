// Largest and smallest numbers of windows that move by one position along a
// row.

#ifndef LENSLET_OPS_POOL_POOL_DIRECT_SLIDING_H_
#define LENSLET_OPS_POOL_POOL_DIRECT_SLIDING_H_

#include <cstdint>

#include "absl/types/span.h"

namespace lenslet {

// For each float i of an output row:
//   y[i] = max over taps t of m[i + t * step]
//   m[before + i] = max over rows r of x[r + i]
// or min. The floats of m that no input has are those of padding, which never
// win. All floats of a row follow each other whatever its positions and
// channels are, so no vector is partly used but the last.
struct SlidingPoolRow {
  bool minimum = false;
  absl::Span<const int64_t> rows;  // Floats from x to each row, at least one.
  int64_t taps = 1;
  int64_t step = 0;          // Floats from a tap to the next.
  const float* x = nullptr;  // May be read 64 bytes past the end of a row.
  int64_t x_size = 0;        // Floats of a row.
  int64_t before = 0;        // Floats of padding.
  float* m = nullptr;        // SlidingPoolScratch() floats.
  float* y = nullptr;
  int64_t y_size = 0;  // Floats of a row.
};

// The floats of m. It has to hold what PrepareSlidingPool() writes before the
// first row.
int64_t SlidingPoolScratch(const SlidingPoolRow& row);
void PrepareSlidingPool(const SlidingPoolRow& row);

// Does not write past the end of y.
void ComputeSlidingPool(const SlidingPoolRow& row);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_DIRECT_SLIDING_H_
