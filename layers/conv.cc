#include "lenslet/layers/conv.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/spatial.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {

absl::StatusOr<ConvSpec> Conv::Spec(absl::Span<const Shape> inputs) const {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LENSLET_RETURN_IF_ERROR(
      CheckDimensions(type(), rank_, options_.kernel, inputs[0]));
  return ConvSpec{
      .input_channels = options_.input_channels.value_or(inputs[0].dim(rank_)),
      .output_channels = options_.output_channels,
      .window = {.kernel = options_.kernel,
                 .stride = options_.stride,
                 .dilation = options_.dilation,
                 .padding = options_.padding},
      .has_bias = options_.has_bias,
      .groups = options_.groups,
      .padding_mode = options_.padding_mode,
      .flip = options_.flip,
      .connections = options_.connections};
}

std::string Conv::Details() const {
  std::string details = WindowText(Window{.kernel = options_.kernel,
                                          .stride = options_.stride,
                                          .dilation = options_.dilation,
                                          .padding = options_.padding});
  if (options_.padding_mode != PaddingMode::kZero) {
    absl::StrAppend(&details, ", ", Name(options_.padding_mode));
  }
  if (options_.groups != 1) {
    absl::StrAppend(&details, ", ", options_.groups, " groups");
  }
  if (!options_.connections.empty()) {
    absl::StrAppend(&details, ", table of connections");
  }
  if (options_.flip) absl::StrAppend(&details, ", flipped");
  return details;
}

absl::StatusOr<LayerInfo> Conv::Infer(absl::Span<const Shape> inputs) const {
  LENSLET_ASSIGN_OR_RETURN(const ConvSpec spec, Spec(inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(const Shape filter, FilterShape(spec));
  info.reach = Reach::kWindow;
  LENSLET_ASSIGN_OR_RETURN(info.window,
                           Resolve(spec.window, Axes::Filled(rank_, 1)));
  // An input channel that no output reads would make it 0.
  const int64_t fan_out =
      std::max(int64_t{1}, filter.elements() / spec.input_channels);
  info.parameters = WeightAndBias(
      filter, /*fan_in=*/filter.elements() / spec.output_channels, fan_out,
      spec.has_bias, spec.output_channels, options_.trainable);
  return info;
}

absl::StatusOr<std::unique_ptr<Kernel>> Conv::MakeKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images) const {
  LENSLET_ASSIGN_OR_RETURN(const ConvSpec spec, Spec(inputs));
  return MakeConvKernel(backend, spec, inputs[0], images);
}

absl::StatusOr<std::unique_ptr<Kernel>> Conv::MakeFusedKernel(
    Backend backend, absl::Span<const Shape> inputs, int64_t images,
    const Epilogue& epilogue) const {
  LENSLET_ASSIGN_OR_RETURN(const ConvSpec spec, Spec(inputs));
  return MakeConvKernel(backend, spec, inputs[0], images, epilogue);
}

}  // namespace lenslet::layers
