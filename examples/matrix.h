// Converts the book's matrices to the operators' inputs, and back.

#ifndef LENSLET_EXAMPLES_MATRIX_H_
#define LENSLET_EXAMPLES_MATRIX_H_

#include "lenslet/tensor/rearrange.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Converts a matrix [height, width] to one image with one channel, [1, height,
// width, 1], since operators take blocks of images with channels. One filter
// over one channel has the same shape.
inline Tensor ToImage(const Tensor& matrix) {
  return Reshaped(matrix, {1, matrix.shape().dim(0), matrix.shape().dim(1), 1});
}

// [1, height, width, 1] -> [height, width]. Aborts if there are more images or
// channels.
inline Tensor ToMatrix(const Tensor& image) {
  return Reshaped(image, {image.shape().dim(1), image.shape().dim(2)});
}

}  // namespace lenslet

#endif  // LENSLET_EXAMPLES_MATRIX_H_
