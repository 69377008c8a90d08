#include "lenslet/ops/conv_transpose/conv_transpose.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/conv_transpose/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

absl::Status CheckChannels(absl::string_view name, int64_t channels) {
  if (channels < 1 || channels > kMaxAxisSize) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is ", channels, "; expected a number in [1, ",
                     kMaxAxisSize, "]"));
  }
  return absl::OkStatus();
}

absl::Status CheckOutputPadding(const Window& window, const Axes& padding) {
  const int rank = window.kernel.rank();
  if (padding.rank() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("output padding ", padding.ToString(), " has ",
                     CountText(padding.rank(), "number"), "; expected ", rank,
                     ", as many as the kernel"));
  }
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t limit = std::max(window.stride[axis], window.dilation[axis]);
    if (padding[axis] < 0 || padding[axis] >= limit) {
      return absl::InvalidArgumentError(absl::StrCat(
          "output padding ", padding.ToString(), " has ", padding[axis],
          "; expected a number in [0, ", limit - 1,
          "]: less than the larger one of stride ", window.stride[axis],
          " and dilation ", window.dilation[axis]));
    }
  }
  return absl::OkStatus();
}

// The spec with all that was empty filled in.
absl::StatusOr<ConvTransposeSpec> Filled(const ConvTransposeSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckChannels("input_channels", spec.input_channels));
  LENSLET_RETURN_IF_ERROR(
      CheckChannels("output_channels", spec.output_channels));
  const int rank = spec.window.kernel.rank();
  ConvTransposeSpec filled = spec;
  LENSLET_ASSIGN_OR_RETURN(filled.window,
                           Resolve(spec.window, Axes::Filled(rank, 1)));
  if (filled.output_padding.empty()) {
    filled.output_padding = Axes::Filled(rank, 0);
  }
  LENSLET_RETURN_IF_ERROR(
      CheckOutputPadding(filled.window, filled.output_padding));
  return filled;
}

// For a spec that is filled.
absl::StatusOr<Axes> OutputSize(const ConvTransposeSpec& spec,
                                const Axes& input) {
  const Window& w = spec.window;
  Axes output = input;
  for (int axis = 0; axis < input.rank(); ++axis) {
    if (input[axis] < 1 || input[axis] > kMaxAxisSize) {
      return absl::InvalidArgumentError(
          absl::StrCat("input size ", input.ToString(), " has ", input[axis],
                       "; expected a number in [1, ", kMaxAxisSize, "]"));
    }
    // Two products of 31-bit numbers fit.
    output[axis] = (input[axis] - 1) * w.stride[axis] + Extent(w, axis) -
                   w.padding.before[axis] - w.padding.after[axis] +
                   spec.output_padding[axis];
    if (output[axis] < 1 || output[axis] > kMaxAxisSize) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the output's size along axis ", axis, " is ", output[axis],
          "; expected a number in [1, ", kMaxAxisSize, "] (input ",
          input.ToString(), ", kernel ", w.kernel.ToString(), " with dilation ",
          w.dilation.ToString(), ", stride ", w.stride.ToString(), ", padding ",
          w.padding.before.ToString(), " before and ",
          w.padding.after.ToString(), " after, output padding ",
          spec.output_padding.ToString(), ")"));
    }
  }
  return output;
}

}  // namespace

absl::StatusOr<ConvTransposeGeometry> Resolve(const ConvTransposeSpec& spec,
                                              const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeSpec filled, Filled(spec));
  const int rank = filled.window.kernel.rank();
  if (image.rank() != rank + 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has ",
        CountText(image.rank(), "dimension"), "; kernel ",
        filled.window.kernel.ToString(), " and channels need ", rank + 1));
  }
  if (image.dim(rank) != spec.input_channels) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has ", CountText(image.dim(rank), "channel"),
                     "; expected ", spec.input_channels));
  }
  LENSLET_ASSIGN_OR_RETURN(const Axes input,
                           Axes::Create(image.dims().first(rank)));
  LENSLET_ASSIGN_OR_RETURN(const Axes output, OutputSize(filled, input));
  return ConvTransposeGeometry{.window = To3d(filled.window),
                               .input = To3d(input),
                               .output = To3d(output),
                               .input_channels = spec.input_channels,
                               .output_channels = spec.output_channels,
                               .has_bias = spec.has_bias};
}

absl::StatusOr<Shape> OutputShape(const ConvTransposeSpec& spec,
                                  const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeGeometry geometry,
                           Resolve(spec, image));
  const int rank = spec.window.kernel.rank();
  std::vector<int64_t> dims(geometry.output.end() - rank,
                            geometry.output.end());
  dims.push_back(spec.output_channels);
  return Shape::Create(dims);
}

absl::StatusOr<Shape> FilterShape(const ConvTransposeSpec& spec) {
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeSpec filled, Filled(spec));
  const Axes& kernel = filled.window.kernel;
  std::vector<int64_t> dims(1, spec.output_channels);
  dims.insert(dims.end(), kernel.begin(), kernel.end());
  dims.push_back(spec.input_channels);
  return Shape::Create(dims);
}

absl::StatusOr<Cost> ComputeCost(const ConvTransposeSpec& spec,
                                 const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape filter, FilterShape(spec));
  const int64_t positions = image.elements() / spec.input_channels;
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
