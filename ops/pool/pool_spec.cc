#include "ops/pool/pool_spec.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace lenslet {

absl::StatusOr<PoolGeometry> Resolve(const PoolSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Window window,
                           Resolve(spec.window, spec.window.kernel));
  const int rank = window.kernel.rank();
  for (int axis = 0; axis < rank; ++axis) {
    for (const Axes& padding : {window.padding.before, window.padding.after}) {
      if (padding[axis] >= Extent(window, axis)) {
        return absl::InvalidArgumentError(
            absl::StrCat("padding ", padding.ToString(),
                         " is not smaller than the window, ", "which covers ",
                         Extent(window, axis), " positions of axis ", axis));
      }
    }
  }
  if (image.rank() != rank + 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has ", image.rank(),
        " dimensions; kernel ", window.kernel.ToString(), " and channels need ",
        rank + 1));
  }
  if (image.dim(rank) < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has no channels"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Axes input,
                           Axes::Create(image.dims().first(rank)));
  LENSLET_ASSIGN_OR_RETURN(const Axes output, OutputSize(window, input));
  for (int axis = 0; axis < rank; ++axis) {
    // The taps of a padded window could lie on both sides of the input.
    const bool padded =
        window.padding.before[axis] + window.padding.after[axis] > 0;
    if (padded && window.kernel[axis] > 1 &&
        window.dilation[axis] > input[axis]) {
      return absl::InvalidArgumentError(absl::StrCat(
          "dilation ", window.dilation.ToString(), " is larger than the input ",
          input.ToString(), " on axis ", axis,
          ", so that a window could lie on padding alone"));
    }
  }
  return PoolGeometry{.kind = spec.kind,
                      .window = To3d(window),
                      .count_padding = spec.count_padding,
                      .input = To3d(input),
                      .output = To3d(output),
                      .channels = image.dim(rank)};
}

absl::StatusOr<Shape> OutputShape(const PoolSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const PoolGeometry geometry, Resolve(spec, image));
  const int rank = spec.window.kernel.rank();
  std::vector<int64_t> dims(geometry.output.end() - rank,
                            geometry.output.end());
  dims.push_back(geometry.channels);
  return Shape::Create(dims);
}

absl::StatusOr<Cost> ComputeCost(const PoolSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  Cost cost;
  cost.other_operations = output.elements();
  for (int64_t taps : spec.window.kernel) {
    if (__builtin_mul_overflow(cost.other_operations, taps,
                               &cost.other_operations)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "kernel ", spec.window.kernel.ToString(), " at ", output.elements(),
          " positions needs more additions than 64 bits can count"));
    }
  }
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(), .output = output.elements()}, cost));
  return cost;
}

}  // namespace lenslet
