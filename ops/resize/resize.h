// Resizing: an image with more or fewer positions, whose values are those of
// the input's positions nearest to theirs, or interpolate between them.
//
// Each of 1 to 3 spatial axes is resized by itself. Along an axis of n input
// positions and m output positions with scale s, output position o lies at
// input coordinate
//
//   half_pixel            x = (o + 1/2) / s - 1/2
//   pytorch_half_pixel    the same if m > 1, else 0
//   align_corners         x = o * (n - 1) / (m - 1) if m > 1, else 0
//   asymmetric            x = o / s
//
// moved to [0, n - 1] if it is outside. Then
//
//   nearest    y[o] = x at that coordinate, rounded
//   linear     y[o] = (1 - w) * x[i] + w * x[i + 1], where i + w is the
//              coordinate and i is an integer
//
// With linear, several axes make a weighted sum of up to 8 positions. The
// gradient of an input position is the sum of those of the output positions
// that read it, with the same weights.
//
// Shapes: x [N, ..., C] -> y [N, ..., C] with other spatial sizes. Source: the
// ONNX operator Resize, whose names these are.

#ifndef LENSLET_OPS_RESIZE_RESIZE_H_
#define LENSLET_OPS_RESIZE_RESIZE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

enum class ResizeMode : uint8_t { kNearest, kLinear };

enum class ResizeCoordinates : uint8_t {
  kHalfPixel,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric
};

// How nearest rounds coordinates. The first two round to the nearest position,
// and halves down or up.
enum class ResizeRounding : uint8_t {
  kRoundPreferFloor,
  kRoundPreferCeil,
  kFloor,
  kCeil
};

// "nearest", "half_pixel", "round_prefer_floor" and so on.
absl::string_view Name(ResizeMode mode);
absl::string_view Name(ResizeCoordinates coordinates);
absl::string_view Name(ResizeRounding rounding);

struct ResizeSpec {
  ResizeMode mode = ResizeMode::kNearest;
  ResizeCoordinates coordinates = ResizeCoordinates::kHalfPixel;
  ResizeRounding rounding = ResizeRounding::kRoundPreferFloor;
  // Either one or the other, with one number for each spatial axis or one for
  // all. Scales are finite and above 0; an output size is the input's times the
  // scale, rounded down. Output sizes are at least 1; the scale is the output's
  // size divided by the input's.
  std::vector<float> scale = {};
  Axes output = {};
};

// A spec with all that follows from the shape of an image. Always with three
// spatial axes.
struct ResizeGeometry {
  ResizeMode mode = ResizeMode::kNearest;
  ResizeCoordinates coordinates = ResizeCoordinates::kHalfPixel;
  ResizeRounding rounding = ResizeRounding::kRoundPreferFloor;
  std::array<double, 3> scale = {1, 1, 1};
  Axes input = {1, 1, 1};
  Axes output = {1, 1, 1};
  int64_t channels = 1;
};

// What an output position reads along an axis: `first` with a weight of 1 -
// `weight`, and `second` with `weight`.
struct ResizeTap {
  int64_t first = 0;
  int64_t second = 0;
  double weight = 0;
};
ResizeTap TapAt(const ResizeGeometry& geometry, int axis, int64_t output);

// Errors: InvalidArgument for an image without 1 to 3 spatial axes and
// channels, or without elements; for scales or sizes out of range, too many or
// missing.
absl::StatusOr<ResizeGeometry> Resolve(const ResizeSpec& spec,
                                       const Shape& image);

// Errors: as Resolve().
absl::StatusOr<Shape> OutputShape(const ResizeSpec& spec, const Shape& image);

// For one image: with linear, a product for each element of the output and
// position that it may read. Errors: as Resolve(), and InvalidArgument for an
// output of more than 2^58 floats.
absl::StatusOr<Cost> ComputeCost(const ResizeSpec& spec, const Shape& image);

// Returns x, [N, ..., C], resized. For one-off use: each call creates and
// discards a kernel. Errors: InvalidArgument unless x holds floats, and as
// ComputeCost(); ResourceExhausted.
absl::StatusOr<Tensor> Resize(const Tensor& x, const ResizeSpec& spec,
                              Backend backend = Backend::kReference);

// For blocks of images of shape `image`. One input, no parameters. Errors: as
// ComputeCost().
absl::StatusOr<std::unique_ptr<Kernel>> MakeResizeKernel(Backend backend,
                                                         const ResizeSpec& spec,
                                                         const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_RESIZE_RESIZE_H_
