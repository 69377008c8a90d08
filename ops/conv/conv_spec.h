// Convolution, as neural networks mean it: cross-correlation with a bank of
// filters.
//
//   y[o, k] = bias[k] + sum over taps t and channels c of
//             x[o * stride - padding.before + t * dilation, c] * w[k, t, c]
//
// where o, t and the position in x run over 1 to 3 spatial dimensions and x is
// zero outside of its bounds. Shapes, for two dimensions:
//   x      [N, H, W, input_channels]
//   w      [output_channels, Kh, Kw, input_channels]
//   bias   [output_channels]
//   y      [N, H', W', output_channels]
// Source: Zhang, Lipton, Li and Smola, "Dive into Deep Learning", sections
// "Convolutions for images" to "Multiple input and output channels".

#ifndef LENSLET_OPS_CONV_CONV_SPEC_H_
#define LENSLET_OPS_CONV_CONV_SPEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "ops/axes.h"
#include "ops/cost.h"
#include "ops/window.h"
#include "tensor/shape.h"

namespace lenslet {

struct ConvSpec {
  int64_t input_channels = 0;   // At least 1.
  int64_t output_channels = 0;  // At least 1.
  Window window = {};           // An empty stride is 1.
  bool has_bias = true;
};

// A spec that has met its input: everything a kernel needs, always in three
// spatial dimensions, of which the outer ones may have size 1.
struct ConvGeometry {
  Window window;
  Axes input;
  Axes output;
  int64_t input_channels;
  int64_t output_channels;
  bool has_bias;
};

// The size of the input with its padding.
Axes PaddedInput(const ConvGeometry& geometry);

// `image` is the shape of one image: [H, W, input_channels] in two dimensions.
// Errors: InvalidArgument, naming the field and the values, for a number out of
// its range, an image of other dimensions or channels, or a window larger than
// the padded image.
absl::StatusOr<ConvGeometry> Resolve(const ConvSpec& spec, const Shape& image);

// The shape of one output image. Errors: as Resolve(), and InvalidArgument for
// more elements than can be counted.
absl::StatusOr<Shape> OutputShape(const ConvSpec& spec, const Shape& image);

// The shape of w. Errors: InvalidArgument.
absl::StatusOr<Shape> FilterShape(const ConvSpec& spec);

// For one image. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const ConvSpec& spec, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_SPEC_H_
