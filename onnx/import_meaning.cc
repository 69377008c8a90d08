#include "lenslet/onnx/import_meaning.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/metadata.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/tensor/element_type.h"

namespace lenslet {
namespace {

// Means and deviations from here on are those of pixels up to 255.
constexpr float kLargeForPixels = 16;

// The value of the metadata's key; nullopt without it.
std::optional<std::string> MetadataOf(const onnx::ModelProto& model,
                                      absl::string_view key) {
  std::optional<std::string> value;
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() == key) value = entry.value();
  }
  return value;
}

// What the outputs are by the metadata that ExportOnnx() writes.
std::optional<TargetKind> StatedKind(const onnx::ModelProto& model) {
  const std::optional<std::string> text = MetadataOf(model, kTargetsKey);
  for (const TargetKind kind : {TargetKind::kLabels, TargetKind::kValues}) {
    if (text == std::string(Name(kind))) return kind;
  }
  return std::nullopt;
}

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

// Numbers with commas between, each as `parse` reads it; nullopt if one is
// none.
template <typename Number>
std::optional<std::vector<Number>> NumbersIn(absl::string_view text,
                                             bool (*parse)(absl::string_view,
                                                           Number*)) {
  std::vector<Number> numbers;
  for (const absl::string_view number : absl::StrSplit(text, ',')) {
    if (!parse(number, &numbers.emplace_back())) return std::nullopt;
  }
  return numbers;
}

std::optional<std::vector<int64_t>> IntegersIn(absl::string_view text) {
  return NumbersIn<int64_t>(text, [](absl::string_view number, int64_t* value) {
    return absl::SimpleAtoi(number, value);
  });
}

// What the input needs before the model, by the metadata that ExportOnnx()
// writes. A note says if it does not fit.
Normalization StatedNormalization(const onnx::ModelProto& model,
                                  const Shape& input,
                                  std::vector<std::string>& notes) {
  const std::optional<std::string> mean =
      MetadataOf(model, kNormalizationMeanKey);
  const std::optional<std::string> deviation =
      MetadataOf(model, kNormalizationDeviationKey);
  if (!mean && !deviation) return {};
  const auto numbers = [](const std::optional<std::string>& text) {
    return NumbersIn<float>(text.value_or(""), absl::SimpleAtof)
        .value_or(std::vector<float>());
  };
  Normalization normalization = {.mean = numbers(mean),
                                 .deviation = numbers(deviation)};
  const absl::Status status =
      normalization.empty()
          ? absl::InvalidArgumentError("expected numbers with commas between")
          : CheckNormalization(normalization, input);
  if (status.ok()) return normalization;
  notes.push_back(
      absl::StrCat("the metadata's normalization_mean and "
                   "normalization_deviation are left out: ",
                   status.message()));
  return {};
}

// How image files become examples, by the metadata that ExportOnnx() writes. A
// note says if they cannot.
std::optional<ImageFoldersProto> StatedImageFiles(
    const onnx::ModelProto& model, const Shape& input,
    std::vector<std::string>& notes) {
  const std::optional<std::string> fit = MetadataOf(model, kImageFitKey);
  if (!fit) return std::nullopt;
  ImageFoldersProto images;
  ImageFitProto value;
  bool is_right = ImageFitProto_Parse(absl::AsciiStrToUpper(*fit), &value);
  if (is_right) images.set_fit(value);
  if (const auto text = MetadataOf(model, kImageBackgroundKey)) {
    const auto color = IntegersIn(*text);
    is_right &= color.has_value();
    if (color) images.mutable_background()->Add(color->begin(), color->end());
  }
  if (const auto text = MetadataOf(model, kImageCropMarginKey)) {
    int64_t margin = 0;
    is_right &= absl::SimpleAtoi(*text, &margin);
    images.set_crop_margin(margin);
  }
  // Whatever folder they are in.
  ImageFoldersProto folders = images;
  folders.set_train_directory(".");
  folders.mutable_shape()->Add(input.dims().begin(), input.dims().end());
  is_right &= CheckFieldRules(folders).empty();
  if (is_right) return images;
  notes.push_back(absl::StrCat(
      "the metadata's image_fit, image_background and image_crop_margin are "
      "left out: they do not say how images become the input ",
      input.ToString()));
  return std::nullopt;
}

// The type of the examples, by the metadata that ExportOnnx() writes or by the
// input's shape: images may be of both types.
std::optional<ElementType> InputTypeOf(const onnx::ModelProto& model,
                                       const Shape& input) {
  const std::optional<std::string> text = MetadataOf(model, kInputTypeKey);
  for (const ElementType type : {ElementType::kUint8, ElementType::kFloat32}) {
    if (text == std::string(Name(type))) return type;
  }
  return UsualInputType(input);
}

// The names of a table's columns by the metadata that ExportOnnx() writes. A
// note says if they do not fit.
std::vector<std::string> NamesOfInputs(const onnx::ModelProto& model,
                                       const Shape& input,
                                       std::vector<std::string>& notes) {
  const std::optional<std::string> text = MetadataOf(model, kInputNamesKey);
  if (!text) return {};
  std::vector<std::string> names;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    std::string& name = names.emplace_back();
    if (absl::CUnescape(line, &name)) continue;
    notes.push_back(absl::StrCat("the metadata's input_names are left out: ",
                                 QuotedName(line), " has wrong escapes"));
    return {};
  }
  if (static_cast<int64_t>(names.size()) == input.elements()) return names;
  notes.push_back(absl::StrCat(
      "the metadata's input_names are left out: they are ",
      CountText(static_cast<int64_t>(names.size()), "name"), "; the input ",
      input.ToString(), " needs ", input.elements()));
  return {};
}

// The names of the outputs by the metadata that ExportOnnx() writes. A note
// says if they do not fit.
std::vector<std::string> NamesOfOutputs(const onnx::ModelProto& model,
                                        TargetKind kind, const Shape& output,
                                        std::vector<std::string>& notes) {
  const std::optional<std::string> text = MetadataOf(model, kClassNamesKey);
  if (!text) return {};
  std::vector<std::string> names = absl::StrSplit(*text, '\n');
  const int64_t expected = kind == TargetKind::kClasses && output.rank() > 0
                               ? output.dim(output.rank() - 1)
                               : output.elements();
  // Others write text files, each of whose lines has an end.
  if (!IsOurs(model)) {
    for (std::string& name : names) {
      if (absl::EndsWith(name, "\r")) name.pop_back();
    }
    if (static_cast<int64_t>(names.size()) == expected + 1 &&
        names.back().empty()) {
      names.pop_back();
    }
  }
  if (static_cast<int64_t>(names.size()) != expected) {
    notes.push_back(
        absl::StrCat("the metadata's class_names are left out: they are ",
                     CountText(static_cast<int64_t>(names.size()), "name"),
                     "; the output ", output.ToString(), " needs ", expected));
    return {};
  }
  if (!std::all_of(names.begin(), names.end(), IsValidUtf8)) {
    notes.push_back(
        "the metadata's class_names are left out: they are not UTF-8");
    return {};
  }
  return names;
}

absl::Status CheckTargetsFit(TargetKind kind, OutputActivation activation) {
  if (activation == OutputActivation::kNone) return absl::OkStatus();
  const bool is_sigmoid = activation == OutputActivation::kSigmoid;
  const TargetKind expected =
      is_sigmoid ? TargetKind::kLabels : TargetKind::kClasses;
  if (kind == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the outputs (--targets) are ", Name(kind), ", but the model ends in a ",
      is_sigmoid ? "sigmoid" : "softmax", "; expected ", Name(expected),
      ", or in --onnx_output the value before it"));
}

// The meaning of the outputs. One number, at one or more positions, is a value.
// Several are the scores of classes, unless a sigmoid makes them labels. A
// sigmoid that is a layer makes them values, since scores of classes have no
// bounds.
OutputTargets TargetsOf(const onnx::ModelProto& model,
                        const LayerImporter& importer,
                        const ImportedValue& result,
                        const OnnxImportOptions& options,
                        std::vector<std::string>& notes) {
  const Shape& output = result.shape;
  const std::optional<TargetKind> stated =
      options.targets ? options.targets : StatedKind(model);
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
  targets.names = NamesOfOutputs(model, targets.kind, output, notes);
  if (targets.kind != TargetKind::kClasses || !targets.names.empty() ||
      output.rank() != 1) {
    return targets;
  }
  for (int64_t i = 0; i < output.elements(); ++i) {
    targets.names.push_back(absl::StrCat(i));
  }
  return targets;
}

// A digest that ExportOnnx() may have written; otherwise "".
std::string RecipeDigestOf(const onnx::ModelProto& model) {
  constexpr size_t kDigits = 32;
  const std::string digest = MetadataOf(model, kRecipeDigestKey).value_or("");
  const bool is_one =
      digest.size() == kDigits &&
      std::all_of(digest.begin(), digest.end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      });
  return is_one ? digest : "";
}

void AddActivationNote(OutputActivation activation,
                       std::vector<std::string>& notes) {
  if (activation == OutputActivation::kNone) return;
  notes.push_back(
      activation == OutputActivation::kSigmoid
          ? "the sigmoid at the end is left out: Lenslet's outputs are the "
            "scores of labels before it"
          : absl::StrCat("the ",
                         activation == OutputActivation::kSoftmax
                             ? "softmax"
                             : "logarithm of softmax",
                         " at the end is left out: Lenslet's outputs are the "
                         "scores before it"));
}

}  // namespace

bool IsOurs(const onnx::ModelProto& model) {
  return model.producer_name() == kProducer;
}

LastSigmoid LastSigmoidOf(const onnx::ModelProto& model,
                          const OnnxImportOptions& options) {
  if (options.targets == TargetKind::kValues) return LastSigmoid::kIsLayer;
  if (options.targets == TargetKind::kLabels) return LastSigmoid::kIsDropped;
  if (IsOurs(model)) {
    return MetadataOf(model, kActivationKey) == std::string(kSigmoid)
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
  Normalization normalization = NormalizationOf(importer, takes_bytes);
  if (normalization.empty() && !takes_bytes) {
    normalization = StatedNormalization(model, shape, import.notes);
  }
  if (!normalization.empty()) {
    LENSLET_RETURN_IF_ERROR(CheckNormalization(normalization, shape));
    *checkpoint.mutable_normalization() = NormalizationToProto(normalization);
  }
  if (options.targets) {
    LENSLET_RETURN_IF_ERROR(
        CheckTargetsFit(*options.targets, importer.activation()));
  }
  TargetsToCheckpoint(TargetsOf(model, importer, result, options, import.notes),
                      checkpoint);
  const std::optional<ElementType> type =
      takes_bytes ? ElementType::kUint8 : InputTypeOf(model, shape);
  TrainedInputsToCheckpoint(
      {.type = type, .names = NamesOfInputs(model, shape, import.notes)},
      checkpoint);
  if (auto images = StatedImageFiles(model, shape, import.notes)) {
    *checkpoint.mutable_image_files() = *std::move(images);
  }
  checkpoint.set_recipe_digest(RecipeDigestOf(model));
  AddActivationNote(importer.activation(), import.notes);
  return absl::OkStatus();
}

}  // namespace lenslet
