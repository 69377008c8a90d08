// Convolution as defined in neural networks: cross-correlation with a bank of
// filters.
//
//   y[o, k] = bias[k] + sum over taps t and channels c of
//             x[o * stride - padding.before + t * dilation, c] * w[k, t, c]
//
// where o, t and the position in x run over 1 to 3 spatial dimensions. Outside
// its bounds, x is extended according to the padding mode; the default is
// zeros. Shapes, for two dimensions:
//   x      [N, H, W, input_channels]
//   w      [output_channels, Kh, Kw, input_channels]
//   bias   [output_channels]
//   y      [N, H', W', output_channels]
//
// An output channel need not read all input channels:
//   * With groups, input and output channels are split into `groups` equal
//     parts, and each part of the output reads the corresponding part of the
//     input. c runs over input_channels / groups channels, which is w's last
//     dimension. As many groups as channels make a depthwise convolution.
//   * With a table of connections, c runs over the channels that the table
//     lists for k. w holds a kernel for each pair (k, c), in the table's order:
//     its shape is [pairs, Kh, Kw].
//
// A flipped filter is read in reverse along every axis:
//
//   y[o, k] = bias[k] + sum over t and c of
//             x[o * stride - padding.before + t * dilation, c] *
//             w[k, kernel - 1 - t, c]
//
// This is convolution in the mathematical sense. With kernel - 1 zeros as
// padding on both sides, it is "full" convolution, which is commutative: for
// one channel, image and filter can be swapped.
//
// Sources: Zhang, Lipton, Li and Smola, "Dive into Deep Learning", sections
// "Convolutions for images" to "Multiple input and output channels"; for the
// table LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to
// document recognition", 1998, table I.

#ifndef LENSLET_OPS_CONV_CONV_SPEC_H_
#define LENSLET_OPS_CONV_CONV_SPEC_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct ConvSpec {
  int64_t input_channels = 0;   // At least 1.
  int64_t output_channels = 0;  // At least 1.
  Window window = {};           // An empty stride is 1.
  bool has_bias = true;
  // At least 1; divides both channel counts.
  int64_t groups = 1;
  // The values of the padding. For kReflect, the padding must be less than the
  // input's size.
  PaddingMode padding_mode = PaddingMode::kZero;
  // Whether the filter is read in reverse.
  bool flip = false;
  // For each output channel, the input channels that it reads: at least one, in
  // ascending order. Empty: all. Cannot be combined with groups.
  std::vector<std::vector<int64_t>> connections = {};
};

// A spec resolved for its input: everything a kernel needs. Always has three
// spatial dimensions; outer ones may have size 1.
struct ConvGeometry {
  Window window;
  Axes input;
  Axes output;
  int64_t input_channels;
  int64_t output_channels;
  bool has_bias;
  int64_t groups;
  PaddingMode padding_mode;  // kZero if there is no padding.
  bool flip;                 // false if the filter has one tap.
  std::vector<std::vector<int64_t>> connections;
};

// The size of the input with its padding.
Axes PaddedInput(const ConvGeometry& geometry);

// Whether the numbers of groups, input channels and output channels are equal
// and more than one.
bool IsDepthwise(const ConvGeometry& geometry);

// `image` is the shape of one image: [H, W, input_channels] in two dimensions.
// Errors: InvalidArgument, naming the field and the values, for a number out of
// range, an image with a different number of dimensions or channels, or a
// window larger than the padded image.
absl::StatusOr<ConvGeometry> Resolve(const ConvSpec& spec, const Shape& image);

// The shape of one output image. Errors: as Resolve(), and InvalidArgument if
// the element count overflows.
absl::StatusOr<Shape> OutputShape(const ConvSpec& spec, const Shape& image);

// The shape of w. Errors: InvalidArgument, as Resolve(), and if the element
// count overflows.
absl::StatusOr<Shape> FilterShape(const ConvSpec& spec);

// For one image. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const ConvSpec& spec, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_SPEC_H_
