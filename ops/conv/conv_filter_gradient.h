// The gradient of a convolution's filter, for backends that keep images one
// after the other.

#ifndef LENSLET_OPS_CONV_CONV_FILTER_GRADIENT_H_
#define LENSLET_OPS_CONV_CONV_FILTER_GRADIENT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

//   dw[k, t, c] += sum over n, o of dy[n, o, k] * x[n, position(o, t), c]
//
// Copies each image once into a frame: the image with its padding of zeros. If
// columns are not dilated and there is one group, the taps of a filter row are
// contiguous in the frame for every output position. The sum is then a matrix
// product of dy and overlapping rows of the frame, without further copies.
// Otherwise, computes one product for each tap and group.
class ConvFilterGradient {
 public:
  // Padding holds zeros, and the filter is neither flipped nor one of a table
  // of connections. Errors: ResourceExhausted, and InvalidArgument if the
  // frame's element count overflows.
  static absl::StatusOr<ConvFilterGradient> Create(
      const ConvGeometry& geometry);

  // Adds to dw [K, Kd, Kh, Kw, C / groups], from x [images, D, H, W, C] and dy
  // [images, D', H', W', K]. Not thread-safe.
  void Add(int64_t images, const float* x, const float* dy, float* dw);

 private:
  ConvFilterGradient(const ConvGeometry& geometry, const Axes& frame_size,
                     Tensor frame)
      : g_(geometry), frame_size_(frame_size), frame_(std::move(frame)) {}

  void CopyIntoFrame(const float* image);

  ConvGeometry g_;
  Axes frame_size_;
  Tensor frame_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_FILTER_GRADIENT_H_
