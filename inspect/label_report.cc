#include "lenslet/inspect/label_report.h"

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
#include "lenslet/train/metrics/auc.h"
#include "lenslet/train/metrics/ratio.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using LabelJson = nlohmann::ordered_json;

constexpr int64_t kMaxLabelName = 20;

absl::Status CheckLabels(absl::Span<const float> scores,
                         absl::Span<const float> targets, int64_t labels) {
  if (scores.size() != targets.size() || scores.empty() || labels == 0 ||
      scores.size() % labels != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", scores.size(), " scores, ", targets.size(),
        " targets and ", labels,
        " labels; expected as many scores as targets, and as many for each "
        "example as labels"));
  }
  for (size_t i = 0; i < scores.size(); ++i) {
    if (std::isfinite(scores[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("example ", i / labels, " has score ", scores[i],
                     " of label ", i % labels, "; expected a number"));
  }
  return absl::OkStatus();
}

std::string LabelShare(std::optional<double> share) {
  return share ? absl::StrFormat("%.4f", *share) : "-";
}

LabelJson LabelNumber(std::optional<double> number) {
  return number ? LabelJson(*number) : LabelJson(nullptr);
}

// How sure the model was of what is wrong.
double Confidence(const LabelMistake& mistake) {
  return mistake.applies ? 1 - mistake.probability : mistake.probability;
}

}  // namespace

double LabelProbability(float score) {
  return 1 / (1 + std::exp(-static_cast<double>(score)));
}

absl::StatusOr<LabelReport> MakeLabelReport(
    absl::Span<const float> scores, absl::Span<const float> targets,
    absl::Span<const std::string> names) {
  const int64_t labels = names.size();
  LENSLET_RETURN_IF_ERROR(CheckLabels(scores, targets, labels));
  LabelReport report;
  report.metrics = CountLabels(scores, targets, labels, /*threshold=*/0);
  const std::vector<std::optional<double>> auc =
      AucOfLabels(scores, targets, labels);
  report.macro_auc = MeanOfPresent(auc);
  for (int64_t l = 0; l < labels; ++l) {
    report.labels.push_back(
        {.name = names[l], .counts = report.metrics.labels[l], .auc = auc[l]});
  }
  for (size_t i = 0; i < scores.size(); ++i) {
    const bool applies = targets[i] >= 0.5F;
    if (applies == (scores[i] > 0)) continue;
    report.mistakes.push_back({.index = static_cast<int64_t>(i) / labels,
                               .label = static_cast<int64_t>(i) % labels,
                               .applies = applies,
                               .probability = LabelProbability(scores[i])});
  }
  std::stable_sort(report.mistakes.begin(), report.mistakes.end(),
                   [](const LabelMistake& a, const LabelMistake& b) {
                     return Confidence(a) > Confidence(b);
                   });
  return report;
}

std::vector<std::string> LabelNames(const Dataset& dataset) {
  if (!dataset.target_names.empty()) return dataset.target_names;
  std::vector<std::string> names;
  const int64_t labels = dataset.examples->target().shape.elements();
  for (int64_t i = 0; i < labels; ++i) {
    names.push_back(absl::StrCat("label ", i));
  }
  return names;
}

absl::StatusOr<LabelReport> MakeLabelReport(const Tensor& scores,
                                            const Dataset& dataset) {
  if (dataset.examples->target().kind != TargetKind::kLabels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the targets of the data set are ",
        Name(dataset.examples->target().kind), "; expected labels"));
  }
  LENSLET_ASSIGN_OR_RETURN(const AllTargets targets, ReadAllTargets(dataset));
  return MakeLabelReport(scores.span(), targets.values, LabelNames(dataset));
}

std::string LabelSummary(const LabelReport& report) {
  const LabelMetrics& metrics = report.metrics;
  const LabelCounts micro = metrics.micro();
  const bool all_defined = std::all_of(
      metrics.labels.begin(), metrics.labels.end(), [](const LabelCounts& c) {
        return c.precision() && c.recall() && c.f1();
      });
  std::vector<std::vector<std::string>> rows = {
      {"", "precision", "recall", "F1", "AUC"},
      {"all together", LabelShare(micro.precision()),
       LabelShare(micro.recall()), LabelShare(micro.f1()), ""},
      {all_defined ? "mean of labels" : "mean without -",
       LabelShare(metrics.macro_precision()),
       LabelShare(metrics.macro_recall()), LabelShare(metrics.macro_f1()),
       LabelShare(report.macro_auc)}};
  if (!all_defined) {
    rows.push_back({"mean with - as 0",
                    LabelShare(metrics.macro_precision_with_zeros()),
                    LabelShare(metrics.macro_recall_with_zeros()),
                    LabelShare(metrics.macro_f1_with_zeros()), ""});
  }
  return absl::StrCat(
      TextTable({Align::kLeft, Align::kRight, Align::kLeft},
                {{"exact match", LabelShare(metrics.exact_match()),
                  absl::StrCat(WithCommas(metrics.exact), " of ",
                               WithCommas(metrics.examples))},
                 {"hamming loss", LabelShare(metrics.hamming_loss()), ""}}),
      "\n",
      TextTable({Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                 Align::kRight},
                rows));
}

std::string LabelTable(const LabelReport& report) {
  std::vector<std::vector<std::string>> rows = {{"", "label", "examples",
                                                 "predicted", "precision",
                                                 "recall", "F1", "AUC"}};
  for (size_t i = 0; i < report.labels.size(); ++i) {
    const LabelReportRow& row = report.labels[i];
    rows.push_back({absl::StrCat(i), Abbreviate(row.name, kMaxLabelName),
                    WithCommas(row.support()), WithCommas(row.predicted()),
                    LabelShare(row.counts.precision()),
                    LabelShare(row.counts.recall()),
                    LabelShare(row.counts.f1()), LabelShare(row.auc)});
  }
  return TextTable({Align::kRight, Align::kLeft, Align::kRight, Align::kRight,
                    Align::kRight, Align::kRight, Align::kRight, Align::kRight},
                   rows);
}

std::string LabelMistakeTable(const LabelReport& report, int64_t count) {
  std::vector<std::vector<std::string>> rows = {
      {"example", "label", "applies", "p"}};
  for (size_t i = 0; i < report.mistakes.size(); ++i) {
    if (static_cast<int64_t>(i) == count) break;
    const LabelMistake& mistake = report.mistakes[i];
    rows.push_back(
        {absl::StrCat(mistake.index),
         Abbreviate(report.labels[mistake.label].name, kMaxLabelName),
         mistake.applies ? "yes" : "no", LabelShare(mistake.probability)});
  }
  return TextTable({Align::kRight, Align::kLeft, Align::kLeft, Align::kRight},
                   rows);
}

nlohmann::ordered_json LabelReportToJson(const LabelReport& report) {
  const LabelMetrics& metrics = report.metrics;
  const LabelCounts micro = metrics.micro();
  LabelJson labels = LabelJson::array();
  for (const LabelReportRow& row : report.labels) {
    labels.push_back({{"name", row.name},
                      {"support", row.support()},
                      {"predicted", row.predicted()},
                      {"true_positives", row.counts.true_positives},
                      {"precision", LabelNumber(row.counts.precision())},
                      {"recall", LabelNumber(row.counts.recall())},
                      {"f1", LabelNumber(row.counts.f1())},
                      {"auc", LabelNumber(row.auc)}});
  }
  LabelJson mistakes = LabelJson::array();
  for (const LabelMistake& mistake : report.mistakes) {
    mistakes.push_back({{"index", mistake.index},
                        {"label", mistake.label},
                        {"applies", mistake.applies},
                        {"probability", mistake.probability}});
  }
  return {{"examples", metrics.examples},
          {"exact", metrics.exact},
          {"exact_match", metrics.exact_match()},
          {"hamming_loss", metrics.hamming_loss()},
          {"micro_precision", LabelNumber(micro.precision())},
          {"micro_recall", LabelNumber(micro.recall())},
          {"micro_f1", LabelNumber(micro.f1())},
          {"macro_precision", LabelNumber(metrics.macro_precision())},
          {"macro_recall", LabelNumber(metrics.macro_recall())},
          {"macro_f1", LabelNumber(metrics.macro_f1())},
          {"macro_precision_with_zeros", metrics.macro_precision_with_zeros()},
          {"macro_recall_with_zeros", metrics.macro_recall_with_zeros()},
          {"macro_f1_with_zeros", metrics.macro_f1_with_zeros()},
          {"macro_auc", LabelNumber(report.macro_auc)},
          {"labels", std::move(labels)},
          {"mistakes", std::move(mistakes)}};
}

}  // namespace lenslet
