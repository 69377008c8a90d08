#include "lenslet/tools/predicted.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/check.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/data/image_file.h"
#include "lenslet/inspect/class_colors.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/inspect/label_report.h"
#include "lenslet/tensor/view.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/outputs.h"

namespace lenslet {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kMostNumbers = 40;

bool HasPositions(const OutputForm& form) { return form.shape.rank() > 1; }

// The name of output `i`, or its number.
std::string NameOfOutput(const OutputForm& form, size_t i) {
  const std::vector<std::string>& names = form.targets.names;
  if (i < names.size()) return names[i];
  const char* const what = form.targets.kind == TargetKind::kClasses ? "class "
                           : form.targets.kind == TargetKind::kLabels
                               ? "label "
                               : "value ";
  return absl::StrCat(what, i);
}

std::string ShortNumber(double value) { return absl::StrFormat("%.6g", value); }

std::string PercentText(double share) {
  return absl::StrFormat("%.1f %%", 100 * share);
}

// The most probable class at each position.
std::vector<int32_t> ClassesOfPositions(const OutputForm& form,
                                        absl::Span<const float> output) {
  const int64_t classes = form.shape.dim(form.shape.rank() - 1);
  std::vector<int32_t> result;
  for (size_t i = 0; i < output.size(); i += classes) {
    const float* const scores = output.data() + i;
    result.push_back(static_cast<int32_t>(
        std::max_element(scores, scores + classes) - scores));
  }
  return result;
}

std::vector<int64_t> CountPositions(const OutputForm& form,
                                    absl::Span<const float> output) {
  std::vector<int64_t> counts(form.shape.dim(form.shape.rank() - 1));
  for (const int32_t c : ClassesOfPositions(form, output)) ++counts[c];
  return counts;
}

// What is known of each number: its name, and the text of the number. Empty of
// too many.
std::vector<std::pair<std::string, std::string>> NamedNumbers(
    const OutputForm& form, absl::Span<const float> output) {
  std::vector<std::pair<std::string, std::string>> result;
  if (form.targets.kind == TargetKind::kClasses) {
    LENSLET_CHECK(HasPositions(form));
    const std::vector<int64_t> counts = CountPositions(form, output);
    const double positions =
        static_cast<double>(output.size()) / static_cast<double>(counts.size());
    for (size_t c = 0; c < counts.size(); ++c) {
      if (counts[c] == 0) continue;
      result.emplace_back(
          NameOfOutput(form, c),
          PercentText(static_cast<double>(counts[c]) / positions));
    }
    return result;
  }
  if (static_cast<int64_t>(output.size()) > kMostNumbers) return result;
  for (size_t i = 0; i < output.size(); ++i) {
    result.emplace_back(NameOfOutput(form, i),
                        form.targets.kind == TargetKind::kLabels
                            ? PercentText(LabelProbability(output[i]))
                            : ShortNumber(output[i]));
  }
  return result;
}

// Of outputs without a text for each.
std::string Summary(const OutputForm& form, absl::Span<const float> output) {
  if (form.targets.kind == TargetKind::kLabels) {
    std::vector<std::string> applying;
    for (size_t i = 0; i < output.size(); ++i) {
      if (output[i] >= 0) applying.push_back(NameOfOutput(form, i));
    }
    return applying.empty() ? "no label applies"
                            : absl::StrJoin(applying, ", ");
  }
  const ValueRange range = FiniteRange(output);
  return absl::StrCat(WithCommas(static_cast<int64_t>(output.size())),
                      " values from ", ShortNumber(range.min), " to ",
                      ShortNumber(range.max));
}

}  // namespace

std::string PredictedTable(const OutputForm& form,
                           absl::Span<const float> output) {
  const auto numbers = NamedNumbers(form, output);
  if (numbers.empty()) {
    return absl::StrCat("  ", Printable(Summary(form, output)), "\n");
  }
  std::vector<std::vector<std::string>> rows;
  switch (form.targets.kind) {
    case TargetKind::kClasses:
      rows.push_back({"  class", "positions"});
      break;
    case TargetKind::kLabels:
      rows.push_back({"  label", "probability"});
      break;
    case TargetKind::kValues:
      rows.push_back({"  value", "predicted"});
      break;
  }
  for (const auto& [name, number] : numbers) {
    rows.push_back({absl::StrCat("  ", name), number});
  }
  return TextTable({Align::kLeft, Align::kRight}, rows);
}

std::string PredictedLine(const OutputForm& form,
                          absl::Span<const float> output) {
  const auto numbers = NamedNumbers(form, output);
  if (numbers.empty()) return Printable(Summary(form, output));
  return absl::StrJoin(numbers, ", ", [](std::string* out, const auto& number) {
    absl::StrAppend(out, Printable(number.first), " ", number.second);
  });
}

std::string PredictedLine(const std::vector<ClassScore>& answer) {
  return absl::StrJoin(answer, ", ",
                       [](std::string* out, const ClassScore& score) {
                         absl::StrAppend(out, Printable(score.class_name), " ",
                                         PercentText(score.probability));
                       });
}

void AddPredicted(const OutputForm& form, absl::Span<const float> output,
                  Json& json) {
  switch (form.targets.kind) {
    case TargetKind::kClasses: {
      const std::vector<int64_t> counts = CountPositions(form, output);
      json["positions"] = output.size() / counts.size();
      Json& classes = json["classes"] = Json::array();
      for (size_t c = 0; c < counts.size(); ++c) {
        classes.push_back(
            {{"class", NameOfOutput(form, c)}, {"positions", counts[c]}});
      }
      return;
    }
    case TargetKind::kLabels: {
      Json& labels = json["labels"] = Json::array();
      for (size_t i = 0; i < output.size(); ++i) {
        labels.push_back({{"label", NameOfOutput(form, i)},
                          {"probability", LabelProbability(output[i])}});
      }
      return;
    }
    case TargetKind::kValues:
      break;
  }
  if (HasPositions(form)) {
    json["shape"] = std::vector<int64_t>(form.shape.dims().begin(),
                                         form.shape.dims().end());
    json["values"] = std::vector<float>(output.begin(), output.end());
    return;
  }
  Json& values = json["values"] = Json::array();
  for (size_t i = 0; i < output.size(); ++i) {
    values.push_back(
        {{"value", NameOfOutput(form, i)}, {"predicted", output[i]}});
  }
}

absl::Status CheckIsPicture(const OutputForm& form) {
  const Shape& shape = form.shape;
  const bool has_channels =
      shape.rank() == 3 && (shape.dim(2) == 1 || shape.dim(2) == 3);
  const bool is_picture =
      (form.targets.kind == TargetKind::kClasses && shape.rank() == 3) ||
      (form.targets.kind == TargetKind::kValues &&
       (shape.rank() == 2 || has_channels));
  if (is_picture) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--output_dir is for models whose outputs are pictures, but this one "
      "outputs ",
      Name(form.targets.kind), " of shape ", shape.ToString()));
}

Tensor OutputPicture(const OutputForm& form, absl::Span<const float> output) {
  LENSLET_CHECK(CheckIsPicture(form).ok());
  const int64_t height = form.shape.dim(0), width = form.shape.dim(1);
  if (form.targets.kind == TargetKind::kClasses) {
    return ClassImage(ClassesOfPositions(form, output), height, width);
  }
  const bool is_color = form.shape.rank() == 3 && form.shape.dim(2) == 3;
  if (form.input_type == ElementType::kFloat32) {
    return ColorImage(
        View<const float>(output.data(), is_color ? Shape{height, width, 3}
                                                  : Shape{height, width}));
  }
  Tensor picture({height, width, is_color ? 3 : 1}, ElementType::kUint8);
  std::transform(
      output.begin(), output.end(), picture.data<uint8_t>(), [](float x) {
        // NaN is black.
        return x > 0
                   ? static_cast<uint8_t>(std::lround(255 * std::min(x, 1.0F)))
                   : uint8_t{0};
      });
  return picture;
}

absl::StatusOr<std::string> PictureFolder::Write(const std::string& name,
                                                 const Tensor& picture) {
  const auto path_of = [&](int number) {
    return (std::filesystem::path(folder_) /
            absl::StrCat(name, number == 1 ? "" : absl::StrCat("_", number),
                         ".png"))
        .string();
  };
  int number = 1;
  while (written_.contains(path_of(number))) ++number;
  const std::string path = path_of(number);
  LENSLET_RETURN_IF_ERROR(
      CheckOutput("--output_dir", path, OutputKind::kImage, inputs_));
  std::error_code error;
  std::filesystem::create_directories(UserPath(folder_), error);
  if (error) return absl::ErrnoToStatus(error.value(), folder_);
  LENSLET_RETURN_IF_ERROR(WritePngFile(UserPath(path), picture));
  written_.insert(path);
  return path;
}

}  // namespace lenslet
