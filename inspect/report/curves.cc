#include "lenslet/inspect/report/curves.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/inspect/report/html.h"
#include "lenslet/train/runs/history.h"

namespace lenslet {
namespace {

// Rows of the table of numbers: more than that nobody reads.
constexpr int64_t kMaxRows = 200;

enum class Quantity { kLoss, kAccuracy, kLearningRate };

// One line of a chart.
struct Curve {
  absl::string_view key;    // In the JSON.
  absl::string_view set;    // "train", as the legend and CSS name it.
  absl::string_view title;  // Of the column.
  Quantity quantity;
  std::optional<double> (*value)(const MetricsRecord&);
};

constexpr Curve kCurves[] = {
    {"train_loss", "train", "Train loss", Quantity::kLoss,
     [](const MetricsRecord& p) { return p.train_loss; }},
    {"validation_loss", "validation", "Validation loss", Quantity::kLoss,
     [](const MetricsRecord& p) { return p.validation_loss; }},
    {"test_loss", "test", "Test loss", Quantity::kLoss,
     [](const MetricsRecord& p) { return p.test_loss; }},
    {"train_accuracy", "train", "Train accuracy", Quantity::kAccuracy,
     [](const MetricsRecord& p) { return p.train_accuracy; }},
    {"validation_accuracy", "validation", "Validation accuracy",
     Quantity::kAccuracy,
     [](const MetricsRecord& p) { return p.validation_accuracy; }},
    {"test_accuracy", "test", "Test accuracy", Quantity::kAccuracy,
     [](const MetricsRecord& p) { return p.test_accuracy; }},
    {"learning_rate", "rate", "Learning rate", Quantity::kLearningRate,
     [](const MetricsRecord& p) { return std::optional(p.learning_rate); }},
};

bool WasMeasured(const ReportData& data, const Curve& curve) {
  return std::any_of(data.history.begin(), data.history.end(),
                     [&](const MetricsRecord& point) {
                       return curve.value(point).has_value();
                     });
}

std::vector<Curve> MeasuredCurves(const ReportData& data) {
  std::vector<Curve> curves;
  std::copy_if(std::begin(kCurves), std::end(kCurves),
               std::back_inserter(curves),
               [&](const Curve& curve) { return WasMeasured(data, curve); });
  return curves;
}

std::string Text(Quantity quantity, double value) {
  return quantity == Quantity::kAccuracy ? Percent(value) : ShortNumber(value);
}

std::string EpochText(double epoch) { return absl::StrFormat("%.6g", epoch); }

// "Test loss from 2.31 to 0.45, lowest 0.44 in epoch 9."
std::string Describe(const ReportData& data, const Curve& curve) {
  std::optional<double> first, last;
  const MetricsRecord* best = nullptr;
  for (const MetricsRecord& point : data.history) {
    const std::optional<double> value = curve.value(point);
    if (!value) continue;
    if (!first) first = value;
    last = value;
    if (!std::isfinite(*value)) continue;
    const bool better = best == nullptr || (curve.quantity == Quantity::kLoss
                                                ? *value < *curve.value(*best)
                                                : *value > *curve.value(*best));
    if (better) best = &point;
  }
  std::string text =
      absl::StrCat(curve.title, " from ", Text(curve.quantity, *first), " to ",
                   Text(curve.quantity, *last));
  if (best != nullptr && best->epoch > 0) {
    absl::StrAppend(
        &text, curve.quantity == Quantity::kLoss ? ", lowest " : ", highest ",
        Text(curve.quantity, *curve.value(*best)), " at epoch ",
        EpochText(best->epoch));
  }
  return text + ".";
}

std::string Chart(const ReportData& data, const std::vector<Curve>& curves,
                  Quantity quantity, absl::string_view id,
                  absl::string_view title) {
  std::string legend;
  std::vector<std::string> descriptions;
  for (const Curve& curve : curves) {
    if (curve.quantity != quantity) continue;
    descriptions.push_back(Describe(data, curve));
    if (quantity != Quantity::kLearningRate) {
      absl::StrAppend(&legend, "<li class=\"", curve.set, "\">", curve.set,
                      "</li>");
    }
  }
  if (descriptions.empty()) return "";
  return absl::StrCat(
      "<figure class=\"card chart\">\n<figcaption><h3>", title, "</h3>",
      legend.empty() ? ""
                     : absl::StrCat("<ul class=\"legend\">", legend, "</ul>"),
      "</figcaption>\n<div class=\"canvas\"><canvas data-chart=\"", id,
      "\" role=\"img\" aria-label=\"",
      EscapeHtml(absl::StrCat(title, " over epochs. ",
                              absl::StrJoin(descriptions, " "))),
      "\"></canvas></div>\n</figure>\n");
}

bool EndsAnEpoch(const MetricsRecord& record) { return record.end_of_epoch; }

// For curves: the training metrics of whole epochs do not go with those of
// their parts.
std::vector<MetricsRecord> ForCurves(std::vector<MetricsRecord> history) {
  if (std::all_of(history.begin(), history.end(), EndsAnEpoch)) return history;
  for (MetricsRecord& record : history) {
    if (!record.end_of_epoch) continue;
    record.train_loss.reset();
    record.train_accuracy.reset();
  }
  return history;
}

// For the table: the ends of epochs; all records if none is an end.
std::vector<MetricsRecord> ByEpoch(const std::vector<MetricsRecord>& history) {
  std::vector<MetricsRecord> epochs;
  std::copy_if(history.begin(), history.end(), std::back_inserter(epochs),
               EndsAnEpoch);
  return epochs.empty() ? history : epochs;
}

std::string NumbersTable(const ReportData& data,
                         const std::vector<Curve>& curves) {
  std::string table =
      "<table class=\"numbers\">\n<thead><tr><th scope=\"col\">Epoch</th>";
  for (const Curve& curve : curves) {
    absl::StrAppend(&table, "<th scope=\"col\">", curve.title, "</th>");
  }
  absl::StrAppend(&table, "</tr></thead>\n<tbody>\n");
  const std::vector<MetricsRecord> points = ByEpoch(data.history);
  const int64_t count = points.size();
  const int64_t every = (count + kMaxRows - 1) / kMaxRows;
  for (int64_t i = (count - 1) % every; i < count; i += every) {
    absl::StrAppend(&table, "<tr><th scope=\"row\">",
                    EpochText(points[i].epoch), "</th>");
    for (const Curve& curve : curves) {
      const std::optional<double> value = curve.value(points[i]);
      absl::StrAppend(&table, "<td>", value ? Text(curve.quantity, *value) : "",
                      "</td>");
    }
    absl::StrAppend(&table, "</tr>\n");
  }
  return absl::StrCat(table, "</tbody></table>\n");
}

}  // namespace

std::string CurvesSection(const ReportData& all) {
  ReportData data;
  data.history = ForCurves(all.history);
  const std::vector<Curve> curves = MeasuredCurves(data);
  if (curves.empty()) return "";
  const std::string charts = absl::StrCat(
      Chart(data, curves, Quantity::kLoss, "loss", "Loss"),
      Chart(data, curves, Quantity::kAccuracy, "accuracy", "Accuracy"),
      Chart(data, curves, Quantity::kLearningRate, "learning_rate",
            "Learning rate"));
  return SectionHtml(
      "curves", "Learning curves", "",
      absl::StrCat(
          "<div class=\"charts\">\n", charts,
          "</div>\n<details class=\"card\"><summary>The curves as "
          "numbers</summary>\n",
          ScrollBoxHtml("The curves as numbers", NumbersTable(all, curves)),
          "</details>\n"));
}

nlohmann::json CurvesJson(const ReportData& data) {
  nlohmann::json json = nlohmann::json::object();
  if (data.history.empty()) return json;
  for (const MetricsRecord& point : data.history) {
    json["epoch"].push_back(point.epoch);
  }
  const std::vector<MetricsRecord> history = ForCurves(data.history);
  for (const Curve& curve : MeasuredCurves(data)) {
    nlohmann::json& values = json[std::string(curve.key)];
    for (const MetricsRecord& point : history) {
      const std::optional<double> value = curve.value(point);
      if (value && std::isfinite(*value)) {
        values.push_back(*value);
      } else {
        values.push_back(nullptr);
      }
    }
  }
  return json;
}

}  // namespace lenslet
