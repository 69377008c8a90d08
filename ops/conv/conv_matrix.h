// Convolution as a product of matrices, for one image, in two ways. For study:
// kernels do neither, for both need more memory than the convolution's arrays.
//
// The image as a matrix (im2col): a row for each output position, which holds
// what the window covers there, and zeros where that is padding.
//
//   Y [positions, output_channels] = Im2col(x) * W^T
//
// with the filter as W [output_channels, taps * input_channels], as it lies in
// memory. Source: Chellapilla, Puri and Simard, "High performance convolutional
// neural networks for document processing", 2006.
//
// The filter as a matrix (a block Toeplitz matrix, if the stride is 1): a row
// for each element of the output, a column for each one of the input.
//
//   y = T x,   dx = T^T dy
//
// T^T is the transposed convolution (ops/conv_transpose), which has its name
// from this.
//
// Without bias, and for plain convolutions: one group, zeros as padding, a
// filter that is neither flipped nor one of a table of connections; others are
// InvalidArgument. What a convolution is stands in conv_spec.h; images and
// filters have the shapes that it has there, images without N.

#ifndef LENSLET_OPS_CONV_CONV_MATRIX_H_
#define LENSLET_OPS_CONV_CONV_MATRIX_H_

#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// From `image` to [positions, taps * input_channels], positions and taps in
// row-major order. Errors: InvalidArgument, as OutputShape() and for an image
// that does not hold floats; ResourceExhausted.
absl::StatusOr<Tensor> Im2col(const ConvSpec& spec, const Tensor& image);

// The transpose of Im2col() as a linear map: from a matrix of its shape to an
// image of shape `image`, where each element is the sum of those that Im2col()
// copies it to. Sums are in double. Errors: InvalidArgument, as OutputShape()
// and for a matrix of another shape or type; ResourceExhausted.
absl::StatusOr<Tensor> Col2im(const ConvSpec& spec, const Tensor& columns,
                              const Shape& image);

// T [output elements, input elements] of a filter, for images of shape `image`;
// elements in row-major order. Errors: InvalidArgument, as OutputShape() and
// for a filter of another shape than FilterShape() or other type;
// ResourceExhausted.
absl::StatusOr<Tensor> ToeplitzMatrix(const ConvSpec& spec,
                                      const Tensor& filter, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_MATRIX_H_
