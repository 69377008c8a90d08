#include "lenslet/ops/resize/resize.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/resize/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

double Coordinate(const ResizeGeometry& geometry, int axis, int64_t output) {
  const auto o = static_cast<double>(output);
  const int64_t outputs = geometry.output[axis];
  switch (geometry.coordinates) {
    case ResizeCoordinates::kPytorchHalfPixel:
      if (outputs == 1) return 0;
      [[fallthrough]];
    case ResizeCoordinates::kHalfPixel:
      return (o + 0.5) / geometry.scale[axis] - 0.5;
    case ResizeCoordinates::kAlignCorners:
      if (outputs == 1) return 0;
      return o * static_cast<double>(geometry.input[axis] - 1) /
             static_cast<double>(outputs - 1);
    case ResizeCoordinates::kAsymmetric:
      return o / geometry.scale[axis];
  }
  return o;
}

double Rounded(ResizeRounding rounding, double x) {
  switch (rounding) {
    case ResizeRounding::kRoundPreferFloor:
      return std::ceil(x - 0.5);
    case ResizeRounding::kRoundPreferCeil:
      return std::floor(x + 0.5);
    case ResizeRounding::kFloor:
      return std::floor(x);
    case ResizeRounding::kCeil:
      return std::ceil(x);
  }
  return x;
}

// The output's size and the scale along an axis of `size` positions.
absl::StatusOr<std::pair<int64_t, double>> ResolveAxis(const ResizeSpec& spec,
                                                       int axis, int64_t size) {
  if (!spec.output.empty()) {
    const int64_t output = spec.output[spec.output.rank() == 1 ? 0 : axis];
    if (output < 1 || output > kMaxAxisSize) {
      return absl::InvalidArgumentError(
          absl::StrCat("output is ", spec.output.ToString(),
                       "; expected numbers in [1, ", kMaxAxisSize, "]"));
    }
    return std::pair(output,
                     static_cast<double>(output) / static_cast<double>(size));
  }
  const float scale = spec.scale[spec.scale.size() == 1 ? 0 : axis];
  if (!(std::isfinite(scale) && scale > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("scale is [", absl::StrJoin(spec.scale, ", "),
                     "]; expected finite numbers above 0"));
  }
  // In floats, as other programs do: 10 * 0.7f is 7.
  const float output = std::floor(static_cast<float>(size) * scale);
  if (!(output >= 1 && output < static_cast<float>(kMaxAxisSize))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "scale is [", absl::StrJoin(spec.scale, ", "), "], which makes ",
        output, " of ", CountText(size, "position"), "; expected 1 to ",
        kMaxAxisSize));
  }
  return std::pair(static_cast<int64_t>(output), static_cast<double>(scale));
}

}  // namespace

absl::string_view Name(ResizeMode mode) {
  return mode == ResizeMode::kNearest ? "nearest" : "linear";
}

absl::string_view Name(ResizeCoordinates coordinates) {
  switch (coordinates) {
    case ResizeCoordinates::kHalfPixel:
      return "half_pixel";
    case ResizeCoordinates::kPytorchHalfPixel:
      return "pytorch_half_pixel";
    case ResizeCoordinates::kAlignCorners:
      return "align_corners";
    case ResizeCoordinates::kAsymmetric:
      return "asymmetric";
  }
  return "unknown";
}

absl::string_view Name(ResizeRounding rounding) {
  switch (rounding) {
    case ResizeRounding::kRoundPreferFloor:
      return "round_prefer_floor";
    case ResizeRounding::kRoundPreferCeil:
      return "round_prefer_ceil";
    case ResizeRounding::kFloor:
      return "floor";
    case ResizeRounding::kCeil:
      return "ceil";
  }
  return "unknown";
}

ResizeTap TapAt(const ResizeGeometry& geometry, int axis, int64_t output) {
  const auto last = static_cast<double>(geometry.input[axis] - 1);
  const double x = Coordinate(geometry, axis, output);
  if (geometry.mode == ResizeMode::kNearest) {
    const auto nearest = static_cast<int64_t>(
        std::clamp(Rounded(geometry.rounding, x), 0.0, last));
    return {.first = nearest, .second = nearest};
  }
  const double inside = std::clamp(x, 0.0, last);
  const auto first = static_cast<int64_t>(std::floor(inside));
  return {.first = first,
          .second = std::min(first + 1, geometry.input[axis] - 1),
          .weight = inside - std::floor(inside)};
}

absl::StatusOr<ResizeGeometry> Resolve(const ResizeSpec& spec,
                                       const Shape& image) {
  const int rank = image.rank() - 1;
  if (rank < 1 || rank > Axes::kMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("an image of shape ", image.ToString(), " has ",
                     CountText(image.rank(), "dimension"),
                     "; resizing needs 1 to 3 spatial ones and channels"));
  }
  if (image.elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("resizing of an image of shape ", image.ToString(),
                     ", which has no elements"));
  }
  const size_t scales = spec.scale.size();
  const int outputs = spec.output.rank();
  if ((scales == 0) == (outputs == 0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has ", scales == 0 ? "neither scale nor" : "both scale and",
        " output; expected one of them"));
  }
  const auto count = static_cast<int64_t>(scales + outputs);
  if (count != 1 && count != rank) {
    return absl::InvalidArgumentError(absl::StrCat(
        scales == 0 ? "output" : "scale", " has ", CountText(count, "number"),
        "; expected one for all axes, or one for each of ", rank));
  }
  ResizeGeometry geometry = {.mode = spec.mode,
                             .coordinates = spec.coordinates,
                             .rounding = spec.rounding,
                             .channels = image.dim(rank)};
  for (int axis = 0; axis < rank; ++axis) {
    const int to = 3 - rank + axis;
    geometry.input[to] = image.dim(axis);
    LENSLET_ASSIGN_OR_RETURN(const auto resolved,
                             ResolveAxis(spec, axis, image.dim(axis)));
    geometry.output[to] = resolved.first;
    geometry.scale[to] = resolved.second;
  }
  return geometry;
}

absl::StatusOr<Shape> OutputShape(const ResizeSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const ResizeGeometry geometry, Resolve(spec, image));
  const int rank = image.rank() - 1;
  std::vector<int64_t> dims(geometry.output.end() - rank,
                            geometry.output.end());
  dims.push_back(geometry.channels);
  return Shape::Create(dims);
}

absl::StatusOr<Cost> ComputeCost(const ResizeSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  Cost cost;
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(), .output = output.elements()}, cost));
  if (spec.mode == ResizeMode::kLinear) {
    cost.multiply_adds = output.elements() << (image.rank() - 1);
  }
  return cost;
}

absl::StatusOr<Tensor> Resize(const Tensor& x, const ResizeSpec& spec,
                              Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ..., C]", std::max(1, x.shape().rank())));
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape y_image, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeResizeKernel(backend, spec, image));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(x.shape().dim(0), y_image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x}, {}, y));
  return y;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeResizeKernel(Backend backend,
                                                         const ResizeSpec& spec,
                                                         const Shape& image) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  LENSLET_ASSIGN_OR_RETURN(const ResizeGeometry geometry, Resolve(spec, image));
  switch (backend) {
    case Backend::kReference:
      return MakeResizeReferenceKernel(geometry);
    case Backend::kXnnpack:
      return MakeResizePlainKernel(geometry, Layout::kImages);
    case Backend::kLanes:
      return MakeResizePlainKernel(geometry, Layout::kLanes);
    case Backend::kDirect:
      return MakeResizeInferenceKernel(geometry);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
