// Winograd's algorithm along rows, F(4, 5), for a filter of 5x5 of one input
// channel: with output channels in the lanes of vectors.
//
// Four outputs of a row are A^T [sum over filter rows i of (G w_i) * (B^T
// x_i)], where * is by element and x_i are 8 numbers of row i of the input.
// With the finite points 0, 1, -1, 2, -2, 1/2, -1/2:
//   B^T row p: the coefficients of the product of (z - q) over all other finite
//              points q; for the point at infinity, over all finite points
//   G row p:   p^k, k = 0..4, over the product of (p - q); for infinity: k = 4
//   A^T row j: p^j; for infinity: j = 3
// So 4 outputs take 40 multiply-adds instead of 100, and 18 additions. The
// transform of the input serves all output channels. (In both dimensions,
// ops/lanes/winograd.h, the transform of the products would take longer than
// what it saves for one input channel.)

#ifndef LENSLET_OPS_DIRECT_WINOGRAD_ROWS_H_
#define LENSLET_OPS_DIRECT_WINOGRAD_ROWS_H_

#include <cstdint>
#include <limits>

#include "lenslet/ops/direct/pool_2x2.h"

namespace lenslet {

inline constexpr int kRowTaps = 5;    // Of the filter, along both axes.
inline constexpr int kRowPoints = 8;  // Numbers of the input of a tile.
inline constexpr int kRowOutputs = 4;

// B^T of a row of an image: points[tile][kRowPoints] for x[kRowOutputs * tile],
// ...
struct WinogradRowInput {
  const float* x = nullptr;  // kRowOutputs * (tiles + 1) floats.
  int64_t tiles = 0;
  float* points = nullptr;
};

void TransformRowInput(const WinogradRowInput& input);

// An element of G times a row of kRowTaps taps.
float RowFilterPoint(int point, const float* row);

// G of a filter of `channels` filters of [kRowTaps, kRowTaps], to [vector of
// channels][point][filter row][lane]: kRowPoints * kRowTaps * PackedChannels()
// (ops/direct/channel_sums.h) floats.
void TransformRowFilter(int64_t channels, const float* w, float* packed_w);

// y = pool(max(minimum, start + A^T [products]))
struct WinogradRowSums {
  // Of sums.
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t channels = 0;
  // [rows + kRowTaps - 1, or one more if `rows` is odd][tiles][kRowPoints]
  const float* points = nullptr;
  int64_t tiles = 0;  // Of a row: columns / kRowOutputs, rounded up.
  const float* packed_w = nullptr;
  const float* packed_start = nullptr;  // PackedChannels() floats.
  float minimum = -std::numeric_limits<float>::infinity();
  // Of the sums' rows and columns. A last odd one is left out.
  Pool2x2 pool = Pool2x2::kNone;
  float* y = nullptr;  // [rows, columns, channels] of what is written.
};

void ComputeWinogradRowSums(const WinogradRowSums& sums);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_WINOGRAD_ROWS_H_
