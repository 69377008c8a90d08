#include "lenslet/tensor/rearrange.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lenslet/tensor/fatal.h"
#include "lenslet/tensor/transpose.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

Tensor Reshaped(const Tensor& tensor, const Shape& shape) {
  const View<const float> from = tensor.view().Reshape(shape);
  Tensor result(shape);
  std::copy(from.span().begin(), from.span().end(), result.data());
  return result;
}

Tensor Transposed(const Tensor& matrix) {
  const Shape& shape = matrix.shape();
  if (shape.rank() != 2) {
    Fatal(absl::StrCat("Transposed of a tensor of shape ", shape.ToString(),
                       "; expected a matrix"));
  }
  Tensor result({shape.dim(1), shape.dim(0)});
  Transpose(shape.dim(0), shape.dim(1), matrix.data(), shape.dim(1),
            result.data(), shape.dim(0));
  return result;
}

Tensor Flipped(const Tensor& tensor) {
  Tensor result(tensor.shape());
  std::reverse_copy(tensor.span().begin(), tensor.span().end(), result.data());
  return result;
}

}  // namespace lenslet
