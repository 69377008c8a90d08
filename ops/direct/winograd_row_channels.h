// The transforms of Winograd's algorithm along rows (winograd_rows.h) with
// channels in the lanes of vectors, for filters of several input channels.
//
// The products of a point are channel sums (channel_sums.h) over the filter's
// rows and the input's channels; each tile of four outputs of a row is a
// position. The transforms cost a few operations for each number, and so pay
// for fewer channels than those along both axes (winograd_tiles.h).

#ifndef LENSLET_OPS_DIRECT_WINOGRAD_ROW_CHANNELS_H_
#define LENSLET_OPS_DIRECT_WINOGRAD_ROW_CHANNELS_H_

#include <cstdint>

#include "lenslet/ops/direct/pool_2x2.h"

namespace lenslet {

// B^T of a row of an image: [point][tile][PackedChannels()].
struct WinogradRowChannelsInput {
  // kRowOutputs * (tiles + 1) positions of `channels` floats. May be read past
  // its end, less than 64 bytes.
  const float* x = nullptr;
  int64_t channels = 0;
  int64_t tiles = 0;
  float* points = nullptr;
  int64_t point_stride = 0;
};

void TransformRowChannelsInput(const WinogradRowChannelsInput& input);

// pool(max(minimum, start + A^T [products])) of some rows of an image.
struct WinogradRowChannelsOutput {
  // Of sums. With pooling, `rows` is even, or the last one is left out.
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t channels = 0;
  int64_t tiles = 0;  // Of a row.
  // [point][row][tile][PackedChannels()]
  const float* products = nullptr;
  int64_t point_stride = 0;
  const float* packed_start = nullptr;
  float minimum = 0;
  Pool2x2 pool = Pool2x2::kNone;
  float* y = nullptr;  // [rows, columns, channels] of what is written.
};

void TransformRowChannelsOutput(const WinogradRowChannelsOutput& output);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_WINOGRAD_ROW_CHANNELS_H_
