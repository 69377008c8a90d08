#include "lenslet/ops/pool/pool_spec.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"

namespace lenslet {
namespace {

int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

// What a window is, and how many there are, along each axis.
struct Windows {
  Window window;
  Axes output;
  bool adaptive;
};

// The input's size along its spatial axes. `needs` names the field that says
// how many there must be.
absl::StatusOr<Axes> InputSize(const Shape& image, int rank,
                               const std::string& needs) {
  if (image.rank() != rank + 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("an image of shape ", image.ToString(), " has ",
                     CountText(image.rank(), "dimension"), "; ", needs,
                     " and channels need ", rank + 1));
  }
  if (image.dim(rank) < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has no channels"));
  }
  return Axes::Create(image.dims().first(rank));
}

absl::StatusOr<Windows> ResolveWindows(const PoolSpec& spec,
                                       const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Window window,
                           Resolve(spec.window, spec.window.kernel));
  const int rank = window.kernel.rank();
  for (int axis = 0; axis < rank; ++axis) {
    for (const Axes& padding : {window.padding.before, window.padding.after}) {
      if (padding[axis] >= Extent(window, axis)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "padding ", padding.ToString(), " is ", padding[axis], " on axis ",
            axis, "; expected less than ", Extent(window, axis),
            ", the number of positions that the window covers"));
      }
    }
  }
  LENSLET_ASSIGN_OR_RETURN(
      const Axes input,
      InputSize(image, rank,
                absl::StrCat("kernel ", window.kernel.ToString())));
  LENSLET_ASSIGN_OR_RETURN(const Axes output,
                           OutputSize(window, input, spec.rounding));
  for (int axis = 0; axis < rank; ++axis) {
    // The taps of a padded window could lie on both sides of the input.
    const bool padded =
        window.padding.before[axis] + window.padding.after[axis] > 0;
    if (padded && window.kernel[axis] > 1 &&
        window.dilation[axis] > input[axis]) {
      return absl::InvalidArgumentError(absl::StrCat(
          "dilation ", window.dilation.ToString(), " is ",
          window.dilation[axis], " on axis ", axis, "; expected at most ",
          input[axis],
          ", the size of the input, so that no window lies on padding alone"));
    }
  }
  return Windows{window, output, /*adaptive=*/false};
}

absl::StatusOr<Windows> ResolveAdaptive(const PoolSpec& spec,
                                        const Shape& image) {
  if (!(spec.window == Window())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "output ", spec.output.ToString(),
        " chooses the windows; expected no kernel, stride, dilation or "
        "padding, or no output"));
  }
  const int rank = spec.output.rank();
  LENSLET_ASSIGN_OR_RETURN(
      const Axes input,
      InputSize(image, rank, absl::StrCat("output ", spec.output.ToString())));
  bool adaptive = false;
  Window window = {
      .kernel = input,
      .stride = Axes::Filled(rank, 1),
      .dilation = Axes::Filled(rank, 1),
      .padding = Padding(Axes::Filled(rank, 0), Axes::Filled(rank, 0))};
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t in = input[axis];
    const int64_t out = spec.output[axis];
    if (in < 1 || in > kMaxAxisSize) {
      return absl::InvalidArgumentError(
          absl::StrCat("input size ", input.ToString(), " has ", in,
                       "; expected a number in [1, ", kMaxAxisSize, "]"));
    }
    if (out < 1 || out > kMaxAxisSize) {
      return absl::InvalidArgumentError(
          absl::StrCat("output ", spec.output.ToString(), " has ", out,
                       "; expected a number in [1, ", kMaxAxisSize, "]"));
    }
    if (in % out == 0) {
      window.kernel[axis] = window.stride[axis] = in / out;
    } else {
      window.kernel[axis] = in / out + 2;
      adaptive = true;
    }
  }
  return Windows{window, spec.output, adaptive};
}

}  // namespace

int SpatialRank(const PoolSpec& spec) {
  return spec.output.empty() ? spec.window.kernel.rank() : spec.output.rank();
}

PoolTaps TapsAtBorder(const PoolGeometry& geometry, int axis, int64_t start) {
  const Window& window = geometry.window;
  const int64_t dilation = window.dilation[axis];
  // Taps before an input position.
  const auto taps_before = [&](int64_t position) {
    return std::min(window.kernel[axis],
                    DivideUp(std::max<int64_t>(position - start, 0), dilation));
  };
  const int64_t skipped = taps_before(0);
  const int64_t count = taps_before(geometry.input[axis]) - skipped;
  return {.first = start + skipped * dilation,
          .count = count,
          .dilation = dilation,
          .divisor = geometry.count_padding
                         ? taps_before(geometry.input[axis] +
                                       window.padding.after[axis])
                         : count};
}

int64_t ListRows(const PoolGeometry& geometry, int64_t d, int64_t h,
                 int64_t position, std::vector<int64_t>& rows) {
  const PoolTaps depth = TapsAt(geometry, 0, d);
  const PoolTaps height = TapsAt(geometry, 1, h);
  const Axes& input = geometry.input;
  rows.clear();
  for (int64_t kd = 0; kd < depth.count; ++kd) {
    const int64_t id = depth.first + kd * depth.dilation;
    for (int64_t kh = 0; kh < height.count; ++kh) {
      const int64_t ih = height.first + kh * height.dilation;
      rows.push_back((id * input[1] + ih) * input[2] * position);
    }
  }
  return depth.divisor * height.divisor;
}

PoolWindowRange WindowsOver(const PoolGeometry& geometry, int axis, int64_t i) {
  const int64_t input = geometry.input[axis];
  const int64_t output = geometry.output[axis];
  if (geometry.adaptive) {
    return {i * output / input, DivideUp((i + 1) * output, input)};
  }
  const Window& window = geometry.window;
  const int64_t stride = window.stride[axis];
  const int64_t padded = i + window.padding.before[axis];
  const int64_t last_of_first = Extent(window, axis) - 1;
  return {
      padded <= last_of_first ? 0 : DivideUp(padded - last_of_first, stride),
      std::min(padded / stride + 1, output)};
}

Axes MostTaps(const PoolGeometry& geometry) {
  Axes taps = geometry.window.kernel;
  for (int axis = 0; axis < 3; ++axis) {
    taps[axis] = std::min(taps[axis], geometry.input[axis]);
  }
  return taps;
}

bool WindowsAreWhole(const PoolGeometry& geometry) {
  if (geometry.adaptive) return false;
  const Window& window = geometry.window;
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t end = (geometry.output[axis] - 1) * window.stride[axis] +
                        Extent(window, axis) - window.padding.before[axis];
    if (window.padding.before[axis] > 0 || end > geometry.input[axis]) {
      return false;
    }
  }
  return true;
}

float InverseTemperature(const PoolGeometry& geometry) {
  return static_cast<float>(std::min<double>(
      1 / geometry.temperature, std::numeric_limits<float>::max()));
}

absl::StatusOr<PoolGeometry> Resolve(const PoolSpec& spec, const Shape& image) {
  if (!(spec.temperature > 0 && std::isfinite(spec.temperature))) {
    return BadValue("temperature", spec.temperature, "a finite number above 0");
  }
  LENSLET_ASSIGN_OR_RETURN(const Windows windows,
                           spec.output.empty() ? ResolveWindows(spec, image)
                                               : ResolveAdaptive(spec, image));
  const int rank = windows.output.rank();
  return PoolGeometry{.kind = spec.kind,
                      .window = To3d(windows.window),
                      .adaptive = windows.adaptive,
                      .count_padding = spec.count_padding,
                      .temperature = spec.temperature,
                      .input = To3d(*Axes::Create(image.dims().first(rank))),
                      .output = To3d(windows.output),
                      .channels = image.dim(rank)};
}

absl::StatusOr<Shape> OutputShape(const PoolSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const PoolGeometry geometry, Resolve(spec, image));
  const int rank = SpatialRank(spec);
  std::vector<int64_t> dims(geometry.output.end() - rank,
                            geometry.output.end());
  dims.push_back(geometry.channels);
  return Shape::Create(dims);
}

absl::StatusOr<Cost> ComputeCost(const PoolSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const PoolGeometry geometry, Resolve(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  constexpr int64_t kSoftmaxOperations = 3;
  const bool is_softmax = geometry.kind == PoolKind::kSoftmax;
  int64_t taps = geometry.channels;
  int64_t operations;
  bool overflows = false;
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t in = geometry.input[axis];
    const int64_t out = geometry.output[axis];
    // Adaptive windows cover the input once, and share a position with the next
    // where they do not end at a border between two.
    int64_t along = in + out - std::gcd(in, out);
    if (!geometry.adaptive) {
      overflows |=
          __builtin_mul_overflow(out, geometry.window.kernel[axis], &along);
    }
    overflows |= __builtin_mul_overflow(taps, along, &taps);
  }
  overflows |= __builtin_mul_overflow(taps, is_softmax ? kSoftmaxOperations : 1,
                                      &operations);
  if (overflows) {
    return absl::InvalidArgumentError(
        absl::StrCat("windows of ", geometry.window.kernel.ToString(), " at ",
                     output.elements(),
                     " positions need more operations than 64 bits can count"));
  }
  Cost cost;
  cost.multiply_adds = is_softmax ? taps : 0;
  cost.other_operations = operations;
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(), .output = output.elements()}, cost));
  return cost;
}

}  // namespace lenslet
