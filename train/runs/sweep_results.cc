#include "lenslet/train/runs/sweep_results.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/spread.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using Json = nlohmann::ordered_json;
using Status = SweepResult::Status;

// A number of a run that finished: a metric, or one of the result's own.
struct Number {
  std::string key;
  std::string title;
  bool in_text = true;  // Whether the table for terminals has it.
  std::string (*text)(double);
  const Metric* metric = nullptr;
  std::optional<double> SweepResult::*own = nullptr;

  auto& Of(auto& result) const {
    return metric != nullptr ? result.metrics.*metric->value : result.*own;
  }
};

std::vector<Number> Numbers() {
  std::vector<Number> numbers;
  for (const Metric& metric : kMetrics) {
    numbers.push_back(
        {.key = metric.name(),
         .title = metric.short_name(),
         .in_text = !metric.result_name().empty(),
         // Losses of what all but diverged have many digits.
         .text = [](double value) { return NumberText(value, 4, 4); },
         .metric = &metric});
  }
  numbers.push_back(
      {.key = "seconds",
       .title = "seconds",
       .text = [](double value) { return absl::StrFormat("%.1f", value); },
       .own = &SweepResult::seconds});
  numbers.push_back({.key = "examples_per_second",
                     .title = "examples/s",
                     .text = RoundedWithCommas,
                     .own = &SweepResult::examples_per_second});
  return numbers;
}

struct Mean {
  double mean = 0;
  std::optional<double> deviation = std::nullopt;
};

struct Point {
  const std::vector<std::string>* values = nullptr;
  int64_t runs = 0, finished = 0, failed = 0;
  std::string reason;  // Of the first failure.
  std::optional<int64_t> parameters;
  std::vector<std::optional<Mean>> numbers;  // As Numbers().
};

std::optional<Mean> MeanOf(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  if (values.size() == 1) return Mean{.mean = values[0]};
  const Spread spread = SpreadOf(values);
  return Mean{.mean = spread.mean, .deviation = spread.deviation};
}

// In the order of the sweep.
std::vector<Point> Summarize(const Sweep& sweep,
                             absl::Span<const SweepResult> results) {
  const std::vector<Number> numbers = Numbers();
  std::vector<Point> points(sweep.points.size());
  // By point and number.
  std::vector<std::vector<std::vector<double>>> values(
      points.size(), std::vector<std::vector<double>>(numbers.size()));
  for (size_t i = 0; i < points.size(); ++i) {
    points[i].values = &sweep.points[i];
  }
  for (size_t r = 0; r < results.size(); ++r) {
    const SweepResult& result = results[r];
    Point& point = points[sweep.runs[r].point];
    ++point.runs;
    if (result.status == Status::kFailed) {
      ++point.failed;
      if (point.reason.empty()) point.reason = result.reason;
    }
    if (result.status != Status::kFinished) continue;
    ++point.finished;
    point.parameters = result.parameters;
    for (size_t n = 0; n < numbers.size(); ++n) {
      if (const std::optional<double> value = numbers[n].Of(result)) {
        values[sweep.runs[r].point][n].push_back(*value);
      }
    }
  }
  for (size_t i = 0; i < points.size(); ++i) {
    for (const std::vector<double>& of_number : values[i]) {
      points[i].numbers.push_back(MeanOf(of_number));
    }
  }
  return points;
}

// The number to sort by.
struct Criterion {
  size_t number = 0;  // As an index of Numbers().
  bool by_recipe = false;
  // What save.best_by names, if no point has it.
  const Metric* missing = nullptr;
};

bool SomePointHas(const std::vector<Point>& points, size_t number) {
  return std::any_of(points.begin(), points.end(), [&](const Point& point) {
    return point.numbers[number].has_value();
  });
}

// What save.best_by of all runs names; null if it is absent or differs.
const Metric* ChosenMetric(const Sweep& sweep, bool has_validation) {
  std::set<std::string> names;
  for (const SweepRun& run : sweep.runs) {
    names.insert(run.recipe.save().best_by());
  }
  if (names.size() != 1 || names.begin()->empty()) return nullptr;
  return MetricChosenBy(*names.begin(), has_validation);
}

// The metric of save.best_by. Without one, or if no point has it, the first
// quantity besides the loss that some point has, on the first split that has
// it.
Criterion CriterionOf(const Sweep& sweep, const std::vector<Number>& numbers,
                      const std::vector<Point>& points) {
  bool has_validation = false;
  for (size_t n = 0; n < numbers.size(); ++n) {
    has_validation |= numbers[n].metric != nullptr &&
                      numbers[n].metric->split == MetricSplit::kValidation &&
                      SomePointHas(points, n);
  }
  const Metric* chosen = ChosenMetric(sweep, has_validation);
  for (size_t n = 0; chosen != nullptr && n < numbers.size(); ++n) {
    if (numbers[n].metric == chosen && SomePointHas(points, n)) {
      return {.number = n, .by_recipe = true};
    }
  }
  for (const MetricSplit split :
       {MetricSplit::kValidation, MetricSplit::kTest, MetricSplit::kTrain}) {
    for (size_t n = 0; n < numbers.size(); ++n) {
      const Metric* metric = numbers[n].metric;
      if (metric != nullptr && metric->split == split &&
          metric->quantity != &kLoss && SomePointHas(points, n)) {
        return {.number = n, .missing = chosen};
      }
    }
  }
  return {.missing = chosen};
}

// "sorted by validation AUC (save.best_by), highest first"
std::string CriterionText(const Criterion& criterion) {
  const Metric& metric = *Numbers()[criterion.number].metric;
  return absl::StrCat(
      "sorted by ", metric.words(),
      criterion.by_recipe ? " (save.best_by)" : "",
      metric.quantity->higher_is_better ? ", highest first" : ", lowest first",
      criterion.missing == nullptr
          ? ""
          : absl::StrCat("; ", criterion.missing->words(),
                         " (save.best_by) is undefined in all runs"));
}

// Whether each number has a column: not the metrics of quantities
// that no point has on any split. Without any, the accuracy has.
std::vector<bool> Columns(const std::vector<Number>& numbers,
                          const std::vector<Point>& points) {
  std::set<const Quantity*> measured;
  for (const Point& point : points) {
    for (size_t n = 0; n < numbers.size(); ++n) {
      if (numbers[n].metric != nullptr && point.numbers[n]) {
        measured.insert(numbers[n].metric->quantity);
      }
    }
  }
  measured.erase(&kLoss);
  if (measured.empty()) measured.insert(&kAccuracy);
  measured.insert(&kLoss);
  std::vector<bool> columns;
  for (const Number& number : numbers) {
    columns.push_back(number.metric == nullptr ||
                      measured.contains(number.metric->quantity));
  }
  return columns;
}

struct SortedPoints {
  std::vector<Point> points;  // The best one first.
  Criterion criterion;
};

SortedPoints Rows(const Sweep& sweep, absl::Span<const SweepResult> results) {
  std::vector<Point> points = Summarize(sweep, results);
  const std::vector<Number> numbers = Numbers();
  const Criterion criterion = CriterionOf(sweep, numbers, points);
  const double sign =
      numbers[criterion.number].metric->quantity->higher_is_better ? 1 : -1;
  const auto key = [&](const Point& point) {
    const std::optional<Mean>& mean = point.numbers[criterion.number];
    return mean && !std::isnan(mean->mean) ? sign * mean->mean : -INFINITY;
  };
  std::stable_sort(
      points.begin(), points.end(),
      [&](const Point& a, const Point& b) { return key(a) > key(b); });
  return {.points = std::move(points), .criterion = criterion};
}

std::string MeanText(const Number& number, const std::optional<Mean>& mean) {
  if (!mean) return "";
  std::string text = number.text(mean->mean);
  if (mean->deviation) {
    absl::StrAppend(&text, " +- ", number.text(*mean->deviation));
  }
  return text;
}

std::string Remark(const Point& point) {
  if (point.failed == 0) return point.finished == 0 ? "not run" : "";
  return point.runs == 1
             ? absl::StrCat("failed: ", point.reason)
             : absl::StrCat(point.failed, " failed: ", point.reason);
}

const char* StatusName(Status status) {
  switch (status) {
    case Status::kNotRun:
      return "not run";
    case Status::kFinished:
      return "finished";
    case Status::kFailed:
      return "failed";
  }
  return "";
}

Json Changes(const Sweep& sweep, const std::vector<std::string>& values) {
  Json changes = Json::object();
  for (size_t a = 0; a < sweep.axes.size(); ++a) {
    changes[sweep.axes[a].field] = values[a];
  }
  return changes;
}

Json RunJson(const Sweep& sweep, const SweepRun& run,
             const SweepResult& result) {
  Json json = {{"name", run.name},
               {"changes", Changes(sweep, sweep.points[run.point])},
               {"seed", run.recipe.seed()}};
  if (run.recipe.data().has_fold()) {
    json["fold"] = run.recipe.data().fold().number();
  }
  json["status"] = StatusName(result.status);
  if (result.status == Status::kFailed) json["reason"] = result.reason;
  if (result.status != Status::kFinished) return json;
  json["fingerprint"] = result.fingerprint;
  json["parameters"] = result.parameters;
  for (const Number& number : Numbers()) {
    if (const std::optional<double> value = number.Of(result)) {
      json[number.key] = *value;
    }
  }
  return json;
}

Json PointJson(const Sweep& sweep, const Point& point) {
  Json json = {{"changes", Changes(sweep, *point.values)},
               {"finished", point.finished},
               {"failed", point.failed}};
  if (point.parameters) json["parameters"] = *point.parameters;
  const std::vector<Number> numbers = Numbers();
  for (size_t n = 0; n < numbers.size(); ++n) {
    if (!point.numbers[n]) continue;
    Json& number = json[numbers[n].key];
    number["mean"] = point.numbers[n]->mean;
    if (point.numbers[n]->deviation) {
      number["deviation"] = *point.numbers[n]->deviation;
    }
  }
  return json;
}

}  // namespace

std::string SweepText(const Sweep& sweep,
                      absl::Span<const SweepResult> results) {
  const auto [points, criterion] = Rows(sweep, results);
  const bool seeds = sweep.runs.size() > sweep.points.size();
  std::vector<std::vector<std::string>> columns;
  std::vector<Align> aligns;
  const auto add = [&](const std::string& title, Align align,
                       const auto& cell) {
    std::vector<std::string> column = {title};
    bool empty = true;
    for (const Point& point : points) {
      column.push_back(cell(point));
      empty &= column.back().empty();
    }
    if (empty) return;
    columns.push_back(std::move(column));
    aligns.push_back(align);
  };
  for (size_t a = 0; a < sweep.axes.size(); ++a) {
    add(sweep.axes[a].field, Align::kLeft,
        [&](const Point& point) { return (*point.values)[a]; });
  }
  if (seeds) {
    add("runs", Align::kRight,
        [](const Point& point) { return absl::StrCat(point.finished); });
  }
  add("parameters", Align::kRight, [](const Point& point) {
    return point.parameters ? WithCommas(*point.parameters) : "";
  });
  const std::vector<Number> numbers = Numbers();
  for (size_t n = 0; n < numbers.size(); ++n) {
    if (!numbers[n].in_text && n != criterion.number) continue;
    add(numbers[n].title, Align::kRight, [&](const Point& point) {
      return MeanText(numbers[n], point.numbers[n]);
    });
  }
  add("remark", Align::kLeft, Remark);
  std::vector<std::vector<std::string>> rows(points.size() + 1);
  for (const std::vector<std::string>& column : columns) {
    for (size_t r = 0; r < rows.size(); ++r) rows[r].push_back(column[r]);
  }
  const bool any_finished =
      std::any_of(points.begin(), points.end(),
                  [](const Point& point) { return point.finished > 0; });
  return absl::StrCat(
      TextTable(aligns, rows),
      any_finished ? absl::StrCat("\n", CriterionText(criterion), "\n") : "");
}

std::string SweepCsv(const Sweep& sweep,
                     absl::Span<const SweepResult> results) {
  const std::vector<Point> points = Rows(sweep, results).points;
  const std::vector<Number> numbers = Numbers();
  const std::vector<bool> columns = Columns(numbers, points);
  std::vector<std::string> names;
  for (const SweepAxis& axis : sweep.axes) names.push_back(CsvCell(axis.field));
  for (const char* name : {"finished", "failed", "parameters"}) {
    names.push_back(name);
  }
  for (size_t n = 0; n < numbers.size(); ++n) {
    if (!columns[n]) continue;
    names.push_back(numbers[n].key);
    names.push_back(absl::StrCat(numbers[n].key, "_deviation"));
  }
  names.push_back("reason");
  std::string csv = absl::StrCat(absl::StrJoin(names, ","), "\n");
  constexpr int kDigits = 9;
  for (const Point& point : points) {
    std::vector<std::string> cells;
    for (const std::string& value : *point.values) {
      cells.push_back(CsvCell(value));
    }
    cells.push_back(absl::StrCat(point.finished));
    cells.push_back(absl::StrCat(point.failed));
    cells.push_back(point.parameters ? absl::StrCat(*point.parameters) : "");
    for (size_t n = 0; n < numbers.size(); ++n) {
      if (!columns[n]) continue;
      const std::optional<Mean>& mean = point.numbers[n];
      cells.push_back(mean ? CsvCell(mean->mean, kDigits) : "");
      cells.push_back(mean ? CsvCell(mean->deviation, kDigits) : "");
    }
    cells.push_back(CsvCell(point.reason));
    absl::StrAppend(&csv, absl::StrJoin(cells, ","), "\n");
  }
  return csv;
}

std::string SweepJson(const Sweep& sweep,
                      absl::Span<const SweepResult> results) {
  Json axes = Json::array();
  for (const SweepAxis& axis : sweep.axes) {
    axes.push_back({{"field", axis.field}, {"values", axis.values}});
  }
  Json points = Json::array();
  const SortedPoints rows = Rows(sweep, results);
  for (const Point& point : rows.points) {
    points.push_back(PointJson(sweep, point));
  }
  Json runs = Json::array();
  for (size_t r = 0; r < results.size(); ++r) {
    runs.push_back(RunJson(sweep, sweep.runs[r], results[r]));
  }
  const Json json = {{"axes", std::move(axes)},
                     {"sorted_by", Numbers()[rows.criterion.number].key},
                     {"points", std::move(points)},
                     {"runs", std::move(runs)}};
  // Messages may have bytes of file names that are no UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<SweepResult> FindFinished(absl::string_view json,
                                        absl::string_view name,
                                        absl::string_view fingerprint) {
  const Json parsed = Json::parse(json.begin(), json.end(), nullptr,
                                  /*allow_exceptions=*/false);
  if (!parsed.is_object() || !parsed.contains("runs") ||
      !parsed["runs"].is_array()) {
    return std::nullopt;
  }
  const auto is = [](const Json& run, const char* key,
                     absl::string_view value) {
    return run.contains(key) && run[key].is_string() &&
           run[key].get<std::string>() == value;
  };
  for (const Json& run : parsed["runs"]) {
    if (!run.is_object() || !is(run, "name", name) ||
        !is(run, "status", StatusName(Status::kFinished)) ||
        !is(run, "fingerprint", fingerprint) || !run.contains("parameters") ||
        !run["parameters"].is_number_integer()) {
      continue;
    }
    SweepResult result = {.status = Status::kFinished,
                          .reason = "",
                          .fingerprint = std::string(fingerprint),
                          .parameters = run["parameters"].get<int64_t>()};
    for (const Number& number : Numbers()) {
      if (run.contains(number.key) && run[number.key].is_number()) {
        number.Of(result) = run[number.key].get<double>();
      }
    }
    return result;
  }
  return std::nullopt;
}

}  // namespace lenslet
