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
// An image is copied once into a frame of zeros as large as its padding. There,
// the taps of one filter row lie side by side in memory for every output
// position (where the columns are not dilated, and all channels are one group),
// so the sum is a matrix product of dy and overlapping rows of the frame:
// nothing else is copied. Otherwise there is a product for each tap and group.
class ConvFilterGradient {
 public:
  // Padding holds zeros, and the filter is neither flipped nor one of a table
  // of connections. Errors: ResourceExhausted, InvalidArgument for a frame
  // whose elements cannot be counted.
  static absl::StatusOr<ConvFilterGradient> Create(
      const ConvGeometry& geometry);

  // Reads x [images, D, H, W, C] and dy [images, D', H', W', K], adds to dw
  // [K, Kd, Kh, Kw, C / groups]. Not thread-safe.
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
