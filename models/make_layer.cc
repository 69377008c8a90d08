#include "lenslet/models/make_layer.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/activation.h"
#include "lenslet/layers/add.h"
#include "lenslet/layers/batch_norm.h"
#include "lenslet/layers/concat.h"
#include "lenslet/layers/conv.h"
#include "lenslet/layers/conv_transpose.h"
#include "lenslet/layers/dropout.h"
#include "lenslet/layers/flatten.h"
#include "lenslet/layers/linear.h"
#include "lenslet/layers/pad.h"
#include "lenslet/layers/pool.h"
#include "lenslet/layers/reshape.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/concat/concat.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

using LayerOr = absl::StatusOr<std::shared_ptr<const Layer>>;

// Reads one layer, once. `Proto` is the message of the layer's kind.
class LayerReader {
 public:
  explicit LayerReader(std::vector<FieldStep>& place) : place_(place) {}

  LayerOr Read(const LayerProto& layer);

 private:
  template <typename Layer, typename Proto>
  LayerOr ReadConv(int rank, const Proto& proto);
  template <typename Layer>
  LayerOr ReadConvTranspose(int rank, const ConvTransposeProto& proto);
  // Of maxima and minima, which have no options of their own.
  template <typename Layer, typename Proto>
  LayerOr ReadExtremePool(int rank, const Proto& proto);
  template <typename Layer, typename Proto>
  LayerOr ReadAvgPool(int rank, const Proto& proto);
  template <typename Layer, typename Proto>
  LayerOr ReadSoftmaxPool(int rank, const Proto& proto);
  template <typename Layer, typename Proto>
  LayerOr ReadAdaptivePool(const Proto& proto);
  LayerOr ReadLinear(const LinearProto& proto);
  LayerOr ReadConcat(const ConcatProto& proto);
  LayerOr ReadPad(const PadProto& proto);
  LayerOr ReadBatchNorm(const BatchNormProto& proto);

  // For a layer over `rank` spatial dimensions.
  template <typename Proto>
  absl::StatusOr<layers::PoolOptions> ReadPool(int rank, const Proto& proto);
  template <typename Proto>
  absl::StatusOr<Window> ReadWindow(int rank, const Proto& proto);
  template <typename Proto>
  absl::StatusOr<Padding> ReadPadding(int rank, const Proto& proto);
  absl::StatusOr<PaddingMode> ReadPaddingMode(absl::string_view name, int field,
                                              PaddingModeProto mode);
  absl::StatusOr<Axes> ReadAxes(
      int rank, absl::string_view name, int field,
      const google::protobuf::RepeatedField<int64_t>& values);

  std::vector<FieldStep>& place_;
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

LayerOr LayerReader::Read(const LayerProto& layer) {
  place_.push_back({.number = layer.kind_case()});
  switch (layer.kind_case()) {
    case LayerProto::kConv1D:
      return ReadConv<layers::Conv1d>(1, layer.conv1d());
    case LayerProto::kConv2D:
      return ReadConv<layers::Conv2d>(2, layer.conv2d());
    case LayerProto::kConv3D:
      return ReadConv<layers::Conv3d>(3, layer.conv3d());
    case LayerProto::kConvTranspose1D:
      return ReadConvTranspose<layers::ConvTranspose1d>(
          1, layer.conv_transpose1d());
    case LayerProto::kConvTranspose2D:
      return ReadConvTranspose<layers::ConvTranspose2d>(
          2, layer.conv_transpose2d());
    case LayerProto::kConvTranspose3D:
      return ReadConvTranspose<layers::ConvTranspose3d>(
          3, layer.conv_transpose3d());
    case LayerProto::kMaxPool1D:
      return ReadExtremePool<layers::MaxPool1d>(1, layer.max_pool1d());
    case LayerProto::kMaxPool2D:
      return ReadExtremePool<layers::MaxPool2d>(2, layer.max_pool2d());
    case LayerProto::kMaxPool3D:
      return ReadExtremePool<layers::MaxPool3d>(3, layer.max_pool3d());
    case LayerProto::kAvgPool1D:
      return ReadAvgPool<layers::AvgPool1d>(1, layer.avg_pool1d());
    case LayerProto::kAvgPool2D:
      return ReadAvgPool<layers::AvgPool2d>(2, layer.avg_pool2d());
    case LayerProto::kAvgPool3D:
      return ReadAvgPool<layers::AvgPool3d>(3, layer.avg_pool3d());
    case LayerProto::kMinPool1D:
      return ReadExtremePool<layers::MinPool1d>(1, layer.min_pool1d());
    case LayerProto::kMinPool2D:
      return ReadExtremePool<layers::MinPool2d>(2, layer.min_pool2d());
    case LayerProto::kMinPool3D:
      return ReadExtremePool<layers::MinPool3d>(3, layer.min_pool3d());
    case LayerProto::kSoftmaxPool1D:
      return ReadSoftmaxPool<layers::SoftmaxPool1d>(1, layer.softmax_pool1d());
    case LayerProto::kSoftmaxPool2D:
      return ReadSoftmaxPool<layers::SoftmaxPool2d>(2, layer.softmax_pool2d());
    case LayerProto::kSoftmaxPool3D:
      return ReadSoftmaxPool<layers::SoftmaxPool3d>(3, layer.softmax_pool3d());
    case LayerProto::kAdaptiveMaxPool:
      return ReadAdaptivePool<layers::AdaptiveMaxPool>(
          layer.adaptive_max_pool());
    case LayerProto::kAdaptiveAvgPool:
      return ReadAdaptivePool<layers::AdaptiveAvgPool>(
          layer.adaptive_avg_pool());
    case LayerProto::kGlobalMaxPool:
      return std::make_shared<layers::GlobalMaxPool>();
    case LayerProto::kGlobalAvgPool:
      return std::make_shared<layers::GlobalAvgPool>();
    case LayerProto::kLinear:
      return ReadLinear(layer.linear());
    case LayerProto::kSigmoid:
      return std::make_shared<layers::Sigmoid>();
    case LayerProto::kTanh:
      return std::make_shared<layers::Tanh>();
    case LayerProto::kRelu:
      return std::make_shared<layers::Relu>();
    case LayerProto::kLeakyRelu:
      return layer.leaky_relu().has_slope()
                 ? std::make_shared<layers::LeakyRelu>(
                       layer.leaky_relu().slope())
                 : std::make_shared<layers::LeakyRelu>();
    case LayerProto::kElu:
      return layer.elu().has_alpha()
                 ? std::make_shared<layers::Elu>(layer.elu().alpha())
                 : std::make_shared<layers::Elu>();
    case LayerProto::kGelu:
      return std::make_shared<layers::Gelu>();
    case LayerProto::kSilu:
      return std::make_shared<layers::Silu>();
    case LayerProto::kSoftplus:
      return std::make_shared<layers::Softplus>();
    case LayerProto::kDropout:
      return std::make_shared<layers::Dropout>(layer.dropout().rate());
    case LayerProto::kBatchNorm:
      return ReadBatchNorm(layer.batch_norm());
    case LayerProto::kFlatten:
      return std::make_shared<layers::Flatten>();
    case LayerProto::kPad:
      return ReadPad(layer.pad());
    case LayerProto::kReshape:
      return std::make_shared<layers::Reshape>(std::vector<int64_t>(
          layer.reshape().shape().begin(), layer.reshape().shape().end()));
    case LayerProto::kAdd:
      return std::make_shared<layers::Add>();
    case LayerProto::kConcat:
      return ReadConcat(layer.concat());
    case LayerProto::KIND_NOT_SET:
      break;
  }
  place_.pop_back();
  return absl::InvalidArgumentError(
      "missing layer kind, for example conv2d { ... } or relu {}");
}

template <typename Layer, typename Proto>
LayerOr LayerReader::ReadConv(int rank, const Proto& proto) {
  LENSLET_ASSIGN_OR_RETURN(const Window window, ReadWindow(rank, proto));
  layers::ConvOptions options = {
      .output_channels = proto.output_channels(),
      .kernel = window.kernel,
      .stride = window.stride,
      .dilation = window.dilation,
      .padding = window.padding,
      .has_bias = proto.has_bias() ? proto.bias() : true,
      .flip = proto.flip(),
      .trainable = proto.has_trainable() ? proto.trainable() : true};
  if (proto.has_input_channels()) {
    options.input_channels = proto.input_channels();
  }
  if (proto.has_groups()) options.groups = proto.groups();
  LENSLET_ASSIGN_OR_RETURN(
      options.padding_mode,
      ReadPaddingMode("padding_mode", Proto::kPaddingModeFieldNumber,
                      proto.padding_mode()));
  for (const ConnectionProto& connection : proto.connection()) {
    options.connections.emplace_back(connection.input().begin(),
                                     connection.input().end());
  }
  return std::make_shared<Layer>(options);
}

template <typename Layer>
LayerOr LayerReader::ReadConvTranspose(int rank,
                                       const ConvTransposeProto& proto) {
  LENSLET_ASSIGN_OR_RETURN(const Window window, ReadWindow(rank, proto));
  layers::ConvTransposeOptions options = {
      .output_channels = proto.output_channels(),
      .kernel = window.kernel,
      .stride = window.stride,
      .dilation = window.dilation,
      .padding = window.padding,
      .has_bias = proto.has_bias() ? proto.bias() : true,
      .trainable = proto.has_trainable() ? proto.trainable() : true};
  LENSLET_ASSIGN_OR_RETURN(
      options.output_padding,
      ReadAxes(rank, "output_padding",
               ConvTransposeProto::kOutputPaddingFieldNumber,
               proto.output_padding()));
  if (proto.has_input_channels()) {
    options.input_channels = proto.input_channels();
  }
  return std::make_shared<Layer>(options);
}

template <typename Layer, typename Proto>
LayerOr LayerReader::ReadExtremePool(int rank, const Proto& proto) {
  LENSLET_ASSIGN_OR_RETURN(const layers::PoolOptions options,
                           ReadPool(rank, proto));
  return std::make_shared<Layer>(options);
}

template <typename Layer, typename Proto>
LayerOr LayerReader::ReadAvgPool(int rank, const Proto& proto) {
  LENSLET_ASSIGN_OR_RETURN(layers::PoolOptions options, ReadPool(rank, proto));
  if (proto.has_count_padding()) options.count_padding = proto.count_padding();
  return std::make_shared<Layer>(options);
}

template <typename Layer, typename Proto>
LayerOr LayerReader::ReadSoftmaxPool(int rank, const Proto& proto) {
  LENSLET_ASSIGN_OR_RETURN(layers::PoolOptions options, ReadPool(rank, proto));
  if (proto.has_temperature()) options.temperature = proto.temperature();
  return std::make_shared<Layer>(options);
}

template <typename Layer, typename Proto>
LayerOr LayerReader::ReadAdaptivePool(const Proto& proto) {
  LENSLET_ASSIGN_OR_RETURN(const Axes output,
                           ReadAxes(kRankOfInput, "output",
                                    Proto::kOutputFieldNumber, proto.output()));
  if (output.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has no output, expected sizes: ", ExpectedAxes(kRankOfInput)));
  }
  return std::make_shared<Layer>(output);
}

LayerOr LayerReader::ReadLinear(const LinearProto& proto) {
  layers::LinearOptions options = {
      .output_features = proto.output_features(),
      .has_bias = proto.has_bias() ? proto.bias() : true,
      .trainable = proto.has_trainable() ? proto.trainable() : true};
  if (proto.has_input_features()) {
    options.input_features = proto.input_features();
  }
  return std::make_shared<layers::Linear>(options);
}

LayerOr LayerReader::ReadConcat(const ConcatProto& proto) {
  ConcatSpec spec;
  if (proto.has_axis()) spec.axis = proto.axis();
  return std::make_shared<layers::Concat>(spec);
}

LayerOr LayerReader::ReadBatchNorm(const BatchNormProto& proto) {
  layers::BatchNormOptions options;
  if (proto.has_epsilon()) options.epsilon = proto.epsilon();
  if (proto.has_momentum()) options.momentum = proto.momentum();
  return std::make_shared<layers::BatchNorm>(options);
}

template <typename Proto>
absl::StatusOr<Window> LayerReader::ReadWindow(int rank, const Proto& proto) {
  Window window;
  LENSLET_ASSIGN_OR_RETURN(
      window.kernel,
      ReadAxes(rank, "kernel", Proto::kKernelFieldNumber, proto.kernel()));
  if (window.kernel.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has no kernel, expected sizes: ", ExpectedAxes(rank)));
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
        "it has padding, for both sides, and padding_before or padding_after "
        "too; expected one or the other");
  }
  return Padding(both, both);
}

absl::StatusOr<PaddingMode> LayerReader::ReadPaddingMode(
    absl::string_view name, int field, PaddingModeProto mode) {
  switch (mode) {
    case ZERO:
      return PaddingMode::kZero;
    case REFLECT:
      return PaddingMode::kReflect;
    case REPLICATE:
      return PaddingMode::kReplicate;
    default:
      break;
  }
  place_.push_back({field, 0});
  return absl::InvalidArgumentError(
      absl::StrCat(name, " is ", static_cast<int>(mode),
                   ", expected ZERO, REFLECT or REPLICATE"));
}

LayerOr LayerReader::ReadPad(const PadProto& proto) {
  layers::PadOptions options;
  LENSLET_ASSIGN_OR_RETURN(options.padding, ReadPadding(kRankOfInput, proto));
  LENSLET_ASSIGN_OR_RETURN(
      options.mode,
      ReadPaddingMode("mode", PadProto::kModeFieldNumber, proto.mode()));
  return std::make_shared<layers::Pad>(options);
}

absl::StatusOr<Axes> LayerReader::ReadAxes(
    int rank, absl::string_view name, int field,
    const google::protobuf::RepeatedField<int64_t>& values) {
  if (values.size() > (rank == kRankOfInput ? Axes::kMaxRank : rank)) {
    place_.push_back({field, 0});
    return absl::InvalidArgumentError(absl::StrCat(name, " has ", values.size(),
                                                   " numbers, expected ",
                                                   ExpectedAxes(rank)));
  }
  if (values.size() == 1 && rank != kRankOfInput) {
    return Axes::Filled(rank, values[0]);
  }
  return Axes::Create(values);
}

template <typename Proto>
absl::StatusOr<layers::PoolOptions> LayerReader::ReadPool(int rank,
                                                          const Proto& proto) {
  LENSLET_ASSIGN_OR_RETURN(const Window window, ReadWindow(rank, proto));
  return layers::PoolOptions{
      .kernel = window.kernel,
      .stride = window.stride,
      .dilation = window.dilation,
      .padding = window.padding,
      .rounding = proto.ceil() ? Rounding::kCeil : Rounding::kFloor};
}

}  // namespace

LayerOr MakeLayer(const LayerProto& layer, std::vector<FieldStep>& place) {
  return LayerReader(place).Read(layer);
}

}  // namespace lenslet
