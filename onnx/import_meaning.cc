#include "lenslet/onnx/import_meaning.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/read_metadata.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/tensor/element_type.h"

namespace lenslet {
namespace {

// Means and deviations from here on are those of pixels up to 255.
constexpr float kLargeForPixels = 16;

// What the first nodes subtract from the input and divide it by: the
// normalization, or else a batch normalization of the input.
Normalization FirstNumbers(const LayerImporter& importer) {
  Normalization numbers = importer.normalization();
  if (!numbers.empty()) return numbers;
  for (const ImportedLayer& layer : importer.layers()) {
    if (layer.inputs != std::vector<int>{-1} ||
        !std::holds_alternative<BatchNormSpec>(layer.layer.spec())) {
      continue;
    }
    // Scale, shift, mean and variance.
    numbers.mean = layer.parameters[2];
    for (const float variance : layer.parameters[3]) {
      numbers.deviation.push_back(std::sqrt(variance));
    }
    break;
  }
  return numbers;
}

// Whether the model takes pixels from 0 to 255, and why in a note.
bool TakesBytes(const onnx::ModelProto& model,
                const onnx::ValueInfoProto& input, const Shape& shape,
                const LayerImporter& importer, const OnnxImportOptions& options,
                std::vector<std::string>& notes) {
  if (options.takes_bytes) return *options.takes_bytes;
  if (shape.rank() != 3 || IsOurs(model)) return false;
  constexpr absl::string_view kElse =
      "; lenslet import --takes_bytes=false says that it takes pixels divided "
      "by 255";
  if (IsWholeType(input.type().tensor_type().elem_type())) {
    notes.push_back(
        "the model takes pixels from 0 to 255: its input has whole numbers");
    return true;
  }
  if (importer.divides_by_255()) {
    notes.push_back(
        "the model takes pixels from 0 to 255: its first node divides by 255");
    return true;
  }
  const Normalization first = FirstNumbers(importer);
  for (const auto& [what, numbers] : {std::pair("subtracts", &first.mean),
                                      {"divides by", &first.deviation}}) {
    for (const float number : *numbers) {
      if (std::abs(number) < kLargeForPixels) continue;
      notes.push_back(absl::StrCat("the model takes pixels from 0 to 255: it ",
                                   what, " ", number, kElse));
      return true;
    }
  }
  if (importer.normalization().empty()) {
    notes.push_back(
        "the model takes pixels divided by 255, or numbers as they are; "
        "lenslet import --takes_bytes says that it takes pixels from 0 to 255");
  }
  return false;
}

Normalization NormalizationOf(const LayerImporter& importer, bool takes_bytes) {
  Normalization normalization = importer.normalization();
  if (importer.divides_by_255() || !takes_bytes) return normalization;
  if (normalization.empty()) return {.mean = {0}, .deviation = {1.0f / 255}};
  for (float& mean : normalization.mean) mean /= 255;
  for (float& deviation : normalization.deviation) deviation /= 255;
  return normalization;
}

// Why outputs of this shape and function at the end are not of this kind; ""
// if they may be.
std::string WhyNotTargets(TargetKind kind, OutputActivation activation,
                          const Shape& output) {
  const bool is_sigmoid = activation == OutputActivation::kSigmoid;
  const TargetKind expected =
      is_sigmoid ? TargetKind::kLabels : TargetKind::kClasses;
  if (activation != OutputActivation::kNone && kind != expected) {
    return absl::StrCat("the model ends in a ",
                        is_sigmoid ? "sigmoid" : "softmax", "; expected ",
                        Name(expected),
                        ", or in --onnx_output the value before it");
  }
  if (kind == TargetKind::kClasses && ChannelsOf(output) == 1) {
    return absl::StrCat(
        "the model has one output",
        output.elements() == 1 ? "" : " at each position",
        ", which would be the only class; expected labels, such as of a "
        "sigmoid, or values");
  }
  return "";
}

// What the outputs are by the options or else the metadata.
absl::StatusOr<std::optional<TargetKind>> KindOfTargets(
    const onnx::ModelProto& model, OutputActivation activation,
    const Shape& output, const OnnxImportOptions& options,
    std::vector<std::string>& notes) {
  const std::optional<TargetKind> kind =
      options.targets ? options.targets : StatedKind(model);
  if (!kind) return kind;
  const std::string why = WhyNotTargets(*kind, activation, output);
  if (why.empty()) return kind;
  if (options.targets) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the outputs (--targets) are ", Name(*kind), ", but ", why));
  }
  notes.push_back(absl::StrCat("the metadata's targets \"", Name(*kind),
                               "\" is left out: ", why));
  return std::nullopt;
}

// The meaning of the outputs. One number, at one or more positions, is a value.
// Several are the scores of classes, unless a sigmoid makes them labels. A
// sigmoid that is a layer makes them values, since scores of classes have no
// bounds.
absl::StatusOr<OutputTargets> TargetsOf(const onnx::ModelProto& model,
                                        const LayerImporter& importer,
                                        const ImportedValue& result,
                                        const OnnxImportOptions& options,
                                        std::vector<std::string>& notes) {
  const Shape& output = result.shape;
  LENSLET_ASSIGN_OR_RETURN(
      const std::optional<TargetKind> stated,
      KindOfTargets(model, importer.activation(), output, options, notes));
  OutputTargets targets;
  if (stated) {
    targets.kind = *stated;
  } else if (importer.activation() == OutputActivation::kSigmoid) {
    targets.kind = TargetKind::kLabels;
  } else if (importer.activation() == OutputActivation::kNone &&
             !IsOurs(model)) {
    const auto* activation =
        result.layer < 0 ? nullptr
                         : std::get_if<ActivationSpec>(
                               &importer.layers()[result.layer].layer.spec());
    const bool is_bounded =
        activation != nullptr && activation->kind == ActivationKind::kSigmoid;
    if (is_bounded || ChannelsOf(output) == 1) {
      targets.kind = TargetKind::kValues;
    }
  }
  targets.names = StatedOutputNames(model, targets.kind, output, notes);
  if (targets.kind != TargetKind::kClasses || !targets.names.empty() ||
      output.rank() != 1) {
    return targets;
  }
  for (int64_t i = 0; i < output.elements(); ++i) {
    targets.names.push_back(absl::StrCat(i));
  }
  return targets;
}

const char* ActivationText(OutputActivation activation) {
  switch (activation) {
    case OutputActivation::kNone:
      break;
    case OutputActivation::kSigmoid:
      return "sigmoid";
    case OutputActivation::kSoftmax:
      return "softmax";
    case OutputActivation::kLogSoftmax:
      return "logarithm of softmax";
  }
  return "";
}

// If the metadata state the function at the end, there is nothing to say of it.
void AddActivationNote(OutputActivation activation, OutputActivation stated,
                       std::vector<std::string>& notes) {
  if (activation == stated) return;
  if (stated != OutputActivation::kNone) {
    notes.push_back(absl::StrCat(
        "the metadata's output_activation \"", ActivationText(stated),
        "\" is left out: the model does not end in that"));
  }
  if (activation == OutputActivation::kNone) return;
  notes.push_back(
      absl::StrCat("the ", ActivationText(activation),
                   " at the end is left out: Lenslet's outputs are the scores ",
                   activation == OutputActivation::kSigmoid ? "of labels " : "",
                   "before it"));
}

}  // namespace

LastSigmoid LastSigmoidOf(const onnx::ModelProto& model,
                          const OnnxImportOptions& options) {
  if (options.targets == TargetKind::kValues) return LastSigmoid::kIsLayer;
  if (options.targets == TargetKind::kLabels) return LastSigmoid::kIsDropped;
  if (IsOurs(model)) {
    return StatedActivation(model) == OutputActivation::kSigmoid
               ? LastSigmoid::kIsDropped
               : LastSigmoid::kIsLayer;
  }
  const std::optional<TargetKind> kind = StatedKind(model);
  if (!kind) return LastSigmoid::kIsDroppedFromVector;
  return *kind == TargetKind::kLabels ? LastSigmoid::kIsDropped
                                      : LastSigmoid::kIsLayer;
}

absl::Status AddMeaning(const onnx::ModelProto& model,
                        const onnx::ValueInfoProto& input, const Shape& shape,
                        const LayerImporter& importer,
                        const ImportedValue& result,
                        const OnnxImportOptions& options, OnnxImport& import) {
  CheckpointProto& checkpoint = import.checkpoint;
  const bool takes_bytes =
      TakesBytes(model, input, shape, importer, options, import.notes);
  AddMetadataNotes(model, import.notes);
  Normalization normalization = NormalizationOf(importer, takes_bytes);
  const Normalization stated = StatedNormalization(
      model, shape,
      !importer.normalization().empty() || importer.divides_by_255()
          ? "the model's first nodes normalize its input"
      : takes_bytes ? "the model takes pixels from 0 to 255"
                    : "",
      import.notes);
  if (normalization.empty()) normalization = stated;
  if (!normalization.empty()) {
    LENSLET_RETURN_IF_ERROR(CheckNormalization(normalization, shape));
    *checkpoint.mutable_normalization() = NormalizationToProto(normalization);
  }
  LENSLET_ASSIGN_OR_RETURN(
      const OutputTargets targets,
      TargetsOf(model, importer, result, options, import.notes));
  TargetsToCheckpoint(targets, checkpoint);
  const std::optional<ElementType> type =
      takes_bytes ? ElementType::kUint8 : StatedInputType(model, shape);
  TrainedInputsToCheckpoint(
      {.type = type, .names = StatedInputNames(model, shape, import.notes)},
      checkpoint);
  if (auto images = StatedImageFiles(model, shape, import.notes)) {
    *checkpoint.mutable_image_files() = *std::move(images);
  }
  checkpoint.set_recipe_digest(StatedRecipeDigest(model));
  // An option may be for another output than the metadata are.
  const OutputActivation activation = importer.activation();
  const bool is_whole = options.output.empty() && !options.targets;
  const OutputActivation stated_activation = StatedActivation(model);
  AddActivationNote(activation,
                    is_whole || stated_activation == activation
                        ? stated_activation
                        : OutputActivation::kNone,
                    import.notes);
  return absl::OkStatus();
}

}  // namespace lenslet
