#include "lenslet/ops/flatten/flatten.h"

#include "lenslet/ops/reshape/reshape.h"

namespace lenslet {

Shape FlattenedShape(const Shape& image) { return {image.elements()}; }

absl::StatusOr<Tensor> Flatten(const Tensor& x) { return Reshape(x, {-1}); }

}  // namespace lenslet
