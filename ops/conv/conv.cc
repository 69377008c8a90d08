#include "ops/conv/conv.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ops/conv/conv_direct.h"
#include "ops/conv/conv_lanes.h"
#include "ops/conv/conv_reference.h"
#include "ops/conv/conv_xnnpack.h"
#include "ops/run_once.h"
#include "ops/simple_call.h"

namespace lenslet {
namespace {

// `bias` may be null.
absl::StatusOr<Tensor> Conv2dImpl(const Tensor& x, const Tensor& filter,
                                  const Tensor* bias,
                                  const ConvOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, "[N, H, W, Cin]", 4));
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("filter", filter, "[Cout, Kh, Kw, Cin]", 4));
  const ConvSpec spec = {
      .input_channels = filter.shape().dim(3),
      .output_channels = filter.shape().dim(0),
      .window = {.kernel = {filter.shape().dim(1), filter.shape().dim(2)},
                 .stride = options.stride,
                 .dilation = options.dilation,
                 .padding = options.padding},
      .has_bias = bias != nullptr};
  if (bias != nullptr) {
    LENSLET_RETURN_IF_ERROR(CheckFloats("bias", *bias, "[Cout]", 1));
    if (bias->shape().dim(0) != spec.output_channels) {
      return absl::InvalidArgumentError(
          absl::StrCat("bias has shape ", bias->shape().ToString(), ", filter ",
                       filter.shape().ToString(), " has ", spec.output_channels,
                       " output channels"));
    }
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

}  // namespace

absl::StatusOr<Tensor> Conv2d(const Tensor& x, const Tensor& filter,
                              const Tensor& bias, const ConvOptions& options) {
  return Conv2dImpl(x, filter, &bias, options);
}

absl::StatusOr<Tensor> Conv2d(const Tensor& x, const Tensor& filter,
                              const ConvOptions& options) {
  return Conv2dImpl(x, filter, nullptr, options);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvKernel(
    Backend backend, const ConvSpec& spec, const Shape& image, int64_t images,
    std::optional<ActivationSpec> activation, std::optional<PoolSpec> pool) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  LENSLET_ASSIGN_OR_RETURN(const ConvGeometry geometry, Resolve(spec, image));
  if ((activation && !AppliesActivations(backend)) ||
      (pool && backend != Backend::kLanes)) {
    return NoFusion(backend);
  }
  std::optional<PoolGeometry> pool_geometry;
  if (pool) {
    LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
    LENSLET_ASSIGN_OR_RETURN(pool_geometry, Resolve(*pool, output));
  }
  switch (backend) {
    case Backend::kReference:
      return MakeConvReferenceKernel(geometry);
    case Backend::kXnnpack:
      return MakeConvXnnpackKernel(geometry, images);
    case Backend::kLanes:
      return MakeConvLanesKernel(geometry, images, activation, pool_geometry);
    case Backend::kDirect:
      return MakeConvDirectKernel(geometry, activation);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
