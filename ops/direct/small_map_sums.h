// Convolutions of an image of 2x2 or 3x3 positions with a filter of 3x3,
// padding 1 and stride 1, with output channels in the lanes of vectors.
//
//   y[h][w][k] = max(minimum, start[k] + sum over taps i, j on the input, and
//                channels c, of x[h + i - 1][w + j - 1][c] * w[i][j][c][k])
//
// Most taps of such an image's outputs lie on padding: 20 of 36, or 32 of 81.
// They are left out. All positions stay in registers, so that each weight is
// read once.

#ifndef LENSLET_OPS_DIRECT_SMALL_MAP_SUMS_H_
#define LENSLET_OPS_DIRECT_SMALL_MAP_SUMS_H_

#include <cstdint>
#include <limits>

#include "lenslet/ops/lanes/tile_size.h"

namespace lenslet {

struct SmallMapSums {
  int64_t side = 3;  // Positions along an axis: 2 or 3.
  int64_t input_channels = 0;
  int64_t channels = 0;
  const float* x = nullptr;
  const float* packed_w = nullptr;  // Steps in the order of i, j, c.
  const float* packed_start = nullptr;
  float minimum = -std::numeric_limits<float>::infinity();
  float* y = nullptr;
};

// The tile to pack w for, with PackChannelWeights()
// (ops/direct/channel_sums.h).
TileSize ChooseSmallMapTile(int64_t side, int64_t channels);

// `tile` is the one that w was packed for. packed_w and packed_start, which has
// PackedChannels() elements, are aligned to 64 bytes. A sum has the order of
// ComputeChannelSums().
void ComputeSmallMapSums(const SmallMapSums& sums, TileSize tile);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_SMALL_MAP_SUMS_H_
