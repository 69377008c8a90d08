#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/layer_kinds.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv_transpose/conv_transpose.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

absl::string_view ImageLayout(int rank) {
  switch (rank) {
    case 1:
      return "[length, channels]";
    case 2:
      return "[height, width, channels]";
    default:
      return "[depth, height, width, channels]";
  }
}

// The layer's spec with the input's channels where it has none. Errors: as
// CheckDimensions().
template <typename ConvKind>
auto SpecFor(const ConvKind& layer, Shapes inputs)
    -> absl::StatusOr<decltype(layer.spec)> {
  LENSLET_RETURN_IF_ERROR(
      CheckDimensions(layer.rank, layer.spec.window.kernel, inputs));
  auto spec = layer.spec;
  if (spec.input_channels == 0) {
    spec.input_channels = inputs[0].dim(layer.rank);
  }
  return spec;
}

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

absl::Status CheckDimensions(int rank, const Axes& kernel, Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  if (kernel.rank() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("kernel ", kernel.ToString(), " has ",
                     CountText(kernel.rank(), "number"), "; expected ", rank));
  }
  if (inputs[0].rank() != rank + 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has shape ", inputs[0].ToString(), "; expected ",
                     ImageLayout(rank)));
  }
  return absl::OkStatus();
}

std::string TypeOf(const ConvLayer& layer) {
  return absl::StrCat("Conv", layer.rank, "d");
}

std::string DetailsOf(const ConvLayer& layer) {
  const ConvSpec& spec = layer.spec;
  std::string details = WindowText(spec.window);
  if (spec.padding_mode != PaddingMode::kZero) {
    absl::StrAppend(&details, ", ", Name(spec.padding_mode));
  }
  if (spec.groups != 1) absl::StrAppend(&details, ", ", spec.groups, " groups");
  if (!spec.connections.empty()) {
    absl::StrAppend(&details, ", table of connections");
  }
  if (spec.flip) absl::StrAppend(&details, ", flipped");
  return details;
}

// Where connections differ from channel to channel, fans are means, rounded
// down.
absl::StatusOr<LayerInfo> Infer(const ConvLayer& layer, Shapes inputs) {
  LENSLET_ASSIGN_OR_RETURN(const ConvSpec spec, SpecFor(layer, inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(const Shape filter, FilterShape(spec));
  info.reach = Reach::kWindow;
  LENSLET_ASSIGN_OR_RETURN(info.window,
                           Resolve(spec.window, Axes::Filled(layer.rank, 1)));
  // An input channel that no output reads would make it 0.
  const int64_t fan_out =
      std::max(int64_t{1}, filter.elements() / spec.input_channels);
  info.parameters = WeightAndBias(
      filter, /*fan_in=*/filter.elements() / spec.output_channels, fan_out,
      spec.has_bias, spec.output_channels, layer.trainable);
  return info;
}

KernelOr MakeKernel(const ConvLayer& layer, Backend backend, Shapes inputs,
                    int64_t images, const Epilogue& epilogue, bool exact) {
  LENSLET_ASSIGN_OR_RETURN(const ConvSpec spec, SpecFor(layer, inputs));
  return MakeConvKernel(backend, spec, inputs[0], images, epilogue, exact);
}

std::string TypeOf(const ConvTransposeLayer& layer) {
  return absl::StrCat("ConvTranspose", layer.rank, "d");
}

std::string DetailsOf(const ConvTransposeLayer& layer) {
  return WindowText(layer.spec.window);
}

absl::StatusOr<LayerInfo> Infer(const ConvTransposeLayer& layer,
                                Shapes inputs) {
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeSpec spec,
                           SpecFor(layer, inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(const Shape filter, FilterShape(spec));
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeGeometry geometry,
                           Resolve(spec, inputs[0]));
  info.parameters = WeightAndBias(
      filter, /*fan_in=*/TapsOfAnOutput(geometry) * spec.input_channels,
      /*fan_out=*/filter.elements() / spec.input_channels, spec.has_bias,
      spec.output_channels, layer.trainable);
  return info;
}

KernelOr MakeKernel(const ConvTransposeLayer& layer, Backend backend,
                    Shapes inputs, int64_t images) {
  LENSLET_ASSIGN_OR_RETURN(const ConvTransposeSpec spec,
                           SpecFor(layer, inputs));
  return MakeConvTransposeKernel(backend, spec, inputs[0], images);
}

}  // namespace lenslet
