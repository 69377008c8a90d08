// Local response normalization: divides each number by a power of the mean
// square of its neighbors in a window of channels.
//
//   y[n, ..., c] = x[n, ..., c] * s[c]^-beta
//           s[c] = bias + alpha / size * sum of x[n, ..., i]^2
//
// The sum is over the channels i from c - (size - 1) / 2 to c + size / 2, both
// rounded down, that there are. Backward:
//
//   dx[c] = dy[c] * s[c]^-beta
//           - 2 * alpha * beta / size * x[c] * sum of dy[j] * y[j] / s[j]
//
// over the channels j whose windows have c. x and y have the same shape, [N,
// ..., channels]. No parameters. Sources: Krizhevsky, Sutskever and Hinton,
// "ImageNet classification with deep convolutional neural networks", 2012; the
// ONNX operator LRN, whose names these are, for windows of an even size.

#ifndef LENSLET_OPS_LRN_LRN_H_
#define LENSLET_OPS_LRN_LRN_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct LrnSpec {
  int64_t size = 5;     // Channels of a window, at least 1.
  float alpha = 1e-4f;  // Finite, at least 0.
  float beta = 0.75f;   // Finite, at least 0.
  float bias = 1.0f;    // Finite, above 0.
};

// Returns `image`. Errors: InvalidArgument for a field out of its range, and
// for an image without axes or elements.
absl::StatusOr<Shape> OutputShape(const LrnSpec& spec, const Shape& image);

// For one image: for each element, a product for each channel of its window,
// and two function evaluations. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const LrnSpec& spec, const Shape& image);

// Returns a tensor of x's shape, [N, ...]. For one-off use: each call creates
// and discards a kernel. Errors: InvalidArgument unless x holds floats, and as
// OutputShape(); Unimplemented for XNNPACK; ResourceExhausted.
absl::StatusOr<Tensor> Lrn(const Tensor& x, const LrnSpec& spec = {},
                           Backend backend = Backend::kReference);

// For blocks of images of shape `image`. One input, no parameters. Errors: as
// OutputShape(); Unimplemented for XNNPACK, which has no such operator.
absl::StatusOr<std::unique_ptr<Kernel>> MakeLrnKernel(Backend backend,
                                                      const LrnSpec& spec,
                                                      const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_LRN_LRN_H_
