// Reshape: each image gets other sizes; its elements keep their row-major
// order.
//
//   x   [N, ...],     E elements in an image
//   y   [N, shape],   a shape of E elements, too
//
// The elements stay where they are, so it needs no kernel and costs nothing: an
// executor gives the output the memory of the input.

#ifndef LENSLET_OPS_RESHAPE_RESHAPE_H_
#define LENSLET_OPS_RESHAPE_RESHAPE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The shape of one output image, for one input image of shape `image`. `shape`
// has 1 to Shape::kMaxRank - 1 sizes; one of them may be -1, for what the
// others leave. Errors: InvalidArgument, naming `shape` and the image's.
absl::StatusOr<Shape> ReshapedShape(absl::Span<const int64_t> shape,
                                    const Shape& image);

// A copy of x in its new shape. Errors: as ReshapedShape(); InvalidArgument
// unless x holds floats and at least one image.
absl::StatusOr<Tensor> Reshape(const Tensor& x,
                               absl::Span<const int64_t> shape);

// The shape of one output image, for one input image of shape `image`.
Shape FlattenedShape(const Shape& image);

// A copy of x in its new shape. Errors: InvalidArgument unless x holds floats,
// and at least one image of at least one element.
absl::StatusOr<Tensor> Flatten(const Tensor& x);

}  // namespace lenslet

#endif  // LENSLET_OPS_RESHAPE_RESHAPE_H_
