#include "lenslet/examples/matrix.h"

#include <algorithm>

#include "lenslet/base/check.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

Tensor InShape(const Tensor& tensor, const Shape& shape) {
  LENSLET_CHECK(tensor.shape().elements() == shape.elements());
  Tensor result(shape);
  std::copy(tensor.span().begin(), tensor.span().end(), result.data());
  return result;
}

}  // namespace

Tensor ToImage(const Tensor& matrix) {
  LENSLET_CHECK(matrix.shape().rank() == 2);
  return InShape(matrix, {1, matrix.shape().dim(0), matrix.shape().dim(1), 1});
}

Tensor ToMatrix(const Tensor& image) {
  const Shape& shape = image.shape();
  LENSLET_CHECK(shape.rank() == 4 && shape.dim(0) == 1 && shape.dim(3) == 1);
  return InShape(image, {shape.dim(1), shape.dim(2)});
}

Tensor Counting(int64_t height, int64_t width, float start) {
  Tensor matrix({height, width});
  FillIota(start, matrix.span());
  return matrix;
}

Tensor Transposed(const Tensor& matrix) {
  LENSLET_CHECK(matrix.shape().rank() == 2);
  const int64_t height = matrix.shape().dim(0);
  const int64_t width = matrix.shape().dim(1);
  Tensor result({width, height});
  for (int64_t h = 0; h < height; ++h) {
    for (int64_t w = 0; w < width; ++w) {
      result.view().at({w, h}) = matrix.view().at({h, w});
    }
  }
  return result;
}

}  // namespace lenslet
