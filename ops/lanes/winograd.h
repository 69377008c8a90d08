// The transforms of Winograd's convolutions F(4x4, 3x3) and F(2x2, 5x5), with
// the images of a block in lanes. A tile is 4x4 or 2x2 outputs y of a filter g
// of 3x3 or 5x5 taps, from the 6x6 inputs d under it:
//
//   y = A^T [(G g G^T) * (B^T d B)] A
//
// where * multiplies elements. It takes 36 multiplications for each pair of
// channels, where the definition takes 144 or 100. For many channels, products
// of the same point (i, j) of the 6x6 points are matrix products: tiles by
// channels.
//
// The points of interpolation are 0, a, -a, b, -b and infinity, with
//
//          | a^2 b^2    0      -a^2 - b^2      0       1  0 |
//          |    0    -a b^2       -b^2         a       1  0 |
//   B^T  = |    0     a b^2       -b^2        -a       1  0 |
//          |    0    -a^2 b       -a^2         b       1  0 |
//          |    0     a^2 b       -a^2        -b       1  0 |
//          |    0    a^2 b^2        0     -a^2 - b^2   0  1 |
//
// For a finite point p, the row of G is (1, p, p^2, ...) / n(p), with
// n(0) = a^2 b^2, n(a) = n(-a) = 2 a^2 (a^2 - b^2) and n(b) = n(-b) =
// 2 b^2 (b^2 - a^2), and the row of A is (1, p, p^2, ...). For infinity, both
// are (0, ..., 0, 1). a = 5/8 and b = 3/2 are exact in float, as are all the
// products of theirs in A and B, and they amplify rounding errors half as much
// as the usual 1 and 2 (ops/conv/conv_case.cc).
//
// The same matrices give the filter's gradient from that of the outputs:
//
//   dg = G^T [sum over tiles of (A dy A^T) * (B^T d B)] G
//
// and the inputs' gradient, to which overlapping tiles add up:
//
//   dd = B [(G g G^T) * (A dy A^T)] B^T
//
// Transforms run for all points, or for a pair of rows of points at a time: 0
// and infinity, a and -a, b and -b. The rows of a pair share most of their
// arithmetic, and the transformed numbers of a pair need a third of the cache
// that those of all points do. All at once, each input is read and each output
// written only once. The results are the same.
//
// Source: Lavin and Gray, "Fast algorithms for convolutional neural networks",
// 2016; for the points Barabasz, Anderson, Soodhalter and Gregg, "Error
// analysis and improving the accuracy of Winograd convolution for deep neural
// networks", 2020.

#ifndef LENSLET_OPS_LANES_WINOGRAD_H_
#define LENSLET_OPS_LANES_WINOGRAD_H_

#include <cstdint>

#include "lenslet/tensor/lanes.h"

namespace lenslet {

// The number of a tile's inputs along an axis, and that of its outputs for
// filters with this many taps along an axis: 3 or 5.
inline constexpr int64_t kWinogradInputs = 6;
inline constexpr int64_t WinogradOutputs(int64_t taps) {
  return kWinogradInputs + 1 - taps;
}
// The number of tiles along an axis of `outputs` outputs.
inline constexpr int64_t WinogradTilesAlong(int64_t taps, int64_t outputs) {
  return (outputs + WinogradOutputs(taps) - 1) / WinogradOutputs(taps);
}
inline constexpr int64_t kWinogradPoints = 36;
inline constexpr int kWinogradPairs = 3;
inline constexpr int64_t kWinogradPairPoints = 12;
// In place of a pair: all 36 points, in their order.
inline constexpr int kAllWinogradPairs = -1;

// The index, among the 36 points, of point i of a pair.
inline constexpr int64_t WinogradPoint(int pair, int64_t i) {
  constexpr int kRows[kWinogradPairs][2] = {{0, 5}, {1, 2}, {3, 4}};
  return kRows[pair][i / kWinogradInputs] * kWinogradInputs +
         i % kWinogradInputs;
}

// A rectangle of tiles. Output row 0 is the first row of tile row 0.
struct WinogradTiles {
  int64_t row = 0;
  int64_t column = 0;
  int64_t rows = 0;
  int64_t columns = 0;

  int64_t count() const { return rows * columns; }
};

// Computes B^T d B for the points of a pair, or for all.
struct WinogradInput {
  int64_t taps = 3;  // Of the filter along an axis.
  int pair = kAllWinogradPairs;
  WinogradTiles tiles = {};
  // One group of images, [height, width, channels, kLanes]. Outside, it is
  // zero. Its element (-before_rows, -before_columns) is the first that output
  // (0, 0) reads.
  const float* x = nullptr;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t before_rows = 0;
  int64_t before_columns = 0;
  // Where to write, [point of the pair, or point][tile][channel][kLanes].
  float* points = nullptr;
  int64_t point_stride = 0;  // In floats.
  // Scratch memory: WinogradColumnsFloats() floats.
  float* columns = nullptr;
};

// What all pairs need, if `pair` is one.
int64_t WinogradColumnsFloats(int pair, int64_t taps, int64_t tile_columns,
                              int64_t channels);

void TransformWinogradInput(const WinogradInput& input);

// Computes max(minimum, A^T [products] A + bias) of some neighboring channels.
// For a pair, adds what it contributes: call for pairs 0, 1 and 2, in this
// order.
struct WinogradOutput {
  int64_t taps = 3;
  int pair = kAllWinogradPairs;
  WinogradTiles tiles = {};
  int64_t tile_channels = 0;  // How many channels, from the first of `y` on.
  // [point of the pair, or point][tile][channel][kLanes].
  const float* points = nullptr;
  int64_t point_stride = 0;
  // One number for each channel; null: zeros.
  const float* bias = nullptr;
  float minimum = 0;
  // One group of images, [height, width, channels, kLanes], from row
  // `first_row` on.
  float* y = nullptr;
  int64_t first_row = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;  // Of all.
};

void TransformWinogradOutput(const WinogradOutput& output);

// Adds B [products] B^T to the gradient of the inputs under each tile, tile by
// tile.
struct WinogradInputGradient {
  int64_t taps = 3;
  WinogradTiles tiles = {};
  // [point][tile][channel][kLanes].
  const float* points = nullptr;
  int64_t point_stride = 0;
  // One group of images, as x of WinogradInput.
  float* dx = nullptr;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t before_rows = 0;
  int64_t before_columns = 0;
};

void AddWinogradInputGradient(const WinogradInputGradient& gradient);

// G g G^T, elementwise for `size` filters of taps x taps numbers: tap t of
// filter i is g[t * size + i], and point p is written to points[p *
// point_stride + i]. `size` is a multiple of kLanes.
void TransformWinogradFilters(int64_t taps, int64_t size, const float* g,
                              float* points, int64_t point_stride);

// Adds G^T m G to gradients of `size` filters: point p of filter i is
// m[p * point_stride + i], and the gradient of its tap t dg[t * tap_stride +
// i]. Less than 64 bytes after a point's numbers are read, but do not matter.
void AddWinogradFilterGradients(int64_t taps, int64_t size, const float* m,
                                int64_t point_stride, float* dg,
                                int64_t tap_stride);

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_WINOGRAD_H_
