// Sums over the taps of a filter of one input channel, with output channels in
// the lanes of vectors and all of a vector's weights in registers.
//
//   sum[r][p][k] = max(minimum, start[k] + sum over taps i, j of
//                  x[(r * stride_rows + i) * x_row + p * stride_columns + j]
//                  * w[k][i][j])
//   y = pool(sum)
//
// Each multiply-add reads one number of x and nothing else: other kernels
// (ops/direct/channel_sums.h) read weights for each tile and keep sums in
// registers, which takes longer where sums are short.

#ifndef LENSLET_OPS_DIRECT_TAP_SUMS_H_
#define LENSLET_OPS_DIRECT_TAP_SUMS_H_

#include <cstdint>
#include <limits>

#include "lenslet/ops/direct/pool_2x2.h"

namespace lenslet {

struct TapSums {
  int64_t taps = 3;  // Along both axes: 3 or 5.
  // Of sums.
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t channels = 0;
  int64_t stride_rows = 1;
  int64_t stride_columns = 1;
  const float* x = nullptr;
  int64_t x_row = 0;  // Floats between rows.
  // As PackChannelWeights() (ops/direct/channel_sums.h) writes them for tiles
  // of one vector, aligned to 64 bytes. packed_start has PackedChannels()
  // elements.
  const float* packed_w = nullptr;
  const float* packed_start = nullptr;
  float minimum = -std::numeric_limits<float>::infinity();
  // Of the sums' rows and columns. A last odd one is left out.
  Pool2x2 pool = Pool2x2::kNone;
  float* y = nullptr;  // [rows, columns, channels] of what is written.
};

// Whether this CPU has enough registers.
bool HasTapSums();

// The bits of a sum are those of ComputeChannelSums().
void ComputeTapSums(const TapSums& sums);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_TAP_SUMS_H_
