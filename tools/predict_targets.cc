#include "lenslet/tools/predict_targets.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/data/examples.h"
#include "lenslet/inspect/label_report.h"
#include "lenslet/inspect/terminal_picture.h"
#include "lenslet/inspect/value_report.h"
#include "lenslet/tensor/view.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/metrics/value_errors.h"

namespace lenslet {
namespace {

constexpr int64_t kMostValues = 40;

absl::Span<const float> OutputOfExample(const Tensor& outputs, int64_t i) {
  const int64_t numbers = outputs.shape().elements() / outputs.shape().dim(0);
  return outputs.span().subspan(i * numbers, numbers);
}

int64_t CountRight(absl::Span<const float> scores,
                   absl::Span<const int32_t> classes) {
  const int64_t positions = classes.size();
  const int64_t count = scores.size() / positions;
  return CountCorrect(View<const float>(scores.data(), {positions, count}),
                      classes);
}

std::string ValueText(double value) { return absl::StrFormat("%.6g", value); }

}  // namespace

absl::StatusOr<nlohmann::ordered_json> TargetsJson(const Dataset& dataset,
                                                   int64_t index,
                                                   const Tensor& outputs,
                                                   int64_t first,
                                                   const std::string& split) {
  const absl::Span<const float> output =
      OutputOfExample(outputs, index - first);
  ExampleBatch batch;
  LENSLET_RETURN_IF_ERROR(batch.ReadTargets(*dataset.examples, {index}));
  const absl::Span<const float> target = batch.values();
  nlohmann::ordered_json json = {{absl::StrCat(split, "_example"), index}};
  switch (dataset.examples->target().kind) {
    case TargetKind::kClasses:
      json["positions"] = CountCounted(batch.classes());
      json["correct"] = CountRight(output, batch.classes());
      break;
    case TargetKind::kLabels: {
      const std::vector<std::string> names = LabelNames(dataset);
      nlohmann::ordered_json& labels = json["labels"] =
          nlohmann::ordered_json::array();
      for (size_t i = 0; i < output.size(); ++i) {
        labels.push_back({{"label", names[i]},
                          {"applies", target[i] >= 0.5F},
                          {"probability", LabelProbability(output[i])}});
      }
      break;
    }
    case TargetKind::kValues: {
      json["mean_absolute_error"] =
          SumValueErrors(output, target).mean_absolute_error();
      const std::vector<std::string> names = ValueNames(dataset);
      nlohmann::ordered_json& values = json["values"] =
          nlohmann::ordered_json::array();
      for (size_t i = 0; i < output.size(); ++i) {
        values.push_back({{"value", names[i]},
                          {"true", target[i]},
                          {"predicted", output[i]}});
      }
      break;
    }
  }
  return json;
}

absl::StatusOr<std::string> TargetsText(const Dataset& dataset, int64_t index,
                                        const Tensor& outputs, int64_t first,
                                        const std::string& split) {
  const absl::Span<const float> output =
      OutputOfExample(outputs, index - first);
  LENSLET_ASSIGN_OR_RETURN(const Tensor input, dataset.Example(index));
  ExampleBatch batch;
  LENSLET_RETURN_IF_ERROR(batch.ReadTargets(*dataset.examples, {index}));
  const absl::Span<const float> target = batch.values();
  std::string text = absl::StrCat(split, " example ", index, "\n");
  if (input.type() == ElementType::kUint8) {
    absl::StrAppend(&text, ExamplePicture(input));
  }
  switch (dataset.examples->target().kind) {
    case TargetKind::kClasses: {
      const int64_t right = CountRight(output, batch.classes());
      const int64_t positions = CountCounted(batch.classes());
      return absl::StrCat(
          text, "  ", WithCommas(right), " of ", WithCommas(positions),
          " positions are right: ",
          absl::StrFormat("%.1f %%\n",
                          100.0 * right / std::max<int64_t>(positions, 1)));
    }
    case TargetKind::kLabels: {
      const std::vector<std::string> names = LabelNames(dataset);
      std::vector<std::vector<std::string>> rows = {
          {"  label", "applies", "probability"}};
      for (size_t i = 0; i < output.size(); ++i) {
        rows.push_back(
            {absl::StrCat("  ", names[i]), target[i] >= 0.5F ? "yes" : "no",
             absl::StrFormat("%.1f %%", 100 * LabelProbability(output[i]))});
      }
      return absl::StrCat(
          text, TextTable({Align::kLeft, Align::kLeft, Align::kRight}, rows));
    }
    case TargetKind::kValues:
      break;
  }
  if (static_cast<int64_t>(output.size()) > kMostValues) {
    return absl::StrCat(
        text, "  mean absolute error of ", WithCommas(output.size()),
        " values: ",
        ValueText(SumValueErrors(output, target).mean_absolute_error()), "\n");
  }
  const std::vector<std::string> names = ValueNames(dataset);
  std::vector<std::vector<std::string>> rows = {
      {"  value", "true", "predicted"}};
  for (size_t i = 0; i < output.size(); ++i) {
    rows.push_back({absl::StrCat("  ", names[i]), ValueText(target[i]),
                    ValueText(output[i])});
  }
  return absl::StrCat(
      text, TextTable({Align::kLeft, Align::kRight, Align::kRight}, rows));
}

}  // namespace lenslet
