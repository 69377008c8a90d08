// Flatten: each image becomes a vector of its elements, in row-major order.
//
//   x   [N, H, W, C]
//   y   [N, H * W * C],   y[n, (h * W + w) * C + c] = x[n, h, w, c]
//
// It is the reshape (ops/reshape) to one size.

#ifndef LENSLET_OPS_FLATTEN_FLATTEN_H_
#define LENSLET_OPS_FLATTEN_FLATTEN_H_

#include "absl/status/statusor.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The shape of one output image, for one input image of shape `image`.
Shape FlattenedShape(const Shape& image);

// A copy of x in its new shape. Errors: InvalidArgument unless x holds floats,
// and at least one image of at least one element.
absl::StatusOr<Tensor> Flatten(const Tensor& x);

}  // namespace lenslet

#endif  // LENSLET_OPS_FLATTEN_FLATTEN_H_
