#include "lenslet/inspect/position_report.h"

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
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using PositionJson = nlohmann::ordered_json;

constexpr size_t kMaxConfusionClasses = 12;
constexpr int64_t kMaxPositionName = 20;
constexpr int64_t kMaxConfusionName = 9;

absl::Status CheckPositions(absl::Span<const float> scores,
                            absl::Span<const int32_t> classes, int64_t examples,
                            int64_t names) {
  if (names == 0 || examples == 0 || classes.empty() ||
      classes.size() % examples != 0 ||
      scores.size() != classes.size() * names) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", scores.size(), " scores, ", classes.size(),
        " positions, ", examples, " examples and ", names,
        " classes; expected a score for each class at each position, and as "
        "many positions for each example"));
  }
  for (size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] == kIgnoredClass) continue;
    if (classes[i] >= 0 && classes[i] < names) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("position ", i, " has class ", classes[i],
                     "; expected a number in [0, ", names, ")"));
  }
  for (size_t i = 0; i < scores.size(); ++i) {
    if (std::isfinite(scores[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("position ", i / names, " has score ", scores[i],
                     " of class ", i % names, "; expected a number"));
  }
  return absl::OkStatus();
}

std::string PositionShare(std::optional<double> share) {
  return share ? absl::StrFormat("%.4f", *share) : "-";
}

PositionJson PositionNumber(std::optional<double> number) {
  return number ? PositionJson(*number) : PositionJson(nullptr);
}

}  // namespace

absl::StatusOr<PositionReport> MakePositionReport(
    absl::Span<const float> scores, absl::Span<const int32_t> classes,
    int64_t examples, absl::Span<const std::string> names) {
  const int64_t count = names.size();
  LENSLET_RETURN_IF_ERROR(CheckPositions(scores, classes, examples, count));
  PositionReport report;
  report.examples = examples;
  const int64_t each = classes.size() / examples;
  for (int64_t n = 0; n < examples; ++n) {
    const Confusion of_example =
        CountConfusion(scores.subspan(n * each * count, each * count), count,
                       classes.subspan(n * each, each));
    report.confusion.Add(of_example);
    const int64_t counted = of_example.positions();
    report.positions += counted;
    if (counted == 0) continue;
    report.examples_by_accuracy.push_back(
        {.index = n, .accuracy = of_example.accuracy()});
  }
  for (int64_t c = 0; c < count; ++c) {
    PositionReportRow row = {
        .name = names[c],
        .correct = report.confusion.count(c, c),
        .intersection_over_union = report.confusion.intersection_over_union(c)};
    for (int64_t k = 0; k < count; ++k) {
      row.support += report.confusion.count(c, k);
      row.predicted += report.confusion.count(k, c);
    }
    report.correct += row.correct;
    report.classes.push_back(std::move(row));
  }
  std::stable_sort(report.examples_by_accuracy.begin(),
                   report.examples_by_accuracy.end(),
                   [](const ExampleAccuracy& a, const ExampleAccuracy& b) {
                     return a.accuracy < b.accuracy;
                   });
  return report;
}

absl::StatusOr<PositionReport> MakePositionReport(const Tensor& scores,
                                                  const Dataset& dataset) {
  if (dataset.examples->target().kind != TargetKind::kClasses) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the targets of the data set are ",
        Name(dataset.examples->target().kind), "; expected classes"));
  }
  LENSLET_ASSIGN_OR_RETURN(const AllTargets targets, ReadAllTargets(dataset));
  return MakePositionReport(scores.span(), targets.classes, dataset.size(),
                            dataset.target_names);
}

std::string PositionSummary(const PositionReport& report) {
  return TextTable(
      {Align::kLeft, Align::kRight, Align::kLeft},
      {{"accuracy of positions", PositionShare(report.confusion.accuracy()),
        absl::StrCat(WithCommas(report.correct), " of ",
                     WithCommas(report.positions))},
       {"mean IoU",
        PositionShare(report.confusion.mean_intersection_over_union()), ""}});
}

std::string PositionTable(const PositionReport& report) {
  std::vector<std::vector<std::string>> rows = {
      {"", "class", "positions", "predicted", "right", "IoU"}};
  for (size_t c = 0; c < report.classes.size(); ++c) {
    const PositionReportRow& row = report.classes[c];
    rows.push_back({absl::StrCat(c), Abbreviate(row.name, kMaxPositionName),
                    WithCommas(row.support), WithCommas(row.predicted),
                    WithCommas(row.correct),
                    PositionShare(row.intersection_over_union)});
  }
  return TextTable({Align::kRight, Align::kLeft, Align::kRight, Align::kRight,
                    Align::kRight, Align::kRight},
                   rows);
}

std::string PositionConfusionTable(const PositionReport& report) {
  if (report.classes.size() > kMaxConfusionClasses) return "";
  std::vector<Align> columns = {Align::kRight, Align::kLeft};
  std::vector<std::vector<std::string>> rows = {{"", "class"}};
  for (size_t c = 0; c < report.classes.size(); ++c) {
    columns.push_back(Align::kRight);
    rows[0].push_back(Abbreviate(report.classes[c].name, kMaxConfusionName));
    std::vector<std::string> row = {
        absl::StrCat(c), Abbreviate(report.classes[c].name, kMaxPositionName)};
    for (size_t k = 0; k < report.classes.size(); ++k) {
      row.push_back(absl::StrCat(report.confusion.count(c, k)));
    }
    rows.push_back(std::move(row));
  }
  return TextTable(columns, rows);
}

std::string WorstExampleTable(const PositionReport& report, int64_t count) {
  std::vector<std::vector<std::string>> rows = {
      {"example", "accuracy of positions"}};
  for (size_t i = 0; i < report.examples_by_accuracy.size(); ++i) {
    if (static_cast<int64_t>(i) == count) break;
    const ExampleAccuracy& example = report.examples_by_accuracy[i];
    rows.push_back(
        {absl::StrCat(example.index), PositionShare(example.accuracy)});
  }
  return TextTable({Align::kRight, Align::kRight}, rows);
}

nlohmann::ordered_json PositionReportToJson(const PositionReport& report) {
  PositionJson classes = PositionJson::array();
  PositionJson confusion = PositionJson::array();
  for (size_t c = 0; c < report.classes.size(); ++c) {
    const PositionReportRow& row = report.classes[c];
    classes.push_back({{"name", row.name},
                       {"support", row.support},
                       {"predicted", row.predicted},
                       {"correct", row.correct},
                       {"intersection_over_union",
                        PositionNumber(row.intersection_over_union)}});
    PositionJson counts = PositionJson::array();
    for (size_t k = 0; k < report.classes.size(); ++k) {
      counts.push_back(report.confusion.count(c, k));
    }
    confusion.push_back(std::move(counts));
  }
  PositionJson examples = PositionJson::array();
  for (const ExampleAccuracy& example : report.examples_by_accuracy) {
    examples.push_back(
        {{"index", example.index}, {"accuracy", example.accuracy}});
  }
  return {{"examples", report.examples},
          {"positions", report.positions},
          {"correct", report.correct},
          {"accuracy", report.confusion.accuracy()},
          {"mean_intersection_over_union",
           PositionNumber(report.confusion.mean_intersection_over_union())},
          {"classes", std::move(classes)},
          {"confusion", std::move(confusion)},
          {"examples_by_accuracy", std::move(examples)}};
}

}  // namespace lenslet
