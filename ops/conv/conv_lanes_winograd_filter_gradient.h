// The gradient of a convolution in lanes with respect to its filter, by
// Winograd's algorithm (ops/lanes/winograd.h):
//
//   dw = G^T [sum over images and tiles of (A dz A^T) * (B^T x B)] G
//
// For each of the 36 points, the sum is a matrix product: output channels by
// tiles and images, times tiles and images by input channels. It takes 36
// multiplications for each tile and pair of channels where sums of products
// take 144, or 100 for filters of 5x5.
//
// As in conv_lanes_filter_gradient.h, copies leave the lanes: a vector holds
// channels, in the transforms and in the products.

#ifndef LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_FILTER_GRADIENT_H_
#define LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_FILTER_GRADIENT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "lenslet/ops/conv/conv_lanes_winograd.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/ops/lanes/winograd.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The expected time of the algorithm as a share of that of sums of products,
// and whether it is less. Depends only on the shape, so that results do not
// depend on the CPU.
double WinogradFilterGradientShare(const WinogradConv& conv);
bool WinogradFilterGradientIsFaster(const WinogradConv& conv);

// Each number of a point's sum is a chain of fused multiply-adds in a fixed
// order: band of output rows by band, some images at a time, image by image and
// tile by tile. Bands and images depend on the shape alone. So all CPUs with
// fused multiply-adds compute the same bits.
class ConvLanesWinogradFilterGradient {
 public:
  explicit ConvLanesWinogradFilterGradient(const WinogradConv& conv);

  // Errors: ResourceExhausted.
  absl::Status Allocate();

  // The size of the memory that the calls below use as scratch. It must stay
  // as they leave it from the first AddRows() of a group to its AddGroup().
  int64_t ScratchFloats() const;

  // The number of output rows in a band.
  int64_t band_rows() const { return band_tile_rows_ * outputs_; }

  // Adds output rows h to h + rows - 1, whose gradient is dz, to a group's
  // sums. x is the group's input, without padding. Call for all rows, from the
  // first to the last. h is a multiple of band_rows(), and so is `rows` unless
  // it reaches the last row.
  void AddRows(int64_t h, int64_t rows, const float* x, const float* dz,
               float* scratch);

  // Adds the gradient of a group, of which all rows were added, to dw.
  void AddGroup(float* dw, float* scratch) const;

 private:
  struct Memory {
    float* sums;
    float* x;  // Copies of some rows, image by image.
    float* dz;
    float* columns;
    float* x_points;
    float* dz_points;
  };
  Memory Divide(float* scratch) const;

  void AddBand(int64_t h, int64_t rows, const float* x, const float* dz,
               const Memory& memory);
  // The first row of the input that output row h reads, and the end of those
  // that the rows of tiles up to output row `end` read. Padding is left out.
  int64_t FirstInputRow(int64_t h) const;
  int64_t EndOfInputRows(int64_t end) const;

  int64_t TilePoints(int64_t tiles, int64_t packed) const;

  const WinogradConv c_;
  const int64_t outputs_;  // Of a tile, along an axis.
  const int64_t tile_rows_;
  const int64_t tile_columns_;
  const int64_t packed_inputs_;
  const int64_t packed_outputs_;
  const TileSize tile_;
  int64_t band_tile_rows_;
  int64_t images_;   // Whose points are computed together.
  int64_t x_image_;  // Floats of an image in the copies.
  int64_t dz_image_;
  int64_t x_point_;   // Floats of a point's inputs.
  int64_t dz_point_;  // Floats of a point's gradients.
  int64_t sums_row_;  // Floats of an output channel's sums of a point.
  int64_t sums_point_;
  Tensor zeros_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_WINOGRAD_FILTER_GRADIENT_H_
