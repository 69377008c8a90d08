#include "lenslet/onnx/read_metadata.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/utf8.h"
#include "lenslet/layers/graph.h"
#include "lenslet/onnx/metadata.h"

namespace lenslet {
namespace {

// Of Digest::Hex().
constexpr size_t kDigestDigits = 32;

// The value of the metadata's key, the last of duplicates; nullopt without it.
std::optional<std::string> MetadataOf(const onnx::ModelProto& model,
                                      absl::string_view key) {
  std::optional<std::string> value;
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() == key) value = entry.value();
  }
  return value;
}

std::optional<ElementType> TypeIn(const onnx::ModelProto& model) {
  const std::optional<std::string> text = MetadataOf(model, kInputTypeKey);
  for (const ElementType type : {ElementType::kUint8, ElementType::kFloat32}) {
    if (text == std::string(Name(type))) return type;
  }
  return std::nullopt;
}

std::string LeftOut(absl::string_view key, absl::string_view value,
                    absl::string_view reason) {
  return absl::StrCat("the metadata's ", key, " ", QuotedName(value),
                      " is left out: ", reason);
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

// Errors: InvalidArgument for a text that is no normalization of the input, or
// one that makes infinities of usual numbers.
absl::StatusOr<Normalization> NormalizationIn(absl::string_view mean,
                                              absl::string_view deviation,
                                              const Shape& input) {
  const auto means = NumbersIn<float>(mean, absl::SimpleAtof);
  const auto deviations = NumbersIn<float>(deviation, absl::SimpleAtof);
  if (!means || !deviations) {
    return absl::InvalidArgumentError(
        "expected both, of numbers with commas between");
  }
  const Normalization normalization = {.mean = *means,
                                       .deviation = *deviations};
  LENSLET_RETURN_IF_ERROR(CheckNormalization(normalization, input));
  for (int64_t c = 0; c < ChannelsOf(input); ++c) {
    const float largest = 1 + std::abs(normalization.MeanOf(c));
    const float number = normalization.DeviationOf(c);
    if (std::isfinite(largest / number)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("normalization.deviation is ", number, "; ", largest,
                     " divided by it is not finite"));
  }
  return normalization;
}

// Adds a setting of image files to `images`, if it is right for them.
template <typename Set>
void AddImageSetting(const onnx::ModelProto& model, const char* key,
                     absl::string_view expected, Set set,
                     ImageFoldersProto& images,
                     std::vector<std::string>& notes) {
  const std::optional<std::string> text = MetadataOf(model, key);
  if (!text) return;
  ImageFoldersProto changed = images;
  if (!set(*text, changed)) {
    notes.push_back(LeftOut(key, *text, absl::StrCat("expected ", expected)));
    return;
  }
  const std::vector<FieldProblem> problems = CheckFieldRules(changed);
  if (problems.empty()) {
    images = std::move(changed);
    return;
  }
  notes.push_back(LeftOut(key, *text, problems[0].message));
}

}  // namespace

bool IsOurs(const onnx::ModelProto& model) {
  return model.producer_name() == kProducer;
}

std::optional<TargetKind> StatedKind(const onnx::ModelProto& model) {
  const std::optional<std::string> text = MetadataOf(model, kTargetsKey);
  for (const TargetKind kind : {TargetKind::kLabels, TargetKind::kValues}) {
    if (text == std::string(Name(kind))) return kind;
  }
  return std::nullopt;
}

OutputActivation StatedActivation(const onnx::ModelProto& model) {
  const std::optional<std::string> text = MetadataOf(model, kActivationKey);
  if (text == std::string(kSigmoid)) return OutputActivation::kSigmoid;
  if (text == std::string(kSoftmax)) return OutputActivation::kSoftmax;
  return OutputActivation::kNone;
}

void AddMetadataNotes(const onnx::ModelProto& model,
                      std::vector<std::string>& notes) {
  std::set<std::string> seen, repeated;
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (!seen.insert(entry.key()).second) repeated.insert(entry.key());
  }
  for (const char* key :
       {kTargetsKey, kActivationKey, kClassNamesKey, kInputNamesKey,
        kRecipeDigestKey, kInputTypeKey, kNormalizationMeanKey,
        kNormalizationDeviationKey, kImageFitKey, kImageBackgroundKey,
        kImageCropMarginKey}) {
    if (repeated.count(key) == 0) continue;
    notes.push_back(absl::StrCat("the metadata have ", key,
                                 " more than once; the last is used: ",
                                 QuotedName(*MetadataOf(model, key))));
  }
  const auto check = [&](const char* key, bool is_known,
                         absl::string_view expected) {
    const std::optional<std::string> text = MetadataOf(model, key);
    if (!text || is_known) return;
    notes.push_back(LeftOut(key, *text, absl::StrCat("expected ", expected)));
  };
  check(kTargetsKey, StatedKind(model).has_value(),
        "labels, values, or none for classes");
  check(kActivationKey, StatedActivation(model) != OutputActivation::kNone,
        "sigmoid or softmax");
  check(kInputTypeKey, TypeIn(model).has_value(), "uint8 or float32");
  check(kRecipeDigestKey, !StatedRecipeDigest(model).empty(),
        absl::StrCat(kDigestDigits, " hexadecimal digits"));
}

Normalization StatedNormalization(const onnx::ModelProto& model,
                                  const Shape& input, absl::string_view already,
                                  std::vector<std::string>& notes) {
  const std::optional<std::string> mean =
      MetadataOf(model, kNormalizationMeanKey);
  const std::optional<std::string> deviation =
      MetadataOf(model, kNormalizationDeviationKey);
  if (!mean && !deviation) return {};
  std::string reason(already);
  if (already.empty()) {
    absl::StatusOr<Normalization> normalization =
        NormalizationIn(mean.value_or(""), deviation.value_or(""), input);
    if (normalization.ok()) return *std::move(normalization);
    reason = std::string(normalization.status().message());
  }
  std::vector<std::string> stated;
  if (mean) stated.push_back(absl::StrCat("_mean ", QuotedName(*mean)));
  if (deviation) {
    stated.push_back(absl::StrCat("_deviation ", QuotedName(*deviation)));
  }
  notes.push_back(absl::StrCat("the metadata's normalization",
                               absl::StrJoin(stated, " and normalization"),
                               stated.size() == 1 ? " is" : " are",
                               " left out: ", reason));
  return {};
}

std::optional<ImageFoldersProto> StatedImageFiles(
    const onnx::ModelProto& model, const Shape& input,
    std::vector<std::string>& notes) {
  const std::optional<std::string> fit = MetadataOf(model, kImageFitKey);
  if (fit && input.rank() != 3) {
    notes.push_back(
        LeftOut(kImageFitKey, *fit,
                absl::StrCat("the input ", input.ToString(), " is no image")));
    return std::nullopt;
  }
  // Whatever folder they are in.
  ImageFoldersProto images;
  images.set_train_directory(".");
  images.mutable_shape()->Add(input.dims().begin(), input.dims().end());
  AddImageSetting(
      model, kImageFitKey, "stretch, letterbox or center_crop",
      [](absl::string_view text, ImageFoldersProto& changed) {
        ImageFitProto fit;
        if (!ImageFitProto_Parse(absl::AsciiStrToUpper(text), &fit)) {
          return false;
        }
        changed.set_fit(fit);
        return true;
      },
      images, notes);
  if (!images.has_fit()) {
    for (const char* key : {kImageBackgroundKey, kImageCropMarginKey}) {
      const std::optional<std::string> text = MetadataOf(model, key);
      if (text) notes.push_back(LeftOut(key, *text, "it needs an image_fit"));
    }
    return std::nullopt;
  }
  AddImageSetting(
      model, kImageBackgroundKey, "red, green and blue with commas between",
      [](absl::string_view text, ImageFoldersProto& changed) {
        const auto color = IntegersIn(text);
        if (!color) return false;
        changed.mutable_background()->Add(color->begin(), color->end());
        return true;
      },
      images, notes);
  AddImageSetting(
      model, kImageCropMarginKey, "a number of pixels",
      [](absl::string_view text, ImageFoldersProto& changed) {
        int64_t margin;
        if (!absl::SimpleAtoi(text, &margin)) return false;
        changed.set_crop_margin(margin);
        return true;
      },
      images, notes);
  images.clear_train_directory();
  images.clear_shape();
  return images;
}

std::optional<ElementType> StatedInputType(const onnx::ModelProto& model,
                                           const Shape& input) {
  const std::optional<ElementType> type = TypeIn(model);
  return type ? type : UsualInputType(input);
}

std::vector<std::string> StatedInputNames(const onnx::ModelProto& model,
                                          const Shape& input,
                                          std::vector<std::string>& notes) {
  const std::optional<std::string> text = MetadataOf(model, kInputNamesKey);
  if (!text) return {};
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    std::string& name = names.emplace_back();
    const bool is_right = absl::CUnescape(line, &name);
    if (is_right && seen.insert(name).second) continue;
    notes.push_back(absl::StrCat(
        "the metadata's input_names are left out: ", QuotedName(line),
        is_right ? " is a duplicate" : " has wrong escapes"));
    return {};
  }
  if (static_cast<int64_t>(names.size()) == input.elements()) return names;
  notes.push_back(absl::StrCat(
      "the metadata's input_names are left out: they are ",
      CountText(static_cast<int64_t>(names.size()), "name"), "; the input ",
      input.ToString(), " needs ", input.elements()));
  return {};
}

std::vector<std::string> StatedOutputNames(const onnx::ModelProto& model,
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

std::string StatedRecipeDigest(const onnx::ModelProto& model) {
  const std::string digest = MetadataOf(model, kRecipeDigestKey).value_or("");
  const bool is_one =
      digest.size() == kDigestDigits &&
      std::all_of(digest.begin(), digest.end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      });
  return is_one ? digest : "";
}

}  // namespace lenslet
