#include "lenslet/ops/conv_transpose/conv_transpose.h"

#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/conv_transpose/conv_transpose_lanes.h"
#include "lenslet/ops/conv_transpose/conv_transpose_reference.h"
#include "lenslet/ops/conv_transpose/conv_transpose_xnnpack.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

// Over `rank` spatial dimensions; `bias` may be null.
absl::StatusOr<Tensor> ConvTranspose(int rank, const Tensor& x,
                                     const Tensor& filter, const Tensor* bias,
                                     const ConvTransposeOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckConvArguments(rank, x, filter, bias));
  LENSLET_ASSIGN_OR_RETURN(
      const Axes kernel, Axes::Create(filter.shape().dims().subspan(1, rank)));
  const ConvTransposeSpec spec = {
      .input_channels = filter.shape().dim(rank + 1),
      .output_channels = filter.shape().dim(0),
      .window = {.kernel = kernel,
                 .stride = options.stride,
                 .dilation = options.dilation,
                 .padding = options.padding},
      .output_padding = options.output_padding,
      .has_bias = bias != nullptr};
  std::vector<const Tensor*> parameters = {&filter};
  if (bias != nullptr) parameters.push_back(bias);
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape y_image, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<Kernel> kernel_of_spec,
      MakeConvTransposeKernel(options.backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, y_image));
  LENSLET_RETURN_IF_ERROR(
      RunOnce(std::move(kernel_of_spec), {&x}, parameters, y));
  return y;
}

}  // namespace

absl::StatusOr<Tensor> ConvTranspose1d(const Tensor& x, const Tensor& filter,
                                       const Tensor& bias,
                                       const ConvTransposeOptions& options) {
  return ConvTranspose(1, x, filter, &bias, options);
}

absl::StatusOr<Tensor> ConvTranspose1d(const Tensor& x, const Tensor& filter,
                                       const ConvTransposeOptions& options) {
  return ConvTranspose(1, x, filter, nullptr, options);
}

absl::StatusOr<Tensor> ConvTranspose2d(const Tensor& x, const Tensor& filter,
                                       const Tensor& bias,
                                       const ConvTransposeOptions& options) {
  return ConvTranspose(2, x, filter, &bias, options);
}

absl::StatusOr<Tensor> ConvTranspose2d(const Tensor& x, const Tensor& filter,
                                       const ConvTransposeOptions& options) {
  return ConvTranspose(2, x, filter, nullptr, options);
}

absl::StatusOr<Tensor> ConvTranspose3d(const Tensor& x, const Tensor& filter,
                                       const Tensor& bias,
                                       const ConvTransposeOptions& options) {
  return ConvTranspose(3, x, filter, &bias, options);
}

absl::StatusOr<Tensor> ConvTranspose3d(const Tensor& x, const Tensor& filter,
                                       const ConvTransposeOptions& options) {
  return ConvTranspose(3, x, filter, nullptr, options);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeKernel(
    Backend backend, const ConvTransposeSpec& spec, const Shape& image,
    int64_t images) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeGeometry geometry,
                           Resolve(spec, image));
  switch (backend) {
    case Backend::kReference:
      return MakeConvTransposeReferenceKernel(geometry);
    case Backend::kXnnpack:
      return MakeConvTransposeXnnpackKernel(geometry, images);
    case Backend::kLanes:
      return MakeConvTransposeLanesKernel(geometry, images);
    case Backend::kDirect:
      return absl::UnimplementedError(
          "the direct backend has no transposed convolution");
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
