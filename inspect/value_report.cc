#include "lenslet/inspect/value_report.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/base/utf8.h"
#include "lenslet/inspect/all_targets.h"
#include "lenslet/train/metrics/ratio.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ValueJson = nlohmann::ordered_json;

constexpr size_t kMaxValueRows = 40;
constexpr int64_t kMaxValueName = 20;

absl::Status CheckValues(absl::Span<const float> outputs,
                         absl::Span<const float> targets, int64_t columns) {
  if (outputs.size() != targets.size() || outputs.empty() || columns == 0 ||
      outputs.size() % columns != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", outputs.size(), " outputs, ", targets.size(),
        " targets and ", columns,
        " values; expected as many outputs as targets, and as many for each "
        "example as values"));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (std::isfinite(outputs[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the output of example ", i / columns, " has value ",
                     outputs[i], " at ", i % columns, "; expected a number"));
  }
  return absl::OkStatus();
}

std::string R2Text(std::optional<double> r2) {
  return r2 ? absl::StrFormat("%.4f", *r2) : "-";
}

std::string ErrorText(double error) { return lenslet::NumberText(error, 4, 4); }

ValueJson ErrorsJson(const ValueErrors& errors) {
  return {{"mean_absolute_error", errors.mean_absolute_error()},
          {"mean_squared_error", errors.mean_squared_error()},
          {"root_mean_squared_error", errors.root_mean_squared_error()}};
}

ValueJson R2Json(std::optional<double> r2) {
  return r2 ? ValueJson(*r2) : ValueJson(nullptr);
}

ExampleError ErrorOf(int64_t index, absl::Span<const float> outputs,
                     absl::Span<const float> targets) {
  ExampleError error = {
      .index = index,
      .mean_absolute_error =
          SumValueErrors(outputs, targets).mean_absolute_error()};
  const auto distance = [&](int64_t i) {
    return std::abs(static_cast<double>(outputs[i]) - targets[i]);
  };
  for (int64_t i = 1; i < static_cast<int64_t>(outputs.size()); ++i) {
    if (distance(i) > distance(error.value)) error.value = i;
  }
  error.target = targets[error.value];
  error.output = outputs[error.value];
  return error;
}

}  // namespace

absl::StatusOr<ValueReport> MakeValueReport(
    absl::Span<const float> outputs, absl::Span<const float> targets,
    absl::Span<const std::string> names) {
  const int64_t columns = names.size();
  LENSLET_RETURN_IF_ERROR(CheckValues(outputs, targets, columns));
  ValueReport report;
  report.examples = outputs.size() / columns;
  report.errors = SumValueErrors(outputs, targets);
  const std::vector<std::optional<double>> r2 =
      R2OfColumns(outputs, targets, columns);
  report.mean_r2 = MeanOfPresent(r2);
  for (int64_t c = 0; c < columns; ++c) {
    report.values.push_back({.name = names[c], .errors = {}, .r2 = r2[c]});
  }
  for (int64_t n = 0; n < report.examples; ++n) {
    for (int64_t c = 0; c < columns; ++c) {
      const int64_t i = n * columns + c;
      report.values[c].errors.Add(
          SumValueErrors(outputs.subspan(i, 1), targets.subspan(i, 1)));
    }
    report.examples_by_error.push_back(
        ErrorOf(n, outputs.subspan(n * columns, columns),
                targets.subspan(n * columns, columns)));
  }
  std::stable_sort(report.examples_by_error.begin(),
                   report.examples_by_error.end(),
                   [](const ExampleError& a, const ExampleError& b) {
                     return a.mean_absolute_error > b.mean_absolute_error;
                   });
  return report;
}

std::vector<std::string> ValueNames(const Dataset& dataset) {
  if (!dataset.target_names.empty()) return dataset.target_names;
  std::vector<std::string> names;
  const int64_t values = dataset.examples->target().shape.elements();
  for (int64_t i = 0; i < values; ++i) {
    names.push_back(absl::StrCat("value ", i));
  }
  return names;
}

absl::StatusOr<ValueReport> MakeValueReport(const Tensor& outputs,
                                            const Dataset& dataset) {
  if (dataset.examples->target().kind != TargetKind::kValues) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the targets of the data set are ",
        Name(dataset.examples->target().kind), "; expected values"));
  }
  LENSLET_ASSIGN_OR_RETURN(const AllTargets targets, ReadAllTargets(dataset));
  return MakeValueReport(outputs.span(), targets.values, ValueNames(dataset));
}

std::string ValueSummary(const ValueReport& report) {
  return TextTable(
      {Align::kLeft, Align::kRight},
      {{"mean absolute error", ErrorText(report.errors.mean_absolute_error())},
       {"mean squared error", ErrorText(report.errors.mean_squared_error())},
       {"root mean squared error",
        ErrorText(report.errors.root_mean_squared_error())},
       {report.values.size() == 1 ? "R2" : "mean R2", R2Text(report.mean_r2)}});
}

std::string ValueTable(const ValueReport& report) {
  if (report.values.size() == 1 || report.values.size() > kMaxValueRows) {
    return "";
  }
  std::vector<std::vector<std::string>> rows = {
      {"", "value", "MAE", "MSE", "RMSE", "R2"}};
  for (size_t i = 0; i < report.values.size(); ++i) {
    const ValueReportRow& row = report.values[i];
    rows.push_back({absl::StrCat(i), Abbreviate(row.name, kMaxValueName),
                    ErrorText(row.errors.mean_absolute_error()),
                    ErrorText(row.errors.mean_squared_error()),
                    ErrorText(row.errors.root_mean_squared_error()),
                    R2Text(row.r2)});
  }
  return TextTable({Align::kRight, Align::kLeft, Align::kRight, Align::kRight,
                    Align::kRight, Align::kRight},
                   rows);
}

std::string LargestErrorTable(const ValueReport& report, int64_t count) {
  std::vector<std::vector<std::string>> rows = {
      {"example", "MAE", "worst value", "true", "predicted"}};
  for (size_t i = 0; i < report.examples_by_error.size(); ++i) {
    if (static_cast<int64_t>(i) == count) break;
    const ExampleError& error = report.examples_by_error[i];
    rows.push_back({absl::StrCat(error.index),
                    ErrorText(error.mean_absolute_error),
                    Abbreviate(report.values[error.value].name, kMaxValueName),
                    ErrorText(error.target), ErrorText(error.output)});
  }
  return TextTable({Align::kRight, Align::kRight, Align::kLeft, Align::kRight,
                    Align::kRight},
                   rows);
}

nlohmann::ordered_json ValueReportToJson(const ValueReport& report) {
  ValueJson json = {{"examples", report.examples}};
  json.update(ErrorsJson(report.errors));
  json["mean_r2"] = R2Json(report.mean_r2);
  ValueJson& values = json["values"] = ValueJson::array();
  for (const ValueReportRow& row : report.values) {
    ValueJson value = {{"name", row.name}};
    value.update(ErrorsJson(row.errors));
    value["r2"] = R2Json(row.r2);
    values.push_back(std::move(value));
  }
  ValueJson& examples = json["examples_by_error"] = ValueJson::array();
  for (const ExampleError& error : report.examples_by_error) {
    examples.push_back({{"index", error.index},
                        {"mean_absolute_error", error.mean_absolute_error},
                        {"value", error.value},
                        {"target", error.target},
                        {"output", error.output}});
  }
  return json;
}

}  // namespace lenslet
