// Pooling over windows with the same taps, with channels in the lanes of
// vectors.

#ifndef LENSLET_OPS_POOL_POOL_DIRECT_WINDOWS_H_
#define LENSLET_OPS_POOL_POOL_DIRECT_WINDOWS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// For rows r, windows p and channels c, with x' = x + r * x_row_stride:
//   maximum   y[r][p][c] = max over taps t of x'[p * x_stride + t + c]
//   minimum   the same with min
//   average   the same with a sum, times `factor`
//   softmax   the mean of x' with weights softmax(x' * factor)
// Stores of whole vectors may overwrite y after a window's channels, up to
// y_end. The caller must write these numbers later. May read 64 bytes past the
// end of x.
struct PoolWindows {
  PoolKind kind = PoolKind::kMax;
  absl::Span<const int64_t> taps;  // At least one.
  float factor = 1;
  int64_t rows = 1;
  int64_t windows = 0;  // In a row.
  int64_t channels = 0;
  const float* x = nullptr;
  int64_t x_stride = 0;
  int64_t x_row_stride = 0;
  float* y = nullptr;
  float* y_end = nullptr;
};

void ComputePoolWindows(const PoolWindows& windows);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_DIRECT_WINDOWS_H_
