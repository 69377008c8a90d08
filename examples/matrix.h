// From the book's matrices to what operators take, and back.

#ifndef LENSLET_EXAMPLES_MATRIX_H_
#define LENSLET_EXAMPLES_MATRIX_H_

#include <cstdint>

#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Operators take blocks of images with channels. This makes of a matrix
// [height, width] one image with one channel, [1, height, width, 1]; that is
// also the shape of one filter over one channel.
Tensor ToImage(const Tensor& matrix);

// [1, height, width, 1] -> [height, width]. Aborts for another shape.
Tensor ToMatrix(const Tensor& image);

// [height, width] with start, start + 1, ... row by row.
Tensor Counting(int64_t height, int64_t width, float start = 0);

// Columns become rows.
Tensor Transposed(const Tensor& matrix);

}  // namespace lenslet

#endif  // LENSLET_EXAMPLES_MATRIX_H_
