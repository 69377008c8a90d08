#include "lenslet/inspect/report/curves.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/inspect/report/html.h"
#include "lenslet/train/runs/metrics_record.h"

namespace lenslet {
namespace {

// Rows of the table of numbers: more than that nobody reads.
constexpr int64_t kMaxRows = 200;

// Drawn as the metrics are.
constexpr Quantity kLearningRate = {.name = "learning_rate",
                                    .words = "learning rate",
                                    .short_name = "rate",
                                    .higher_is_better = true,
                                    .is_share = false,
                                    .is_main = false,
                                    .kind = std::nullopt,
                                    .of = nullptr};

// One line of a chart.
struct Curve {
  std::string key;        // In the JSON.
  absl::string_view set;  // "train", as the legend and CSS name it.
  std::string title;      // Of the column.
  const Quantity* quantity;
  const Metric* metric = nullptr;  // Null: the learning rate.

  std::optional<double> Of(const MetricsRecord& record) const {
    return metric != nullptr ? record.*metric->value : record.learning_rate;
  }
};

// "Learning rate" of "learning rate".
std::string Title(absl::string_view words) {
  std::string title(words);
  title[0] = absl::ascii_toupper(title[0]);
  return title;
}

// Those of a quantity follow one another.
std::vector<Curve> Curves() {
  std::vector<Curve> curves;
  for (const Metric& metric : kMetrics) {
    curves.push_back({.key = metric.name(),
                      .set = SplitName(metric.split),
                      .title = Title(metric.words()),
                      .quantity = metric.quantity,
                      .metric = &metric});
  }
  const auto first = [](const Curve& curve) {
    return std::find_if(kMetrics.begin(), kMetrics.end(),
                        [&](const Metric& metric) {
                          return metric.quantity == curve.quantity;
                        });
  };
  std::stable_sort(
      curves.begin(), curves.end(),
      [&](const Curve& a, const Curve& b) { return first(a) < first(b); });
  curves.push_back({.key = std::string(kLearningRate.name),
                    .set = kLearningRate.short_name,
                    .title = Title(kLearningRate.words),
                    .quantity = &kLearningRate});
  return curves;
}

bool WasMeasured(const ReportData& data, const Curve& curve) {
  return std::any_of(
      data.history.begin(), data.history.end(),
      [&](const MetricsRecord& point) { return curve.Of(point).has_value(); });
}

std::vector<Curve> MeasuredCurves(const ReportData& data) {
  std::vector<Curve> curves = Curves();
  curves.erase(std::remove_if(curves.begin(), curves.end(),
                              [&](const Curve& curve) {
                                return !WasMeasured(data, curve);
                              }),
               curves.end());
  return curves;
}

std::string Text(const Quantity& quantity, double value) {
  return quantity.is_share ? Percent(value) : ShortNumber(value);
}

std::string EpochText(double epoch) { return absl::StrFormat("%.6g", epoch); }

// "Test loss from 2.31 to 0.45, lowest 0.44 in epoch 9."
std::string Describe(const ReportData& data, const Curve& curve) {
  std::optional<double> first, last;
  const MetricsRecord* best = nullptr;
  for (const MetricsRecord& point : data.history) {
    const std::optional<double> value = curve.Of(point);
    if (!value) continue;
    if (!first) first = value;
    last = value;
    if (!std::isfinite(*value)) continue;
    const bool better = best == nullptr || (curve.quantity->higher_is_better
                                                ? *value > *curve.Of(*best)
                                                : *value < *curve.Of(*best));
    if (better) best = &point;
  }
  std::string text =
      absl::StrCat(curve.title, " from ", Text(*curve.quantity, *first), " to ",
                   Text(*curve.quantity, *last));
  if (best != nullptr && best->epoch > 0) {
    absl::StrAppend(
        &text, curve.quantity->higher_is_better ? ", highest " : ", lowest ",
        Text(*curve.quantity, *curve.Of(*best)), " at epoch ",
        EpochText(best->epoch));
  }
  return text + ".";
}

std::string Chart(const ReportData& data, const std::vector<Curve>& curves,
                  const Quantity& quantity) {
  const std::string title = Title(quantity.words);
  std::string legend;
  std::vector<std::string> descriptions;
  for (const Curve& curve : curves) {
    if (curve.quantity != &quantity) continue;
    descriptions.push_back(Describe(data, curve));
    if (curve.metric != nullptr) {
      absl::StrAppend(&legend, "<li class=\"", curve.set, "\">", curve.set,
                      "</li>");
    }
  }
  return absl::StrCat(
      "<figure class=\"card chart\">\n<figcaption><h3>", title, "</h3>",
      legend.empty() ? ""
                     : absl::StrCat("<ul class=\"legend\">", legend, "</ul>"),
      "</figcaption>\n<div class=\"canvas\"><canvas data-chart=\"",
      quantity.name, "\" role=\"img\" aria-label=\"",
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
    for (const Metric& metric : kMetrics) {
      if (metric.split == MetricSplit::kTrain) (record.*metric.value).reset();
    }
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
      const std::optional<double> value = curve.Of(points[i]);
      absl::StrAppend(&table, "<td>",
                      value ? Text(*curve.quantity, *value) : "", "</td>");
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
  std::string charts;
  const Quantity* last = nullptr;
  for (const Curve& curve : curves) {
    if (curve.quantity == last) continue;
    last = curve.quantity;
    absl::StrAppend(&charts, Chart(data, curves, *last));
  }
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
    nlohmann::json& values = json[curve.key];
    for (const MetricsRecord& point : history) {
      const std::optional<double> value = curve.Of(point);
      if (value && std::isfinite(*value)) {
        values.push_back(*value);
      } else {
        values.push_back(nullptr);
      }
    }
  }
  return json;
}

nlohmann::json QuantitiesJson() {
  nlohmann::json json = nlohmann::json::object();
  for (const Metric& metric : kMetrics) {
    const Quantity& quantity = *metric.quantity;
    json[std::string(quantity.name)] = {
        {"is_share", quantity.is_share},
        {"higher_is_better", quantity.higher_is_better}};
  }
  return json;
}

}  // namespace lenslet
