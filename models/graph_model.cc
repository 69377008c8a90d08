#include "lenslet/models/graph_model.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/repeated_field.h"
#include "lenslet/base/overloaded.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

// The messages of a kind of layer that exists in 1, 2 and 3 dimensions.
template <typename Proto>
Proto& ForRank(int rank, LayerProto& layer, Proto* (LayerProto::*for_1d)(),
               Proto* (LayerProto::*for_2d)(), Proto* (LayerProto::*for_3d)()) {
  return *(layer.*(rank == 1 ? for_1d : rank == 2 ? for_2d : for_3d))();
}

bool AllAre(const Axes& axes, int64_t value) {
  return std::all_of(axes.begin(), axes.end(),
                     [&](int64_t number) { return number == value; });
}

// One number stands for all axes.
void Write(const Axes& axes, google::protobuf::RepeatedField<int64_t>& field) {
  if (axes.empty()) return;
  if (AllAre(axes, axes[0])) {
    field.Add(axes[0]);
  } else {
    field.Add(axes.begin(), axes.end());
  }
}

template <typename Proto>
void WritePadding(const Padding& padding, Proto& proto) {
  if (padding.before == padding.after) {
    if (!AllAre(padding.before, 0)) {
      Write(padding.before, *proto.mutable_padding());
    }
    return;
  }
  if (!AllAre(padding.before, 0)) {
    Write(padding.before, *proto.mutable_padding_before());
  }
  if (!AllAre(padding.after, 0)) {
    Write(padding.after, *proto.mutable_padding_after());
  }
}

template <typename Proto>
void WriteWindow(const Window& window, const Axes& default_stride,
                 Proto& proto) {
  Write(window.kernel, *proto.mutable_kernel());
  if (window.stride != default_stride) {
    Write(window.stride, *proto.mutable_stride());
  }
  if (!AllAre(window.dilation, 1)) {
    Write(window.dilation, *proto.mutable_dilation());
  }
  WritePadding(window.padding, proto);
}

PaddingModeProto ToProto(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::kZero:
      return ZERO;
    case PaddingMode::kReflect:
      return REFLECT;
    case PaddingMode::kReplicate:
      return REPLICATE;
  }
  return ZERO;
}

ResizeCoordinatesProto ToProto(ResizeCoordinates coordinates) {
  switch (coordinates) {
    case ResizeCoordinates::kHalfPixel:
      return HALF_PIXEL;
    case ResizeCoordinates::kPytorchHalfPixel:
      return PYTORCH_HALF_PIXEL;
    case ResizeCoordinates::kAlignCorners:
      return ALIGN_CORNERS;
    case ResizeCoordinates::kAsymmetric:
      return ASYMMETRIC;
  }
  return HALF_PIXEL;
}

ResizeRoundingProto ToProto(ResizeRounding rounding) {
  switch (rounding) {
    case ResizeRounding::kRoundPreferFloor:
      return ROUND_PREFER_FLOOR;
    case ResizeRounding::kRoundPreferCeil:
      return ROUND_PREFER_CEIL;
    case ResizeRounding::kFloor:
      return ROUND_FLOOR;
    case ResizeRounding::kCeil:
      return ROUND_CEIL;
  }
  return ROUND_PREFER_FLOOR;
}

// What convolutions of both directions and linear layers have.
template <typename Proto>
void WriteParameterOptions(bool has_bias, bool trainable, Proto& proto) {
  if (!has_bias) proto.set_bias(false);
  if (!trainable) proto.set_trainable(false);
}

void Write(const ConvLayer& conv, LayerProto& layer) {
  ConvProto& proto =
      ForRank(conv.rank, layer, &LayerProto::mutable_conv1d,
              &LayerProto::mutable_conv2d, &LayerProto::mutable_conv3d);
  const ConvSpec& spec = conv.spec;
  proto.set_output_channels(spec.output_channels);
  if (spec.input_channels != 0) proto.set_input_channels(spec.input_channels);
  WriteWindow(spec.window, Axes::Filled(conv.rank, 1), proto);
  if (spec.groups != 1) proto.set_groups(spec.groups);
  proto.set_padding_mode(ToProto(spec.padding_mode));
  proto.set_flip(spec.flip);
  for (const std::vector<int64_t>& inputs : spec.connections) {
    proto.add_connection()->mutable_input()->Add(inputs.begin(), inputs.end());
  }
  WriteParameterOptions(spec.has_bias, conv.trainable, proto);
}

void Write(const ConvTransposeLayer& conv, LayerProto& layer) {
  ConvTransposeProto& proto =
      ForRank(conv.rank, layer, &LayerProto::mutable_conv_transpose1d,
              &LayerProto::mutable_conv_transpose2d,
              &LayerProto::mutable_conv_transpose3d);
  const ConvTransposeSpec& spec = conv.spec;
  proto.set_output_channels(spec.output_channels);
  if (spec.input_channels != 0) proto.set_input_channels(spec.input_channels);
  WriteWindow(spec.window, Axes::Filled(conv.rank, 1), proto);
  if (!AllAre(spec.output_padding, 0)) {
    Write(spec.output_padding, *proto.mutable_output_padding());
  }
  WriteParameterOptions(spec.has_bias, conv.trainable, proto);
}

void Write(const LinearLayer& linear, LayerProto& layer) {
  LinearProto& proto = *layer.mutable_linear();
  proto.set_output_features(linear.spec.output_features);
  if (linear.spec.input_features != 0) {
    proto.set_input_features(linear.spec.input_features);
  }
  WriteParameterOptions(linear.spec.has_bias, linear.trainable, proto);
}

// What every pooling has.
template <typename Proto>
Proto& WriteWindows(const PoolSpec& spec, Proto& proto) {
  WriteWindow(spec.window, spec.window.kernel, proto);
  proto.set_ceil(spec.rounding == Rounding::kCeil);
  return proto;
}

void Write(const PoolLayer& pool, LayerProto& layer) {
  const PoolSpec& spec = pool.spec;
  switch (spec.kind) {
    case PoolKind::kMax:
      WriteWindows(spec,
                   ForRank(pool.rank, layer, &LayerProto::mutable_max_pool1d,
                           &LayerProto::mutable_max_pool2d,
                           &LayerProto::mutable_max_pool3d));
      break;
    case PoolKind::kMin:
      WriteWindows(spec,
                   ForRank(pool.rank, layer, &LayerProto::mutable_min_pool1d,
                           &LayerProto::mutable_min_pool2d,
                           &LayerProto::mutable_min_pool3d));
      break;
    case PoolKind::kAverage: {
      AvgPoolProto& proto = WriteWindows(
          spec, ForRank(pool.rank, layer, &LayerProto::mutable_avg_pool1d,
                        &LayerProto::mutable_avg_pool2d,
                        &LayerProto::mutable_avg_pool3d));
      if (!spec.count_padding) proto.set_count_padding(false);
      break;
    }
    case PoolKind::kSoftmax: {
      SoftmaxPoolProto& proto = WriteWindows(
          spec, ForRank(pool.rank, layer, &LayerProto::mutable_softmax_pool1d,
                        &LayerProto::mutable_softmax_pool2d,
                        &LayerProto::mutable_softmax_pool3d));
      if (spec.temperature != PoolSpec().temperature) {
        proto.set_temperature(spec.temperature);
      }
      break;
    }
  }
}

void Write(const AdaptivePoolLayer& pool, LayerProto& layer) {
  Write(pool.output,
        pool.kind == PoolKind::kMax
            ? *layer.mutable_adaptive_max_pool()->mutable_output()
            : *layer.mutable_adaptive_avg_pool()->mutable_output());
}

void Write(const GlobalPoolLayer& pool, LayerProto& layer) {
  if (pool.kind == PoolKind::kMax) {
    layer.mutable_global_max_pool();
  } else {
    layer.mutable_global_avg_pool();
  }
}

void Write(const ActivationSpec& spec, LayerProto& layer) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      layer.mutable_sigmoid();
      break;
    case ActivationKind::kTanh:
      layer.mutable_tanh();
      break;
    case ActivationKind::kRelu:
      layer.mutable_relu();
      break;
    case ActivationKind::kLeakyRelu: {
      LeakyReluProto& proto = *layer.mutable_leaky_relu();
      if (spec.slope != ActivationSpec().slope) proto.set_slope(spec.slope);
      break;
    }
    case ActivationKind::kElu: {
      EluProto& proto = *layer.mutable_elu();
      if (spec.alpha != ActivationSpec().alpha) proto.set_alpha(spec.alpha);
      break;
    }
    case ActivationKind::kGelu:
      layer.mutable_gelu();
      break;
    case ActivationKind::kSilu:
      layer.mutable_silu();
      break;
    case ActivationKind::kSoftplus:
      layer.mutable_softplus();
      break;
    case ActivationKind::kClip: {
      ClipProto& proto = *layer.mutable_clip();
      if (spec.min != ActivationSpec().min) proto.set_min(spec.min);
      if (spec.max != ActivationSpec().max) proto.set_max(spec.max);
      break;
    }
    case ActivationKind::kHardSigmoid: {
      HardSigmoidProto& proto = *layer.mutable_hard_sigmoid();
      if (spec.hard_slope != ActivationSpec().hard_slope)
        proto.set_slope(spec.hard_slope);
      if (spec.offset != ActivationSpec().offset) {
        proto.set_offset(spec.offset);
      }
      break;
    }
    case ActivationKind::kHardSwish:
      layer.mutable_hard_swish();
      break;
  }
}

void Write(const BatchNormSpec& spec, LayerProto& layer) {
  BatchNormProto& proto = *layer.mutable_batch_norm();
  const BatchNormSpec defaults;
  if (spec.epsilon != defaults.epsilon) proto.set_epsilon(spec.epsilon);
  if (spec.momentum != defaults.momentum) proto.set_momentum(spec.momentum);
}

void Write(const LayerNormSpec& spec, LayerProto& layer) {
  LayerNormProto& proto = *layer.mutable_layer_norm();
  if (spec.axis) proto.set_axis(*spec.axis);
  if (spec.epsilon != LayerNormSpec().epsilon) proto.set_epsilon(spec.epsilon);
}

void Write(const LrnSpec& spec, LayerProto& layer) {
  LrnProto& proto = *layer.mutable_lrn();
  const LrnSpec defaults;
  if (spec.size != defaults.size) proto.set_size(spec.size);
  if (spec.alpha != defaults.alpha) proto.set_alpha(spec.alpha);
  if (spec.beta != defaults.beta) proto.set_beta(spec.beta);
  if (spec.bias != defaults.bias) proto.set_bias(spec.bias);
}

void Write(const DropoutSpec& spec, LayerProto& layer) {
  layer.mutable_dropout()->set_rate(spec.rate);
}

void Write(const PadSpec& spec, LayerProto& layer) {
  WritePadding(spec.padding, *layer.mutable_pad());
  layer.mutable_pad()->set_mode(ToProto(spec.mode));
}

void Write(const ResizeSpec& spec, LayerProto& layer) {
  ResizeProto& proto = *layer.mutable_resize();
  proto.set_mode(spec.mode == ResizeMode::kLinear ? LINEAR : NEAREST);
  proto.set_coordinates(ToProto(spec.coordinates));
  proto.set_rounding(ToProto(spec.rounding));
  proto.mutable_scale()->Add(spec.scale.begin(), spec.scale.end());
  proto.mutable_output()->Add(spec.output.begin(), spec.output.end());
}

void Write(const FlattenLayer&, LayerProto& layer) { layer.mutable_flatten(); }

void Write(const ReshapeLayer& reshape, LayerProto& layer) {
  layer.mutable_reshape()->mutable_shape()->Add(reshape.shape.begin(),
                                                reshape.shape.end());
}

void Write(const AddLayer&, LayerProto& layer) { layer.mutable_add(); }

void Write(const MulLayer&, LayerProto& layer) { layer.mutable_mul(); }

void Write(const ConcatSpec& spec, LayerProto& layer) {
  ConcatProto& proto = *layer.mutable_concat();
  if (spec.axis) proto.set_axis(*spec.axis);
}

const std::string& NameOfValue(const Graph& graph, int value) {
  const int node = graph.NodeOfValue(value);
  return node < 0 ? graph.inputs()[value].name : graph.nodes()[node].name;
}

// Whether the layer reads what it reads in a model that does not say.
bool ReadsPrevious(const Graph& graph, int node) {
  const Graph::Node& layer = graph.nodes()[node];
  if (layer.inputs.size() != 1) return false;
  return node == 0 ? graph.inputs().size() == 1
                   : graph.NodeOfValue(layer.inputs[0]) == node - 1;
}

}  // namespace

absl::StatusOr<ModelProto> ModelOf(const Graph& graph) {
  ModelProto model;
  for (const Graph::Input& input : graph.inputs()) {
    InputProto& proto = *model.add_input();
    proto.set_name(input.name);
    proto.mutable_shape()->Add(input.shape.dims().begin(),
                               input.shape.dims().end());
  }
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Graph::Node& node = graph.nodes()[i];
    LayerProto& layer = *model.add_layer();
    layer.set_name(node.name);
    if (!ReadsPrevious(graph, static_cast<int>(i))) {
      for (const int value : node.inputs) {
        layer.add_input(NameOfValue(graph, value));
      }
    }
    const bool is_written =
        std::visit(Overloaded{[](const CustomLayer&) { return false; },
                              [&](const auto& spec) {
                                Write(spec, layer);
                                return true;
                              }},
                   node.layer.spec());
    if (!is_written) {
      return absl::UnimplementedError(absl::StrCat(
          "layer \"", node.name, "\": ", node.layer.type(),
          " is a custom layer, which a model file cannot describe; "
          "SaveParameters() saves the parameters of such a network"));
    }
  }
  return model;
}

}  // namespace lenslet
