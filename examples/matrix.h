// Converts the book's matrices to the operators' inputs, and back.

#ifndef LENSLET_EXAMPLES_MATRIX_H_
#define LENSLET_EXAMPLES_MATRIX_H_

#include <cstdint>

#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Converts a matrix [height, width] to one image with one channel, [1, height,
// width, 1], since operators take blocks of images with channels. One filter
// over one channel has the same shape.
Tensor ToImage(const Tensor& matrix);

// [1, height, width, 1] -> [height, width]. Aborts for another shape.
Tensor ToMatrix(const Tensor& image);

// [height, width] with start, start + 1, ... row by row.
Tensor Counting(int64_t height, int64_t width, float start = 0);

// Returns the transpose.
Tensor Transposed(const Tensor& matrix);

}  // namespace lenslet

#endif  // LENSLET_EXAMPLES_MATRIX_H_
