// Transposed convolution: a convolution run backwards. Each input position adds
// the filter, times the position's values, to the output. A stride spreads
// these contributions apart and so enlarges the output.
//
//   y[o, k] = bias[k] + sum over positions i and taps t with
//                       i * stride + t * dilation - padding.before = o,
//                       and channels c, of x[i, c] * w[k, t, c]
//
// where o, i and t run over 1 to 3 spatial dimensions. Padding is cut off the
// output. Output padding adds positions after the output's end. It selects
// among the output sizes that a convolution with this window would map to the
// input's size:
//   output = (input - 1) * stride - padding.before - padding.after
//            + (kernel - 1) * dilation + 1 + output_padding
// Shapes, for two dimensions:
//   x      [N, H, W, input_channels]
//   w      [output_channels, Kh, Kw, input_channels]
//   bias   [output_channels]
//   y      [N, H', W', output_channels]
// Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep
// learning", 2016, chapter 4.

#ifndef LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_SPEC_H_
#define LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_SPEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct ConvTransposeSpec {
  int64_t input_channels = 0;   // At least 1.
  int64_t output_channels = 0;  // At least 1.
  // The window of the convolution that is run backwards: stride, dilation and
  // padding count output positions. An empty stride is 1.
  Window window = {};
  // For each axis at least 0, and less than the larger of its stride and
  // dilation. Empty: 0.
  Axes output_padding = {};
  bool has_bias = true;
};

// A spec resolved for its input: everything a kernel needs. Always has three
// spatial dimensions; outer ones may have size 1.
struct ConvTransposeGeometry {
  Window window;
  Axes input;
  Axes output;
  int64_t input_channels;
  int64_t output_channels;
  bool has_bias;
};

// `image` is the shape of one image: [H, W, input_channels] in two dimensions.
// Errors: InvalidArgument, naming the field and the values, for a number out of
// range, an image with a different number of dimensions or channels, or padding
// that leaves no output.
absl::StatusOr<ConvTransposeGeometry> Resolve(const ConvTransposeSpec& spec,
                                              const Shape& image);

// The shape of one output image. Errors: as Resolve(), and InvalidArgument if
// the element count overflows.
absl::StatusOr<Shape> OutputShape(const ConvTransposeSpec& spec,
                                  const Shape& image);

// The shape of w. Errors: InvalidArgument.
absl::StatusOr<Shape> FilterShape(const ConvTransposeSpec& spec);

// For one image. Includes the positions that padding cuts off, as if they were
// computed. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const ConvTransposeSpec& spec,
                                 const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_SPEC_H_
