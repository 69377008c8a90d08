// Convolution of one image as a matrix product, in two ways. For study only: no
// kernel uses them, since both need more memory than the convolution's arrays.
//
// The image as a matrix (im2col) has one row for each output position. A row
// holds the values that the window covers there, with zeros for padding.
//
//   Y [positions, output_channels] = Im2col(x) * W^T
//
// where W [output_channels, taps * input_channels] is the filter as stored in
// memory. Source: Chellapilla, Puri and Simard, "High performance convolutional
// neural networks for document processing", 2006.
//
// The filter as a matrix T has one row for each output element and one column
// for each input element. If the stride is 1, T is a block Toeplitz matrix.
//
//   y = T x,   dx = T^T dy
//
// T^T is the transposed convolution (ops/conv_transpose), hence its name.
//
// Supports plain convolutions without bias: one group, zero padding, no flipped
// filter and no table of connections. Others are InvalidArgument. conv_spec.h
// defines convolution and the shapes of images and filters; images here have no
// dimension N.

#ifndef LENSLET_OPS_CONV_CONV_MATRIX_H_
#define LENSLET_OPS_CONV_CONV_MATRIX_H_

#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns the matrix of `image`, [positions, taps * input_channels], with
// positions and taps in row-major order. Errors: InvalidArgument, as
// OutputShape() and for an image that does not hold floats; ResourceExhausted.
absl::StatusOr<Tensor> Im2col(const ConvSpec& spec, const Tensor& image);

// The transpose of Im2col() as a linear map. Takes a matrix of the shape that
// Im2col() returns, and returns an image of shape `image`. Each element is the
// sum of the matrix elements to which Im2col() copies it. Sums in double.
// Errors: InvalidArgument, as OutputShape() and for a matrix with a wrong shape
// or type; ResourceExhausted.
absl::StatusOr<Tensor> Col2im(const ConvSpec& spec, const Tensor& columns,
                              const Shape& image);

// Returns T [output elements, input elements] for a filter and images of shape
// `image`. Elements are in row-major order. Errors: InvalidArgument, as
// OutputShape(), and for a filter that does not have FilterShape() or does not
// hold floats; ResourceExhausted.
absl::StatusOr<Tensor> ToeplitzMatrix(const ConvSpec& spec,
                                      const Tensor& filter, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_MATRIX_H_
