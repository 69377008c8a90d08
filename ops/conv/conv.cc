#include "lenslet/ops/conv/conv.h"

#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/conv/conv_call.h"
#include "lenslet/ops/conv/conv_composed.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

absl::Status CheckChannels(const ConvSpec& spec) {
  if (spec.input_channels < 1 || spec.input_channels > kMaxAxisSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("input_channels is ", spec.input_channels,
                     "; expected a number in [1, ", kMaxAxisSize, "]"));
  }
  if (spec.output_channels < 1 || spec.output_channels > kMaxAxisSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("output_channels is ", spec.output_channels,
                     "; expected a number in [1, ", kMaxAxisSize, "]"));
  }
  return absl::OkStatus();
}

absl::Status CheckGroups(const ConvSpec& spec) {
  if (spec.groups < 1 || spec.groups > kMaxAxisSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("groups is ", spec.groups, "; expected a number in [1, ",
                     kMaxAxisSize, "]"));
  }
  if (spec.input_channels % spec.groups != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("groups is ", spec.groups, "; expected a divisor of the ",
                     spec.input_channels, " input channels"));
  }
  if (spec.output_channels % spec.groups != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("groups is ", spec.groups, "; expected a divisor of the ",
                     spec.output_channels, " output channels"));
  }
  return absl::OkStatus();
}

absl::Status CheckConnections(const ConvSpec& spec) {
  if (spec.connections.empty()) return absl::OkStatus();
  if (spec.groups > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("groups is ", spec.groups,
                     " and there are connections; expected only one of the "
                     "two"));
  }
  const int64_t lists = spec.connections.size();
  if (lists != spec.output_channels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "connections has ", CountText(lists, "list"), "; expected ",
        spec.output_channels, ", one for each output channel"));
  }
  for (int64_t k = 0; k < lists; ++k) {
    const auto error = [k](auto... what) {
      return absl::InvalidArgumentError(
          absl::StrCat("the connections of output channel ", k, what...));
    };
    if (spec.connections[k].empty()) {
      return error(" list no input channels; expected at least 1");
    }
    int64_t before = -1;
    for (int64_t c : spec.connections[k]) {
      if (c < 0 || c >= spec.input_channels) {
        return error(" list input channel ", c, "; expected a number in [0, ",
                     spec.input_channels - 1, "]");
      }
      if (c <= before) {
        return error(" list input channel ", c, " after ", before,
                     "; expected ascending order");
      }
      before = c;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFilter(const ConvSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckChannels(spec));
  LENSLET_RETURN_IF_ERROR(CheckGroups(spec));
  return CheckConnections(spec);
}

absl::StatusOr<Window> ResolveWindow(const ConvSpec& spec) {
  return Resolve(spec.window, Axes::Filled(spec.window.kernel.rank(), 1));
}

}  // namespace

Axes PaddedInput(const ConvGeometry& geometry) {
  Axes padded = geometry.input;
  for (int axis = 0; axis < 3; ++axis) {
    padded[axis] += geometry.window.padding.before[axis] +
                    geometry.window.padding.after[axis];
  }
  return padded;
}

bool IsDepthwise(const ConvGeometry& geometry) {
  return geometry.groups > 1 && geometry.groups == geometry.input_channels &&
         geometry.groups == geometry.output_channels;
}

absl::StatusOr<ConvGeometry> Resolve(const ConvSpec& spec, const Shape& image) {
  LENSLET_RETURN_IF_ERROR(CheckFilter(spec));
  LENSLET_ASSIGN_OR_RETURN(const Window window, ResolveWindow(spec));
  const int rank = window.kernel.rank();
  if (image.rank() != rank + 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has ",
        CountText(image.rank(), "dimension"), "; kernel ",
        window.kernel.ToString(), " and channels need ", rank + 1));
  }
  if (image.dim(rank) != spec.input_channels) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has ", CountText(image.dim(rank), "channel"),
                     "; expected ", spec.input_channels));
  }
  LENSLET_ASSIGN_OR_RETURN(const Axes input,
                           Axes::Create(image.dims().first(rank)));
  LENSLET_ASSIGN_OR_RETURN(const Axes output, OutputSize(window, input));
  LENSLET_RETURN_IF_ERROR(
      CheckPadding(spec.padding_mode, window.padding, input));
  ConvGeometry geometry = {.window = To3d(window),
                           .input = To3d(input),
                           .output = To3d(output),
                           .input_channels = spec.input_channels,
                           .output_channels = spec.output_channels,
                           .has_bias = spec.has_bias,
                           .groups = spec.groups,
                           .padding_mode = spec.padding_mode,
                           .flip = spec.flip,
                           .connections = spec.connections};
  if (PaddedInput(geometry) == geometry.input) {
    geometry.padding_mode = PaddingMode::kZero;
  }
  if (geometry.window.kernel == Axes{1, 1, 1}) geometry.flip = false;
  return geometry;
}

absl::StatusOr<Shape> OutputShape(const ConvSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const ConvGeometry geometry, Resolve(spec, image));
  const int rank = spec.window.kernel.rank();
  std::vector<int64_t> dims(geometry.output.end() - rank,
                            geometry.output.end());
  dims.push_back(spec.output_channels);
  return Shape::Create(dims);
}

absl::StatusOr<Shape> FilterShape(const ConvSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckFilter(spec));
  LENSLET_ASSIGN_OR_RETURN(const Window window, ResolveWindow(spec));
  int64_t outer = spec.output_channels;
  if (!spec.connections.empty()) {
    outer = 0;
    for (const auto& channels : spec.connections) outer += channels.size();
  }
  std::vector<int64_t> dims(1, outer);
  dims.insert(dims.end(), window.kernel.begin(), window.kernel.end());
  if (spec.connections.empty()) {
    dims.push_back(spec.input_channels / spec.groups);
  }
  return Shape::Create(dims);
}

absl::StatusOr<Cost> ComputeCost(const ConvSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape filter, FilterShape(spec));
  const int64_t positions = output.elements() / spec.output_channels;
  Cost cost;
  if (__builtin_mul_overflow(positions, filter.elements(),
                             &cost.multiply_adds)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "filters of shape ", filter.ToString(), " at ", positions,
        " positions need more multiply-adds than 64 bits can count"));
  }
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(),
                .weight = filter.elements(),
                .bias = spec.has_bias ? spec.output_channels : 0,
                .output = output.elements()},
               cost));
  return cost;
}

absl::StatusOr<ConvCall> PrepareConv(int rank, const Tensor& x,
                                     const Tensor& filter, const Tensor* bias,
                                     const ConvOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckConvArguments(rank, x, filter, bias));
  LENSLET_ASSIGN_OR_RETURN(
      const Axes taps, Axes::Create(filter.shape().dims().subspan(1, rank)));
  ConvSpec spec = {.input_channels = filter.shape().dim(rank + 1),
                   .output_channels = filter.shape().dim(0),
                   .window = {.kernel = taps,
                              .stride = options.stride,
                              .dilation = options.dilation,
                              .padding = options.padding},
                   .has_bias = bias != nullptr,
                   .groups = options.groups,
                   .padding_mode = options.padding_mode,
                   .flip = options.flip};
  // Groups out of their range are for the spec's own checks.
  if (options.groups >= 1 &&
      __builtin_mul_overflow(spec.input_channels, options.groups,
                             &spec.input_channels)) {
    spec.input_channels = std::numeric_limits<int64_t>::max();
  }
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape y_image, OutputShape(spec, image));
  ConvCall call;
  LENSLET_ASSIGN_OR_RETURN(
      call.kernel, MakeConvKernel(options.backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(call.y, MakeOutput(images, y_image));
  return call;
}

namespace {

// Over `rank` spatial dimensions. `bias` may be null.
absl::StatusOr<Tensor> ConvImpl(int rank, const Tensor& x, const Tensor& filter,
                                const Tensor* bias,
                                const ConvOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(ConvCall call,
                           PrepareConv(rank, x, filter, bias, options));
  std::vector<const Tensor*> parameters = {&filter};
  if (bias != nullptr) parameters.push_back(bias);
  LENSLET_RETURN_IF_ERROR(
      RunOnce(std::move(call.kernel), {&x}, parameters, call.y));
  return std::move(call.y);
}

// On any backend but reference.
absl::StatusOr<std::unique_ptr<Kernel>> MakePlainKernel(
    Backend backend, const ConvGeometry& geometry, int64_t images,
    const EpilogueGeometry& epilogue, bool exact) {
  switch (backend) {
    case Backend::kXnnpack:
      return MakeConvXnnpackKernel(geometry, images);
    case Backend::kLanes:
      if (IsDepthwise(geometry)) {
        if (epilogue.pool) return NoFusion(backend);
        return MakeConvLanesDepthwiseKernel(geometry, epilogue.activation);
      }
      if (geometry.groups > 1) {
        if (epilogue.pool) return NoFusion(backend);
        return MakeConvLanesGroupedKernel(geometry, images,
                                          epilogue.activation);
      }
      return MakeConvLanesKernel(geometry, images, epilogue, exact);
    case Backend::kDirect:
      if (IsDepthwise(geometry)) {
        if (epilogue.pool) return NoFusion(backend);
        return MakeConvDirectDepthwiseKernel(geometry, epilogue.activation);
      }
      return MakeConvDirectKernel(geometry, epilogue, exact);
    case Backend::kReference:
      break;
  }
  return absl::InternalError("unknown backend");
}

}  // namespace

absl::StatusOr<Tensor> Conv2d(const Tensor& x, const Tensor& filter,
                              const Tensor& bias, const ConvOptions& options) {
  return ConvImpl(2, x, filter, &bias, options);
}

absl::StatusOr<Tensor> Conv2d(const Tensor& x, const Tensor& filter,
                              const ConvOptions& options) {
  return ConvImpl(2, x, filter, nullptr, options);
}

absl::StatusOr<Tensor> Conv1d(const Tensor& x, const Tensor& filter,
                              const Tensor& bias, const ConvOptions& options) {
  return ConvImpl(1, x, filter, &bias, options);
}

absl::StatusOr<Tensor> Conv1d(const Tensor& x, const Tensor& filter,
                              const ConvOptions& options) {
  return ConvImpl(1, x, filter, nullptr, options);
}

absl::StatusOr<Tensor> Conv3d(const Tensor& x, const Tensor& filter,
                              const Tensor& bias, const ConvOptions& options) {
  return ConvImpl(3, x, filter, &bias, options);
}

absl::StatusOr<Tensor> Conv3d(const Tensor& x, const Tensor& filter,
                              const ConvOptions& options) {
  return ConvImpl(3, x, filter, nullptr, options);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvKernel(
    Backend backend, const ConvSpec& spec, const Shape& image, int64_t images,
    const Epilogue& epilogue, bool exact) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  LENSLET_ASSIGN_OR_RETURN(const ConvGeometry geometry, Resolve(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const EpilogueGeometry epilogue_geometry,
                           Resolve(epilogue, output));
  if ((epilogue.activation &&
       !(AppliesActivations(backend) &&
         GradientFromOutput(epilogue.activation->kind))) ||
      (epilogue.pool && !AppliesActivations(backend))) {
    return NoFusion(backend);
  }
  if (backend == Backend::kReference) return MakeConvReferenceKernel(geometry);
  if (!NeedsComposition(geometry)) {
    return MakePlainKernel(backend, geometry, images, epilogue_geometry, exact);
  }
  if (!epilogue.empty()) return NoFusion(backend);
  return MakeConvComposedKernel(
      geometry, images, [&](const ConvGeometry& plain) {
        return MakePlainKernel(backend, plain, images, {}, exact);
      });
}

}  // namespace lenslet
