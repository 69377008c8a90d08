// Copies of tensors in another order or shape. Elements are floats. Other
// elements and shapes that do not fit abort with a message that names them.

#ifndef LENSLET_TENSOR_REARRANGE_H_
#define LENSLET_TENSOR_REARRANGE_H_

#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The same elements, in the same order, in a shape with as many elements.
// View::Reshape() does this without a copy.
Tensor Reshaped(const Tensor& tensor, const Shape& shape);

// y[j, i] = matrix[i, j]
Tensor Transposed(const Tensor& matrix);

// Reverses the order along every dimension: y[i, j] = x[H - 1 - i, W - 1 - j]
// for a matrix [H, W].
Tensor Flipped(const Tensor& tensor);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_REARRANGE_H_
