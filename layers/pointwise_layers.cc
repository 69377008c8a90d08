#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_kinds.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/add/add.h"
#include "lenslet/ops/batch_norm/batch_norm.h"
#include "lenslet/ops/broadcast.h"
#include "lenslet/ops/dropout/dropout.h"
#include "lenslet/ops/layer_norm/layer_norm.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/ops/lrn/lrn.h"
#include "lenslet/ops/mul/mul.h"

namespace lenslet {
namespace {

absl::StatusOr<LinearSpec> SpecFor(const LinearLayer& layer, Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  const int rank = inputs[0].rank();
  if (rank == 0) {
    return absl::InvalidArgumentError(
        "input is one number; expected [..., features]");
  }
  LinearSpec spec = layer.spec;
  if (spec.input_features == 0) spec.input_features = inputs[0].dim(rank - 1);
  return spec;
}

absl::StatusOr<BatchNormSpec> SpecFor(const BatchNormSpec& layer,
                                      Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  const int rank = inputs[0].rank();
  if (rank == 0) {
    return absl::InvalidArgumentError(
        "input is one number; expected [..., channels]");
  }
  BatchNormSpec spec = layer;
  if (spec.channels == 0) spec.channels = inputs[0].dim(rank - 1);
  return spec;
}

// Of an operator that computes each element from one of its only input.
template <typename Spec>
absl::StatusOr<LayerInfo> InferElementwise(const Spec& spec, Shapes inputs) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  LayerInfo info;
  info.reach = Reach::kPosition;
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  return info;
}

}  // namespace

std::string TypeOf(const LinearLayer&) { return "Linear"; }

std::string DetailsOf(const LinearLayer&) { return ""; }

absl::StatusOr<LayerInfo> Infer(const LinearLayer& layer, Shapes inputs) {
  LENSLET_ASSIGN_OR_RETURN(const LinearSpec spec, SpecFor(layer, inputs));
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.cost, ComputeCost(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(info.output, OutputShape(spec, inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(const Shape weight, WeightShape(spec));
  info.parameters =
      WeightAndBias(weight, /*fan_in=*/spec.input_features,
                    /*fan_out=*/spec.output_features, spec.has_bias,
                    spec.output_features, layer.trainable);
  if (inputs[0].rank() > 1) info.reach = Reach::kPosition;
  return info;
}

KernelOr MakeKernel(const LinearLayer& layer, Backend backend, Shapes inputs,
                    int64_t images, const Epilogue& epilogue) {
  LENSLET_ASSIGN_OR_RETURN(const LinearSpec spec, SpecFor(layer, inputs));
  return MakeLinearKernel(backend, spec, inputs[0], images, epilogue);
}

// "leaky_relu" is LeakyRelu.
std::string TypeOf(const ActivationSpec& layer) {
  std::string type;
  for (absl::string_view word : absl::StrSplit(Name(layer.kind), '_')) {
    type.push_back(absl::ascii_toupper(word[0]));
    absl::StrAppend(&type, word.substr(1));
  }
  return type;
}

std::string DetailsOf(const ActivationSpec& layer) {
  switch (layer.kind) {
    case ActivationKind::kLeakyRelu:
      return absl::StrCat("slope ", layer.slope);
    case ActivationKind::kElu:
      return absl::StrCat("alpha ", layer.alpha);
    case ActivationKind::kClip:
      return absl::StrCat("to [", layer.min, ", ", layer.max, "]");
    case ActivationKind::kHardSigmoid:
      return absl::StrCat("slope ", layer.hard_slope, ", offset ",
                          layer.offset);
    default:
      return "";
  }
}

absl::StatusOr<LayerInfo> Infer(const ActivationSpec& layer, Shapes inputs) {
  return InferElementwise(layer, inputs);
}

KernelOr MakeKernel(const ActivationSpec& layer, Backend backend, Shapes inputs,
                    int64_t images) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return MakeActivationKernel(backend, layer, inputs[0], images);
}

std::string TypeOf(const BatchNormSpec&) { return "BatchNorm"; }

std::string DetailsOf(const BatchNormSpec&) { return ""; }

// In inference, an output depends on its own position only.
absl::StatusOr<LayerInfo> Infer(const BatchNormSpec& layer, Shapes inputs) {
  LENSLET_ASSIGN_OR_RETURN(const BatchNormSpec spec, SpecFor(layer, inputs));
  LENSLET_ASSIGN_OR_RETURN(LayerInfo info, InferElementwise(spec, inputs));
  const Shape shape = {spec.channels};
  info.parameters = {
      {.name = "scale", .role = ParameterRole::kScale, .shape = shape},
      {.name = "bias", .role = ParameterRole::kBias, .shape = shape},
      {.name = "running_mean",
       .role = ParameterRole::kRunningMean,
       .shape = shape,
       .trainable = false},
      {.name = "running_variance",
       .role = ParameterRole::kRunningVariance,
       .shape = shape,
       .trainable = false}};
  return info;
}

KernelOr MakeKernel(const BatchNormSpec& layer, Backend backend, Shapes inputs,
                    int64_t images, const Epilogue& epilogue) {
  LENSLET_ASSIGN_OR_RETURN(const BatchNormSpec spec, SpecFor(layer, inputs));
  return MakeBatchNormKernel(backend, spec, inputs[0], images, epilogue);
}

std::string TypeOf(const LayerNormSpec&) { return "LayerNorm"; }

std::string DetailsOf(const LayerNormSpec& layer) {
  return layer.axis ? absl::StrCat("from axis ", *layer.axis) : "";
}

absl::StatusOr<LayerInfo> Infer(const LayerNormSpec& layer, Shapes inputs) {
  LENSLET_ASSIGN_OR_RETURN(LayerInfo info, InferElementwise(layer, inputs));
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, FeatureShape(layer, inputs[0]));
  // Of more than one position.
  if (shape.rank() > 1 || inputs[0].rank() == 1) info.reach = Reach::kAll;
  info.parameters = {
      {.name = "scale", .role = ParameterRole::kScale, .shape = shape},
      {.name = "bias", .role = ParameterRole::kBias, .shape = shape}};
  return info;
}

KernelOr MakeKernel(const LayerNormSpec& layer, Backend backend, Shapes inputs,
                    int64_t) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return MakeLayerNormKernel(backend, layer, inputs[0]);
}

std::string TypeOf(const LrnSpec&) { return "Lrn"; }

std::string DetailsOf(const LrnSpec& layer) {
  return absl::StrCat("size ", layer.size, ", alpha ", layer.alpha, ", beta ",
                      layer.beta, ", bias ", layer.bias);
}

absl::StatusOr<LayerInfo> Infer(const LrnSpec& layer, Shapes inputs) {
  LENSLET_ASSIGN_OR_RETURN(LayerInfo info, InferElementwise(layer, inputs));
  // Of a vector, the channels are positions.
  if (inputs[0].rank() == 1) info.reach = Reach::kAll;
  return info;
}

KernelOr MakeKernel(const LrnSpec& layer, Backend backend, Shapes inputs,
                    int64_t) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return MakeLrnKernel(backend, layer, inputs[0]);
}

std::string TypeOf(const DropoutSpec&) { return "Dropout"; }

std::string DetailsOf(const DropoutSpec& layer) {
  return absl::StrCat("rate ", layer.rate);
}

absl::StatusOr<LayerInfo> Infer(const DropoutSpec& layer, Shapes inputs) {
  return InferElementwise(layer, inputs);
}

KernelOr MakeKernel(const DropoutSpec& layer, Backend backend, Shapes inputs,
                    int64_t images) {
  LENSLET_RETURN_IF_ERROR(CheckOneInput(inputs));
  return MakeDropoutKernel(backend, layer, inputs[0], images);
}

std::string TypeOf(const AddLayer&) { return "Add"; }

std::string DetailsOf(const AddLayer&) { return ""; }

absl::StatusOr<LayerInfo> Infer(const AddLayer&, Shapes inputs) {
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, AddShape(inputs));
  LENSLET_ASSIGN_OR_RETURN(info.cost, AddCost(inputs));
  info.reach = RepeatsPositions(inputs) ? Reach::kAll : Reach::kPosition;
  return info;
}

KernelOr MakeKernel(const AddLayer&, Backend backend, Shapes inputs, int64_t,
                    const Epilogue& epilogue) {
  return MakeAddKernel(backend, inputs, epilogue);
}

std::string TypeOf(const MulLayer&) { return "Mul"; }

std::string DetailsOf(const MulLayer&) { return ""; }

absl::StatusOr<LayerInfo> Infer(const MulLayer&, Shapes inputs) {
  LayerInfo info;
  LENSLET_ASSIGN_OR_RETURN(info.output, MulShape(inputs));
  LENSLET_ASSIGN_OR_RETURN(info.cost, MulCost(inputs));
  info.reach = RepeatsPositions(inputs) ? Reach::kAll : Reach::kPosition;
  return info;
}

KernelOr MakeKernel(const MulLayer&, Backend backend, Shapes inputs, int64_t) {
  return MakeMulKernel(backend, inputs);
}

}  // namespace lenslet
