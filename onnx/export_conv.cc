// Convolutions, transposed convolutions and linear layers.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/layer_writer.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

using Result = absl::StatusOr<OnnxValue>;

}  // namespace

std::string LayerWriter::WriteFilter(const ConvLayer& conv) {
  const ConvSpec& spec = conv.spec;
  const int64_t taps = [&] {
    int64_t product = 1;
    for (const int64_t size : spec.window.kernel) product *= size;
    return product;
  }();
  const int64_t channels = ChannelsOf(inputs_[0]) / spec.groups;
  std::vector<float> filter;
  if (spec.connections.empty()) {
    filter = TransposeEach(parameter(0).span(), spec.output_channels, taps,
                           channels);
  } else {
    filter.resize(spec.output_channels * channels * taps);
    const float* pair = parameter(0).data();
    for (size_t k = 0; k < spec.connections.size(); ++k) {
      for (const int64_t c : spec.connections[k]) {
        std::copy_n(pair, taps, &filter[(k * channels + c) * taps]);
        pair += taps;
      }
    }
  }
  if (spec.flip) {
    for (size_t i = 0; i < filter.size(); i += taps) {
      std::reverse(&filter[i], &filter[i] + taps);
    }
  }
  return writer_.Floats(
      parameter_name(0),
      Joined({spec.output_channels, channels}, AxesOf(spec.window.kernel)),
      filter);
}

Result LayerWriter::WriteKind(const ConvLayer& conv) {
  const Window& window = node_.window;
  Ints pads =
      Joined(AxesOf(window.padding.before), AxesOf(window.padding.after));
  std::string x = this->x();
  if (conv.spec.padding_mode != PaddingMode::kZero && AnyIsNot(pads, 0)) {
    x = PadImage(x, AxesOf(window.padding.before), AxesOf(window.padding.after),
                 ModeName(conv.spec.padding_mode), 0, writer_);
    pads.assign(pads.size(), 0);
  }
  std::vector<std::string> inputs = {x, WriteFilter(conv)};
  if (conv.spec.has_bias) inputs.push_back(WriteVector(1));
  OnnxAttributes attributes =
      WindowAttributes(AxesOf(window.kernel), AxesOf(window.stride),
                       AxesOf(window.dilation), pads);
  if (conv.spec.groups != 1) {
    attributes.emplace_back("group", conv.spec.groups);
  }
  return Output(writer_.Add("Conv", std::move(inputs), attributes));
}

Result LayerWriter::WriteKind(const ConvTransposeLayer& conv) {
  const ConvTransposeSpec& spec = conv.spec;
  LENSLET_ASSIGN_OR_RETURN(const Window window,
                           Resolve(spec.window, Axes::Filled(conv.rank, 1)));
  const Ints kernel = AxesOf(window.kernel);
  const int64_t channels = ChannelsOf(inputs_[0]);
  // [outputs, taps, channels] to [channels, outputs, taps].
  const std::vector<float> filter = TransposeEach(
      parameter(0).span(), 1, parameter(0).size() / channels, channels);
  std::vector<std::string> inputs = {
      x(),
      writer_.Floats(parameter_name(0),
                     Joined({channels, spec.output_channels}, kernel), filter)};
  if (spec.has_bias) inputs.push_back(WriteVector(1));
  OnnxAttributes attributes = WindowAttributes(
      kernel, AxesOf(window.stride), AxesOf(window.dilation),
      Joined(AxesOf(window.padding.before), AxesOf(window.padding.after)));
  if (const Ints added = AxesOf(spec.output_padding); AnyIsNot(added, 0)) {
    attributes.emplace_back("output_padding", added);
  }
  return Output(writer_.Add("ConvTranspose", std::move(inputs), attributes));
}

Result LayerWriter::WriteKind(const LinearLayer& linear) {
  const int64_t outputs = linear.spec.output_features;
  const int64_t features = ChannelsOf(inputs_[0]);
  const bool has_bias = linear.spec.has_bias;
  if (image().rank() == 1) {
    const Shape& unordered = inputs_[0].unordered;
    std::vector<float> weight(parameter(0).span().begin(),
                              parameter(0).span().end());
    if (unordered.rank() > 0) {
      weight = TransposeEach(weight, outputs, PositionsOf(unordered),
                             unordered.dim(unordered.rank() - 1));
    }
    std::vector<std::string> inputs = {
        x(), writer_.Floats(parameter_name(0), {outputs, features}, weight)};
    if (has_bias) {
      inputs.push_back(WriteVector(1));
    } else if (writer_.opset() < 11) {  // There, the bias is required.
      inputs.push_back(writer_.Scalar(absl::StrCat(node_.name, ".bias"), 0));
    }
    return Output(
        writer_.Add("Gemm", std::move(inputs), {{"transB", int64_t{1}}}));
  }
  if (spatial_rank() > Axes::kMaxRank) {
    return absl::UnimplementedError(absl::StrCat(
        "Linear of an input of shape ", image().ToString(),
        "; expected at most ", Axes::kMaxRank, " dimensions before channels"));
  }
  // Each position by itself: a convolution with a window of one position.
  const Ints ones(spatial_rank(), 1);
  const std::vector<float> weight(parameter(0).span().begin(),
                                  parameter(0).span().end());
  std::vector<std::string> inputs = {
      x(), writer_.Floats(parameter_name(0), Joined({outputs, features}, ones),
                          weight)};
  if (has_bias) inputs.push_back(WriteVector(1));
  return Output(
      writer_.Add("Conv", std::move(inputs), {{"kernel_shape", ones}}));
}

}  // namespace lenslet
