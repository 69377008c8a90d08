#include "ops/flatten/flatten.h"

#include <algorithm>

#include "base/status_macros.h"
#include "ops/simple_call.h"

namespace lenslet {

Shape FlattenedShape(const Shape& image) { return {image.elements()}; }

absl::StatusOr<Tensor> Flatten(const Tensor& x) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ...]", std::max(1, x.shape().rank())));
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(Tensor y,
                           MakeOutput(x.shape().dim(0), FlattenedShape(image)));
  std::copy(x.span().begin(), x.span().end(), y.span().begin());
  return y;
}

}  // namespace lenslet
