// Weighted sums of a single position with channels in the lanes of vectors, for
// few channels: linear operators on one row.
//
//   y[k] = max(minimum, start[k] + sum over steps s of x[s] * w[s][k])
//
// A multiply-add waits some four cycles for the one before it of the same sum.
// Few channels are few sums, so each is computed as kRowChains sums: of steps
// 0, 4, 8, ..., of 1, 5, ..., and so on. These are then added as (0 + 1) + (2 +
// 3); `start` is part of the first. So the order of a sum is the same for all
// vectors and CPUs.

#ifndef LENSLET_OPS_DIRECT_ROW_SUMS_H_
#define LENSLET_OPS_DIRECT_ROW_SUMS_H_

#include <cstdint>
#include <limits>

#include "lenslet/ops/lanes/tile_size.h"

namespace lenslet {

inline constexpr int kRowChains = 4;

struct RowSums {
  int64_t channels = 0;
  int64_t steps = 0;
  const float* x = nullptr;
  const float* packed_w = nullptr;
  const float* packed_start = nullptr;
  float minimum = -std::numeric_limits<float>::infinity();
  float* y = nullptr;
};

// Whether so few channels are faster with these sums. Depends only on the
// shape, as the order of sums does.
bool PrefersRowSums(int64_t channels, int64_t steps);

// The tile to pack w for, with PackChannelWeights()
// (ops/direct/channel_sums.h).
TileSize ChooseRowSumsTile(int64_t channels);

// `tile` is the one that w was packed for. packed_w and packed_start, which has
// PackedChannels() elements, are aligned to 64 bytes.
void ComputeRowSums(const RowSums& sums, TileSize tile);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_ROW_SUMS_H_
