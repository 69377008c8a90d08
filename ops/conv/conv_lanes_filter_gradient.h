// The gradient of a convolution in lanes with respect to its filter, computed
// from copies that leave the lanes.
//
//   dw[k, t, c] = sum over images n, outputs o of
//                 dz[n, o, k] * x[n, position(o, t), c]
//
// In lanes, a sum of products needs a vector of images for each of its numbers:
// little fits in registers, and what does is loaded again for few
// multiply-adds. Here a sum is a number, and the lanes of a vector hold input
// channels and taps. A tile of sums stays in registers while images and output
// positions go by.

#ifndef LENSLET_OPS_CONV_CONV_LANES_FILTER_GRADIENT_H_
#define LENSLET_OPS_CONV_CONV_LANES_FILTER_GRADIENT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Each number of the gradient is one chain of fused multiply-adds: band of
// output rows by band, image by image, row by row, output by output. The bands
// depend on the shape alone. So all CPUs with fused multiply-adds compute the
// same bits.
class ConvLanesFilterGradient {
 public:
  explicit ConvLanesFilterGradient(const ConvLanesShape& shape);

  // Whether this is faster than sums of products in lanes
  // (ops/lanes/product_sums.h). Depends on the shape alone, as the two differ
  // in the last bits.
  static bool IsFaster(const ConvLanesShape& shape);

  // Errors: ResourceExhausted.
  absl::Status Allocate();

  // The number of output rows in a band.
  int64_t band_rows() const { return band_rows_; }

  // Adds to dw the sum over output rows (d, h) to (d, h + rows - 1), whose
  // gradient is dz. x is the group's padded input. h is a multiple of
  // band_rows(), and so is `rows` unless it reaches the last row.
  void AddRows(int64_t d, int64_t h, int64_t rows, const float* x,
               const float* dz, float* dw);

 private:
  // Output rows of some images of a group.
  struct Band {
    int64_t d;
    int64_t h;
    int64_t rows;
    int64_t image;
  };

  // Rows of the input that `rows` output rows read.
  int64_t InputRows(int64_t rows) const;
  // Floats to copy for `rows` output rows of an image: theirs, and those of the
  // input they read.
  int64_t BandFloats(int64_t rows) const;

  void AddBand(const Band& band, const float* x, const float* dz, float* dw);
  // Copies the input rows that tap kd reads.
  void CopyInput(const Band& band, int64_t kd, const float* x);
  // Adds the gradient of the filter's row (kd, kh), from the copies.
  void AddFilterRow(const Band& band, int64_t kd, int64_t kh, float* dw) const;

  const ConvLanesShape s_;
  // A filter row of one tap reads only each stride-th column of the input, and
  // a filter of one row only each stride-th row. Others are not copied.
  const int64_t column_step_;
  const int64_t row_step_;
  // Floats in a row of the copies.
  const int64_t x_row_;
  const int64_t dz_row_;
  const TileSize tile_;
  int64_t band_rows_;
  int64_t images_;       // Copied at once.
  int64_t pass_images_;  // Of these, summed before the sum is added to dw.
  int64_t x_image_;      // Floats of an image in the copies.
  int64_t dz_image_;
  Tensor x_;
  Tensor dz_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_FILTER_GRADIENT_H_
