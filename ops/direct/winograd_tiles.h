// The transforms of Winograd's convolutions (ops/lanes/winograd.h) of one image
// with its channels in the lanes of vectors.
//
// All 36 points of some tiles are transformed together: unlike a block's, those
// of an image fit the L2 cache. Arrays of points are [point][tile][channel],
// with PackedChannels() channels (ops/direct/channel_sums.h). So the products
// of a point are channel sums of which each tile is a position.
//
// In the filter's gradient (ops/lanes/winograd.h), the products of a point are
// a matrix product over the tiles of many images. It takes the points of a pair
// of rows at a time.

#ifndef LENSLET_OPS_DIRECT_WINOGRAD_TILES_H_
#define LENSLET_OPS_DIRECT_WINOGRAD_TILES_H_

#include <cstdint>

#include "lenslet/ops/direct/pool_2x2.h"
#include "lenslet/ops/lanes/winograd.h"

namespace lenslet {

// Computes B^T d B, for all points or those of a pair.
struct WinogradTilesInput {
  int64_t taps = 3;  // Of the filter along an axis.
  int pair = kAllWinogradPairs;
  WinogradTiles tiles = {};
  // An image, [height, width, channels]. Outside, it is zero. Its element
  // (-before_rows, -before_columns) is the first that output (0, 0) reads. May
  // be read past its end, less than 64 bytes.
  const float* x = nullptr;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t before_rows = 0;
  int64_t before_columns = 0;
  const float* zeros = nullptr;  // width * channels, and as far past the end.
  float* points = nullptr;
  int64_t point_stride = 0;  // In floats.
  // Scratch memory: WinogradTilesColumnsFloats() floats.
  float* columns = nullptr;
};

int64_t WinogradTilesColumnsFloats(int64_t taps, int64_t tile_columns);

void TransformTilesInput(const WinogradTilesInput& input);

// Computes pool(max(minimum, A^T [products] A + bias)).
struct WinogradTilesOutput {
  int64_t taps = 3;
  WinogradTiles tiles = {};
  const float* points = nullptr;
  int64_t point_stride = 0;
  const float* packed_bias = nullptr;  // PackedChannels() floats.
  float minimum = 0;
  Pool2x2 pool = Pool2x2::kNone;
  // An image, [height, width, channels]; with pooling, half as high and wide,
  // rounded down.
  float* y = nullptr;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
};

void TransformTilesOutput(const WinogradTilesOutput& output);

// Computes A dy A^T of tiles of outputs' gradients, for the points of a pair.
struct WinogradTilesGradient {
  int64_t taps = 3;
  int pair = 0;
  WinogradTiles tiles = {};
  // An image, [height, width, channels]. Outside, it is zero. May be read past
  // its end, less than 64 bytes.
  const float* dy = nullptr;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  float* points = nullptr;
  int64_t point_stride = 0;
};

void TransformTilesGradient(const WinogradTilesGradient& gradient);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_WINOGRAD_TILES_H_
