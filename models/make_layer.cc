#include "lenslet/models/make_layer.h"

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/layers.h"
#include "lenslet/models/model_rules.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/concat/concat.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

using LayerOr = absl::StatusOr<Layer>;

// Reads one layer whose fields obey their rules, once. `Proto` is the message
// of the layer's kind.
class LayerReader {
 public:
  // Errors: InvalidArgument.
  LayerOr Read(const LayerProto& layer);

  // After an error: the path from the layer to the field that it is about.
  const std::vector<FieldStep>& place() const { return place_; }

 private:
  template <typename Proto>
  LayerOr ReadConv(int rank, const Proto& proto);
  LayerOr ReadConvTranspose(int rank, const ConvTransposeProto& proto);
  // For a layer over `rank` spatial dimensions.
  template <typename Proto>
  LayerOr ReadPool(PoolKind kind, int rank, const Proto& proto);
  template <typename Proto>
  LayerOr ReadAdaptivePool(PoolKind kind, const Proto& proto);
  LayerOr ReadLinear(const LinearProto& proto);
  LayerOr ReadConcat(const ConcatProto& proto);
  LayerOr ReadPad(const PadProto& proto);
  LayerOr ReadResize(const ResizeProto& proto);
  LayerOr ReadBatchNorm(const BatchNormProto& proto);
  LayerOr ReadLayerNorm(const LayerNormProto& proto);
  LayerOr ReadLrn(const LrnProto& proto);

  template <typename Proto>
  absl::StatusOr<Window> ReadWindow(int rank, const Proto& proto);
  template <typename Proto>
  absl::StatusOr<Padding> ReadPadding(int rank, const Proto& proto);
  absl::StatusOr<Axes> ReadAxes(
      int rank, absl::string_view name, int field,
      const google::protobuf::RepeatedField<int64_t>& values);

  std::vector<FieldStep> place_;
};

// In place of a number of dimensions: as many as the layer's input has.
constexpr int kRankOfInput = 0;

// What can be written where one number for each axis is wanted.
absl::string_view ExpectedAxes(int rank) {
  switch (rank) {
    case kRankOfInput:
      return "one for all axes, or one for each of at most three";
    case 1:
      return "one";
    case 2:
      return "one for both axes, or [rows, columns]";
    default:
      return "one for all axes, or [frames, rows, columns]";
  }
}

PaddingMode ToPaddingMode(PaddingModeProto mode) {
  switch (mode) {
    case REFLECT:
      return PaddingMode::kReflect;
    case REPLICATE:
      return PaddingMode::kReplicate;
    default:
      return PaddingMode::kZero;
  }
}

ResizeCoordinates ToCoordinates(ResizeCoordinatesProto coordinates) {
  switch (coordinates) {
    case PYTORCH_HALF_PIXEL:
      return ResizeCoordinates::kPytorchHalfPixel;
    case ALIGN_CORNERS:
      return ResizeCoordinates::kAlignCorners;
    case ASYMMETRIC:
      return ResizeCoordinates::kAsymmetric;
    default:
      return ResizeCoordinates::kHalfPixel;
  }
}

ResizeRounding ToRounding(ResizeRoundingProto rounding) {
  switch (rounding) {
    case ROUND_PREFER_CEIL:
      return ResizeRounding::kRoundPreferCeil;
    case ROUND_FLOOR:
      return ResizeRounding::kFloor;
    case ROUND_CEIL:
      return ResizeRounding::kCeil;
    default:
      return ResizeRounding::kRoundPreferFloor;
  }
}

LayerOr LayerReader::Read(const LayerProto& layer) {
  place_.push_back({.number = layer.kind_case()});
  switch (layer.kind_case()) {
    case LayerProto::kConv1D:
      return ReadConv(1, layer.conv1d());
    case LayerProto::kConv2D:
      return ReadConv(2, layer.conv2d());
    case LayerProto::kConv3D:
      return ReadConv(3, layer.conv3d());
    case LayerProto::kConvTranspose1D:
      return ReadConvTranspose(1, layer.conv_transpose1d());
    case LayerProto::kConvTranspose2D:
      return ReadConvTranspose(2, layer.conv_transpose2d());
    case LayerProto::kConvTranspose3D:
      return ReadConvTranspose(3, layer.conv_transpose3d());
    case LayerProto::kMaxPool1D:
      return ReadPool(PoolKind::kMax, 1, layer.max_pool1d());
    case LayerProto::kMaxPool2D:
      return ReadPool(PoolKind::kMax, 2, layer.max_pool2d());
    case LayerProto::kMaxPool3D:
      return ReadPool(PoolKind::kMax, 3, layer.max_pool3d());
    case LayerProto::kAvgPool1D:
      return ReadPool(PoolKind::kAverage, 1, layer.avg_pool1d());
    case LayerProto::kAvgPool2D:
      return ReadPool(PoolKind::kAverage, 2, layer.avg_pool2d());
    case LayerProto::kAvgPool3D:
      return ReadPool(PoolKind::kAverage, 3, layer.avg_pool3d());
    case LayerProto::kMinPool1D:
      return ReadPool(PoolKind::kMin, 1, layer.min_pool1d());
    case LayerProto::kMinPool2D:
      return ReadPool(PoolKind::kMin, 2, layer.min_pool2d());
    case LayerProto::kMinPool3D:
      return ReadPool(PoolKind::kMin, 3, layer.min_pool3d());
    case LayerProto::kSoftmaxPool1D:
      return ReadPool(PoolKind::kSoftmax, 1, layer.softmax_pool1d());
    case LayerProto::kSoftmaxPool2D:
      return ReadPool(PoolKind::kSoftmax, 2, layer.softmax_pool2d());
    case LayerProto::kSoftmaxPool3D:
      return ReadPool(PoolKind::kSoftmax, 3, layer.softmax_pool3d());
    case LayerProto::kAdaptiveMaxPool:
      return ReadAdaptivePool(PoolKind::kMax, layer.adaptive_max_pool());
    case LayerProto::kAdaptiveAvgPool:
      return ReadAdaptivePool(PoolKind::kAverage, layer.adaptive_avg_pool());
    case LayerProto::kGlobalMaxPool:
      return layers::GlobalMaxPool();
    case LayerProto::kGlobalAvgPool:
      return layers::GlobalAvgPool();
    case LayerProto::kLinear:
      return ReadLinear(layer.linear());
    case LayerProto::kSigmoid:
      return layers::Sigmoid();
    case LayerProto::kTanh:
      return layers::Tanh();
    case LayerProto::kRelu:
      return layers::Relu();
    case LayerProto::kLeakyRelu:
      return layers::LeakyRelu(
          ModelNumber(layer.leaky_relu(), LeakyReluProto::kSlopeFieldNumber));
    case LayerProto::kElu:
      return layers::Elu(ModelNumber(layer.elu(), EluProto::kAlphaFieldNumber));
    case LayerProto::kGelu:
      return layers::Gelu();
    case LayerProto::kSilu:
      return layers::Silu();
    case LayerProto::kSoftplus:
      return layers::Softplus();
    case LayerProto::kClip:
      return layers::Clip(
          ModelNumber(layer.clip(), ClipProto::kMinFieldNumber),
          ModelNumber(layer.clip(), ClipProto::kMaxFieldNumber));
    case LayerProto::kHardSigmoid:
      return layers::HardSigmoid(
          ModelNumber(layer.hard_sigmoid(),
                      HardSigmoidProto::kSlopeFieldNumber),
          ModelNumber(layer.hard_sigmoid(),
                      HardSigmoidProto::kOffsetFieldNumber));
    case LayerProto::kHardSwish:
      return layers::HardSwish();
    case LayerProto::kDropout:
      return layers::Dropout(layer.dropout().rate());
    case LayerProto::kBatchNorm:
      return ReadBatchNorm(layer.batch_norm());
    case LayerProto::kLayerNorm:
      return ReadLayerNorm(layer.layer_norm());
    case LayerProto::kLrn:
      return ReadLrn(layer.lrn());
    case LayerProto::kFlatten:
      return layers::Flatten();
    case LayerProto::kPad:
      return ReadPad(layer.pad());
    case LayerProto::kResize:
      return ReadResize(layer.resize());
    case LayerProto::kReshape:
      return layers::Reshape(std::vector<int64_t>(
          layer.reshape().shape().begin(), layer.reshape().shape().end()));
    case LayerProto::kAdd:
      return layers::Add();
    case LayerProto::kMul:
      return layers::Mul();
    case LayerProto::kConcat:
      return ReadConcat(layer.concat());
    case LayerProto::KIND_NOT_SET:
      break;
  }
  place_.clear();
  return absl::InvalidArgumentError(
      "missing layer kind, for example conv2d { ... } or relu {}");
}

template <typename Proto>
LayerOr LayerReader::ReadConv(int rank, const Proto& proto) {
  ConvSpec spec = {.output_channels = proto.output_channels(),
                   .has_bias = proto.has_bias() ? proto.bias() : true,
                   .flip = proto.flip()};
  LENSLET_ASSIGN_OR_RETURN(spec.window, ReadWindow(rank, proto));
  spec.input_channels = proto.input_channels();
  spec.groups = ModelInteger(proto, Proto::kGroupsFieldNumber);
  spec.padding_mode = ToPaddingMode(proto.padding_mode());
  for (const ConnectionProto& connection : proto.connection()) {
    spec.connections.emplace_back(connection.input().begin(),
                                  connection.input().end());
  }
  return Layer(
      ConvLayer{rank, spec, proto.has_trainable() ? proto.trainable() : true});
}

LayerOr LayerReader::ReadConvTranspose(int rank,
                                       const ConvTransposeProto& proto) {
  ConvTransposeSpec spec = {.output_channels = proto.output_channels(),
                            .has_bias = proto.has_bias() ? proto.bias() : true};
  LENSLET_ASSIGN_OR_RETURN(spec.window, ReadWindow(rank, proto));
  LENSLET_ASSIGN_OR_RETURN(
      spec.output_padding,
      ReadAxes(rank, "output_padding",
               ConvTransposeProto::kOutputPaddingFieldNumber,
               proto.output_padding()));
  spec.input_channels = proto.input_channels();
  return Layer(ConvTransposeLayer{
      rank, spec, proto.has_trainable() ? proto.trainable() : true});
}

template <typename Proto>
LayerOr LayerReader::ReadPool(PoolKind kind, int rank, const Proto& proto) {
  PoolSpec spec = {
      .kind = kind,
      .rounding = proto.ceil() ? Rounding::kCeil : Rounding::kFloor};
  LENSLET_ASSIGN_OR_RETURN(spec.window, ReadWindow(rank, proto));
  if constexpr (requires { proto.has_count_padding(); }) {
    if (proto.has_count_padding()) spec.count_padding = proto.count_padding();
  }
  if constexpr (requires { proto.has_temperature(); }) {
    spec.temperature = ModelNumber(proto, Proto::kTemperatureFieldNumber);
  }
  return Layer(PoolLayer{rank, spec});
}

template <typename Proto>
LayerOr LayerReader::ReadAdaptivePool(PoolKind kind, const Proto& proto) {
  LENSLET_ASSIGN_OR_RETURN(const Axes output,
                           ReadAxes(kRankOfInput, "output",
                                    Proto::kOutputFieldNumber, proto.output()));
  if (output.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has no output; expected sizes: ", ExpectedAxes(kRankOfInput)));
  }
  return Layer(AdaptivePoolLayer{kind, output});
}

LayerOr LayerReader::ReadLinear(const LinearProto& proto) {
  LinearSpec spec = {.input_features = proto.input_features(),
                     .output_features = proto.output_features(),
                     .has_bias = proto.has_bias() ? proto.bias() : true};
  return layers::Linear(spec, proto.has_trainable() ? proto.trainable() : true);
}

LayerOr LayerReader::ReadConcat(const ConcatProto& proto) {
  ConcatSpec spec;
  if (proto.has_axis()) spec.axis = proto.axis();
  return layers::Concat(spec);
}

LayerOr LayerReader::ReadBatchNorm(const BatchNormProto& proto) {
  return layers::BatchNorm(
      {.epsilon = ModelNumber(proto, BatchNormProto::kEpsilonFieldNumber),
       .momentum = ModelNumber(proto, BatchNormProto::kMomentumFieldNumber)});
}

LayerOr LayerReader::ReadLrn(const LrnProto& proto) {
  const auto number = [&](int field) {
    return static_cast<float>(ModelNumber(proto, field));
  };
  return layers::Lrn({.size = ModelInteger(proto, LrnProto::kSizeFieldNumber),
                      .alpha = number(LrnProto::kAlphaFieldNumber),
                      .beta = number(LrnProto::kBetaFieldNumber),
                      .bias = number(LrnProto::kBiasFieldNumber)});
}

LayerOr LayerReader::ReadLayerNorm(const LayerNormProto& proto) {
  LayerNormSpec spec = {
      .epsilon = ModelNumber(proto, LayerNormProto::kEpsilonFieldNumber)};
  if (proto.has_axis()) spec.axis = proto.axis();
  return layers::LayerNorm(spec);
}

template <typename Proto>
absl::StatusOr<Window> LayerReader::ReadWindow(int rank, const Proto& proto) {
  Window window;
  LENSLET_ASSIGN_OR_RETURN(
      window.kernel,
      ReadAxes(rank, "kernel", Proto::kKernelFieldNumber, proto.kernel()));
  if (window.kernel.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has no kernel; expected sizes: ", ExpectedAxes(rank)));
  }
  LENSLET_ASSIGN_OR_RETURN(
      window.stride,
      ReadAxes(rank, "stride", Proto::kStrideFieldNumber, proto.stride()));
  LENSLET_ASSIGN_OR_RETURN(
      window.dilation, ReadAxes(rank, "dilation", Proto::kDilationFieldNumber,
                                proto.dilation()));
  LENSLET_ASSIGN_OR_RETURN(window.padding, ReadPadding(rank, proto));
  return window;
}

template <typename Proto>
absl::StatusOr<Padding> LayerReader::ReadPadding(int rank, const Proto& proto) {
  Padding padding;
  LENSLET_ASSIGN_OR_RETURN(
      const Axes both,
      ReadAxes(rank, "padding", Proto::kPaddingFieldNumber, proto.padding()));
  LENSLET_ASSIGN_OR_RETURN(
      padding.before,
      ReadAxes(rank, "padding_before", Proto::kPaddingBeforeFieldNumber,
               proto.padding_before()));
  LENSLET_ASSIGN_OR_RETURN(
      padding.after,
      ReadAxes(rank, "padding_after", Proto::kPaddingAfterFieldNumber,
               proto.padding_after()));
  if (both.empty()) return padding;
  if (!padding.before.empty() || !padding.after.empty()) {
    place_.push_back({Proto::kPaddingFieldNumber, 0});
    return absl::InvalidArgumentError(
        "it has padding, which is for both sides, and also padding_before or "
        "padding_after; expected one or the other");
  }
  return Padding(both, both);
}

LayerOr LayerReader::ReadPad(const PadProto& proto) {
  PadSpec spec;
  LENSLET_ASSIGN_OR_RETURN(spec.padding, ReadPadding(kRankOfInput, proto));
  spec.mode = ToPaddingMode(proto.mode());
  return layers::Pad(spec);
}

LayerOr LayerReader::ReadResize(const ResizeProto& proto) {
  ResizeSpec spec = {.mode = proto.mode() == LINEAR ? ResizeMode::kLinear
                                                    : ResizeMode::kNearest,
                     .coordinates = ToCoordinates(proto.coordinates()),
                     .rounding = ToRounding(proto.rounding()),
                     .scale = {proto.scale().begin(), proto.scale().end()}};
  LENSLET_ASSIGN_OR_RETURN(
      spec.output, ReadAxes(kRankOfInput, "output",
                            ResizeProto::kOutputFieldNumber, proto.output()));
  return layers::Resize(spec);
}

absl::StatusOr<Axes> LayerReader::ReadAxes(
    int rank, absl::string_view name, int field,
    const google::protobuf::RepeatedField<int64_t>& values) {
  if (values.size() > (rank == kRankOfInput ? Axes::kMaxRank : rank)) {
    place_.push_back({field, 0});
    return absl::InvalidArgumentError(
        absl::StrCat(name, " has ", CountText(values.size(), "number"),
                     "; expected ", ExpectedAxes(rank)));
  }
  if (values.size() == 1 && rank != kRankOfInput) {
    return Axes::Filled(rank, values[0]);
  }
  return Axes::Create(values);
}

}  // namespace

std::optional<Layer> MakeLayer(const LayerProto& layer,
                               std::vector<FieldProblem>& problems) {
  const int kind = layer.kind_case();
  if (kind != LayerProto::KIND_NOT_SET) {
    std::vector<FieldProblem> broken_rules = CheckModelRulesOfPart(layer, kind);
    if (!broken_rules.empty()) {
      problems.insert(problems.end(),
                      std::make_move_iterator(broken_rules.begin()),
                      std::make_move_iterator(broken_rules.end()));
      return std::nullopt;
    }
  }
  LayerReader reader;
  LayerOr made = reader.Read(layer);
  if (made.ok()) return *std::move(made);
  problems.push_back({.path = reader.place(),
                      .message = std::string(made.status().message())});
  return std::nullopt;
}

}  // namespace lenslet
