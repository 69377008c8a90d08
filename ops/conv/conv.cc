#include "lenslet/ops/conv/conv.h"

#include <limits>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/conv/conv_composed.h"
#include "lenslet/ops/conv/conv_direct.h"
#include "lenslet/ops/conv/conv_direct_depthwise.h"
#include "lenslet/ops/conv/conv_lanes.h"
#include "lenslet/ops/conv/conv_lanes_depthwise.h"
#include "lenslet/ops/conv/conv_reference.h"
#include "lenslet/ops/conv/conv_xnnpack.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

// Over `rank` spatial dimensions. `bias` may be null.
absl::StatusOr<Tensor> ConvImpl(int rank, const Tensor& x, const Tensor& filter,
                                const Tensor* bias,
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
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<Kernel> kernel,
      MakeConvKernel(options.backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, y_image));
  if (bias == nullptr) {
    LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x}, {&filter}, y));
  } else {
    LENSLET_RETURN_IF_ERROR(
        RunOnce(std::move(kernel), {&x}, {&filter, bias}, y));
  }
  return y;
}

// On any backend but reference.
absl::StatusOr<std::unique_ptr<Kernel>> MakePlainKernel(
    Backend backend, const ConvGeometry& geometry, int64_t images,
    std::optional<ActivationSpec> activation,
    std::optional<PoolGeometry> pool) {
  switch (backend) {
    case Backend::kXnnpack:
      return MakeConvXnnpackKernel(geometry, images);
    case Backend::kLanes:
      if (IsDepthwise(geometry)) {
        if (activation || pool) return NoFusion(backend);
        return MakeConvLanesDepthwiseKernel(geometry);
      }
      return MakeConvLanesKernel(geometry, images, activation, std::move(pool));
    case Backend::kDirect:
      if (IsDepthwise(geometry)) {
        return MakeConvDirectDepthwiseKernel(geometry, activation);
      }
      return MakeConvDirectKernel(geometry, activation);
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
    std::optional<ActivationSpec> activation, std::optional<PoolSpec> pool) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  LENSLET_ASSIGN_OR_RETURN(const ConvGeometry geometry, Resolve(spec, image));
  if (activation) LENSLET_RETURN_IF_ERROR(CheckActivation(*activation));
  if ((activation && !(AppliesActivations(backend) &&
                       GradientFromOutput(activation->kind))) ||
      (pool && backend != Backend::kLanes)) {
    return NoFusion(backend);
  }
  std::optional<PoolGeometry> pool_geometry;
  if (pool) {
    LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
    LENSLET_ASSIGN_OR_RETURN(pool_geometry, Resolve(*pool, output));
  }
  if (backend == Backend::kReference) return MakeConvReferenceKernel(geometry);
  const bool has_groups = backend != Backend::kLanes || IsDepthwise(geometry);
  if (!NeedsComposition(geometry, has_groups)) {
    return MakePlainKernel(backend, geometry, images, activation,
                           std::move(pool_geometry));
  }
  if (activation || pool) return NoFusion(backend);
  return MakeConvComposedKernel(
      geometry, images, has_groups, [&](const ConvGeometry& plain) {
        return MakePlainKernel(backend, plain, images, {}, {});
      });
}

}  // namespace lenslet
