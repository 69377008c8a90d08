#include "lenslet/layers/conv_transpose.h"

#include <numeric>

#include "lenslet/base/status_macros.h"
#include "lenslet/layers/spatial.h"
#include "lenslet/ops/conv_transpose/conv_transpose.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {
namespace {

// The most taps that write one output position. Along an axis, those that do
// are multiples of stride / gcd(stride, dilation) apart.
int64_t TapsOfAnOutput(const ConvTransposeGeometry& geometry) {
  const Window& w = geometry.window;
  int64_t taps = 1;
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t apart =
        w.stride[axis] / std::gcd(w.stride[axis], w.dilation[axis]);
    taps *= (w.kernel[axis] - 1) / apart + 1;
  }
  return taps;
}

}  // namespace

absl::StatusOr<ConvTransposeSpec> ConvTranspose::Spec(
    absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LENSLET_RETURN_IF_ERROR(
      CheckDimensions(type(), rank_, options_.kernel, inputs[0]));
  return ConvTransposeSpec{
      .input_channels = options_.input_channels.value_or(inputs[0].dim(rank_)),
      .output_channels = options_.output_channels,
      .window = {.kernel = options_.kernel,
                 .stride = options_.stride,
                 .dilation = options_.dilation,
                 .padding = options_.padding},
      .output_padding = options_.output_padding,
      .has_bias = options_.has_bias};
}

std::string ConvTranspose::Details() const {
  return WindowText({.kernel = options_.kernel,
                     .stride = options_.stride,
                     .dilation = options_.dilation,
                     .padding = options_.padding});
}

absl::StatusOr<LayerInfo> ConvTranspose::Infer(
    absl::Span<const Shape> inputs) const {
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeSpec spec, Spec(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(const Shape filter, FilterShape(spec));
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeGeometry geometry,
                           Resolve(spec, inputs[0]));
  info.parameters = WeightAndBias(
      filter, /*fan_in=*/TapsOfAnOutput(geometry) * spec.input_channels,
      /*fan_out=*/filter.elements() / spec.input_channels, spec.has_bias,
      spec.output_channels, options_.trainable);
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> ConvTranspose::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeSpec spec, Spec(inputs));
  return MakeConvTransposeKernel(backend, spec, inputs[0], images);
}

ConvTransposeOptions ConvTranspose::OptionsWithBias() const {
  ConvTransposeOptions options = options_;
  options.has_bias = true;
  return options;
}

}  // namespace lenslet::layers
