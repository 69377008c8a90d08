// Reshape: changes the shape of each image. Elements keep their row-major
// order.
//
//   x   [N, ...],     E elements in an image
//   y   [N, shape],   also E elements in an image
//
// Elements do not move. So there is no kernel and no cost: an executor lets the
// output share the input's memory.

#ifndef LENSLET_OPS_RESHAPE_RESHAPE_H_
#define LENSLET_OPS_RESHAPE_RESHAPE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The shape of one output image, for one input image of shape `image`. `shape`
// has 1 to Shape::kMaxRank - 1 sizes. One of them may be -1; it is computed
// from the others. Errors: InvalidArgument, naming `shape` and the image's
// shape.
absl::StatusOr<Shape> ReshapedShape(absl::Span<const int64_t> shape,
                                    const Shape& image);

// Returns a copy of x in the new shape. Errors: as ReshapedShape(), and
// InvalidArgument unless x holds floats and at least one image.
absl::StatusOr<Tensor> Reshape(const Tensor& x,
                               absl::Span<const int64_t> shape);

// The shape of one output image, for one input image of shape `image`.
Shape FlattenedShape(const Shape& image);

// Returns a copy of x in the flattened shape. Errors: InvalidArgument unless x
// holds floats, and at least one image with at least one element.
absl::StatusOr<Tensor> Flatten(const Tensor& x);

}  // namespace lenslet

#endif  // LENSLET_OPS_RESHAPE_RESHAPE_H_
