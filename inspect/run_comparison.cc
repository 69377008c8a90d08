#include "lenslet/inspect/run_comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/spread.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/train/recipe/recipe_differences.h"
#include "lenslet/train/runs/metrics_record.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

constexpr const Metric& kValidationLoss =
    MetricOf(MetricSplit::kValidation, kLoss);

// The last record that has the metric; null if none has.
const MetricsRecord* Last(const ComparedRun& run, const Metric& metric) {
  const MetricsRecord* last = nullptr;
  for (const MetricsRecord& record : run.records) {
    if (record.*metric.value) last = &record;
  }
  return last;
}

// The first record with the metric's best value; null if none has one. With
// `at_ends`, only of those at the end of an epoch or of the run.
const MetricsRecord* Best(const ComparedRun& run, const Metric& metric,
                          bool at_ends = false) {
  const MetricsRecord* best = nullptr;
  for (const MetricsRecord& record : run.records) {
    if (at_ends && !record.end_of_epoch && &record != &run.records.back()) {
      continue;
    }
    const std::optional<double>& value = record.*metric.value;
    if (!value || std::isnan(*value)) continue;
    if (best == nullptr ||
        (metric.quantity->higher_is_better ? *value > *(best->*metric.value)
                                           : *value < *(best->*metric.value))) {
      best = &record;
    }
  }
  return best;
}

// Of best.ckpt; null if the recipe does not choose it and the run has no
// validation examples, so that its choice says little.
const Metric* BestCheckpointMetric(const ComparedRun& run) {
  const bool has_validation = Last(run, kValidationLoss) != nullptr;
  if (run.recipe.save().best_by().empty() && !has_validation) return nullptr;
  return MetricChosenBy(run.recipe.save().best_by(), has_validation);
}

// That of best.ckpt; null if there is none.
const MetricsRecord* BestCheckpoint(const ComparedRun& run) {
  const Metric* metric = BestCheckpointMetric(run);
  return metric == nullptr ? nullptr : Best(run, *metric, /*at_ends=*/true);
}

// "best validation loss", or what else the runs choose best.ckpt by.
std::string BestCheckpointTitle(absl::Span<const ComparedRun> runs) {
  std::set<std::string> names;
  for (const ComparedRun& run : runs) {
    const Metric* metric = BestCheckpointMetric(run);
    if (metric != nullptr) names.insert(metric->words());
  }
  return absl::StrCat("best ", absl::StrJoin(names, " or "));
}

// The first record whose test accuracy is at least `target`; null if none is.
const MetricsRecord* FirstToReach(const ComparedRun& run, double target) {
  for (const MetricsRecord& record : run.records) {
    if (record.test_accuracy && *record.test_accuracy >= target) return &record;
  }
  return nullptr;
}

struct NamedSpread {
  std::string name;
  std::string key;  // In JSON.
  bool is_seconds;
  Spread spread;
};

// Of what every run has; nothing for fewer than two runs.
std::vector<NamedSpread> Spreads(absl::Span<const ComparedRun> runs,
                                 std::optional<double> target) {
  std::vector<NamedSpread> spreads;
  if (runs.size() < 2) return spreads;
  using Value = std::function<std::optional<double>(const ComparedRun&)>;
  const auto add = [&](const std::string& name, const std::string& key,
                       bool is_seconds, const Value& value_of) {
    std::vector<double> values;
    for (const ComparedRun& run : runs) {
      const std::optional<double> value = value_of(run);
      if (!value) return;
      values.push_back(*value);
    }
    spreads.push_back({name, key, is_seconds, SpreadOf(values)});
  };
  add("seconds", "seconds", true,
      [](const ComparedRun& run) { return run.records.back().seconds; });
  for (const Metric& metric : kMetrics) {
    if (metric.split == MetricSplit::kTrain || metric.quantity == &kLoss)
      continue;
    add(absl::StrCat("last ", metric.words()),
        absl::StrCat("last_", metric.name()), false,
        [&](const ComparedRun& run) -> std::optional<double> {
          const MetricsRecord* record = Last(run, metric);
          if (record == nullptr) return std::nullopt;
          return record->*metric.value;
        });
  }
  if (target) {
    add("seconds to target", "seconds_to_target", true,
        [&](const ComparedRun& run) -> std::optional<double> {
          const MetricsRecord* record = FirstToReach(run, *target);
          if (record == nullptr) return std::nullopt;
          return record->seconds;
        });
  }
  return spreads;
}

// Each record's own speed, weighed by the time that it is of.
double ExamplesPerSecond(const ComparedRun& run) {
  double examples = 0;
  double before = 0;
  for (const MetricsRecord& record : run.records) {
    examples += record.examples_per_second * (record.seconds - before);
    before = record.seconds;
  }
  return before > 0 ? examples / before : NAN;
}

std::string NumberText(double value) {
  return lenslet::NumberText(value, /*decimals=*/4, /*digits=*/6);
}

std::string MetricText(const Metric& metric, const MetricsRecord& record) {
  return NumberText(*(record.*metric.value));
}

std::string EpochText(double epoch) { return absl::StrFormat("%.4g", epoch); }

class Table {
 public:
  explicit Table(absl::Span<const ComparedRun> runs) : runs_(runs) {}

  void AddRow(const std::string& name,
              const std::function<std::string(const ComparedRun&)>& cell) {
    Row row = {name};
    for (const ComparedRun& run : runs_) row.push_back(cell(run));
    // One without cells says nothing.
    if (std::all_of(row.begin() + 1, row.end(),
                    [](const std::string& text) { return text.empty(); })) {
      return;
    }
    if (!section_.empty()) {
      rows_.push_back(Row(runs_.size() + 1));
      rows_.push_back(Row(runs_.size() + 1));
      rows_.back()[0] = std::exchange(section_, "");
    }
    rows_.push_back(std::move(row));
  }

  // Of the rows that follow, if there are any.
  void StartSection(const std::string& title) { section_ = title; }

  std::string Text(Align cells) const {
    std::vector<Align> columns(runs_.size() + 1, cells);
    columns[0] = Align::kLeft;
    return TextTable(columns, rows_);
  }

 private:
  absl::Span<const ComparedRun> runs_;
  std::vector<Row> rows_;
  std::string section_;
};

std::vector<RecipeProto> Recipes(absl::Span<const ComparedRun> runs) {
  std::vector<RecipeProto> recipes;
  for (const ComparedRun& run : runs) recipes.push_back(run.recipe);
  return recipes;
}

std::string RecipesText(absl::Span<const ComparedRun> runs) {
  const std::vector<FieldDifference> differences =
      RecipeDifferences(Recipes(runs));
  if (differences.empty()) return "The recipes are the same.\n";
  std::vector<Row> rows = {{"recipe"}};
  for (const ComparedRun& run : runs) rows[0].push_back(run.name);
  for (const FieldDifference& difference : differences) {
    rows.push_back({difference.path});
    rows.back().insert(rows.back().end(), difference.values.begin(),
                       difference.values.end());
  }
  return TextTable(std::vector<Align>(runs.size() + 1, Align::kLeft), rows);
}

std::string ResultsText(absl::Span<const ComparedRun> runs,
                        std::optional<double> target) {
  Table table(runs);
  table.AddRow("result", [](const ComparedRun& run) { return run.name; });
  table.AddRow("epochs", [](const ComparedRun& run) {
    return EpochText(run.records.back().epoch);
  });
  table.AddRow("steps", [](const ComparedRun& run) {
    return WithCommas(run.records.back().step);
  });
  table.AddRow("seconds", [](const ComparedRun& run) {
    return absl::StrFormat("%.1f", run.records.back().seconds);
  });
  table.AddRow("examples/s", [](const ComparedRun& run) {
    const double speed = ExamplesPerSecond(run);
    return std::isnan(speed) ? "" : RoundedWithCommas(speed);
  });
  table.StartSection("last measured");
  for (const Metric& metric : kMetrics) {
    table.AddRow(absl::StrCat("  ", metric.words()),
                 [&](const ComparedRun& run) {
                   const MetricsRecord* record = Last(run, metric);
                   return record == nullptr ? "" : MetricText(metric, *record);
                 });
  }
  table.StartSection("best of each, and its epoch");
  for (const Metric& metric : kMetrics) {
    table.AddRow(
        absl::StrCat("  ", metric.words(),
                     metric.split == MetricSplit::kTest ? " (optimistic)" : ""),
        [&](const ComparedRun& run) -> std::string {
          const MetricsRecord* record = Best(run, metric);
          if (record == nullptr) return "";
          return absl::StrCat(MetricText(metric, *record), " at ",
                              EpochText(record->epoch));
        });
  }
  table.StartSection(absl::StrCat("best.ckpt: ", BestCheckpointTitle(runs)));
  table.AddRow("  epoch", [](const ComparedRun& run) {
    const MetricsRecord* record = BestCheckpoint(run);
    return record == nullptr ? "" : EpochText(record->epoch);
  });
  for (const Metric& metric : kMetrics) {
    table.AddRow(absl::StrCat("  ", metric.words()),
                 [&](const ComparedRun& run) -> std::string {
                   const MetricsRecord* record = BestCheckpoint(run);
                   if (record == nullptr || !(record->*metric.value)) return "";
                   return MetricText(metric, *record);
                 });
  }
  if (target) {
    table.StartSection(absl::StrCat("target: test accuracy ", *target));
    table.AddRow("  reached after", [&](const ComparedRun& run) -> std::string {
      const MetricsRecord* record = FirstToReach(run, *target);
      if (record == nullptr) return "not reached";
      return absl::StrFormat("%.1f s, epoch %s", record->seconds,
                             EpochText(record->epoch));
    });
  }
  return table.Text(Align::kRight);
}

// "" for fewer than two runs.
std::string SpreadsText(absl::Span<const ComparedRun> runs,
                        std::optional<double> target) {
  const std::vector<NamedSpread> spreads = Spreads(runs, target);
  if (spreads.empty()) return "";
  std::vector<Row> rows = {{absl::StrCat("over all ", runs.size(), " runs"),
                            "mean", "standard deviation"}};
  for (const NamedSpread& row : spreads) {
    const auto text = [&](double value) {
      return row.is_seconds ? absl::StrFormat("%.2f", value)
                            : NumberText(value);
    };
    rows.push_back(
        {row.name, text(row.spread.mean), text(row.spread.deviation)});
  }
  return absl::StrCat(
      "\n", TextTable({Align::kLeft, Align::kRight, Align::kRight}, rows));
}

// The metric's text after each epoch that has it.
std::map<int64_t, std::string> ByEpoch(const ComparedRun& run,
                                       const Metric& metric) {
  std::map<int64_t, std::string> texts;
  for (const MetricsRecord& record : run.records) {
    if (record.end_of_epoch && record.*metric.value) {
      texts[std::llround(record.epoch)] = MetricText(metric, record);
    }
  }
  return texts;
}

// "" if no run has the metric after any epoch.
std::string EpochsText(absl::Span<const ComparedRun> runs,
                       const Metric& metric) {
  std::map<int64_t, Row> epochs;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (const auto& [epoch, text] : ByEpoch(runs[i], metric)) {
      Row& row = epochs[epoch];
      row.resize(runs.size() + 1);
      row[0] = absl::StrCat(epoch);
      row[i + 1] = text;
    }
  }
  if (epochs.empty()) return "";
  std::vector<Row> rows = {{absl::StrCat(metric.words(), " after epoch")}};
  for (const ComparedRun& run : runs) rows[0].push_back(run.name);
  for (auto& [epoch, row] : epochs) rows.push_back(std::move(row));
  return absl::StrCat(
      "\n",
      TextTable(std::vector<Align>(runs.size() + 1, Align::kRight), rows));
}

Json RunAsJson(const ComparedRun& run, std::optional<double> target) {
  Json last = Json::object();
  Json best = Json::object();
  Json best_on_validation;
  const auto measured = [](const Metric& metric, const MetricsRecord& record) {
    return Json{{"value", *(record.*metric.value)}, {"epoch", record.epoch}};
  };
  for (const Metric& metric : kMetrics) {
    if (const MetricsRecord* record = Last(run, metric)) {
      last[metric.name()] = measured(metric, *record);
    }
    if (const MetricsRecord* record = Best(run, metric)) {
      best[metric.name()] = measured(metric, *record);
    }
  }
  if (const MetricsRecord* record = BestCheckpoint(run)) {
    best_on_validation["epoch"] = record->epoch;
    for (const Metric& metric : kMetrics) {
      if (const std::optional<double>& value = record->*metric.value) {
        best_on_validation[metric.name()] = *value;
      }
    }
  }
  Json records = Json::array();
  for (const MetricsRecord& record : run.records) {
    records.push_back(Json::parse(ToJson(record)));
  }
  Json json = {{"name", run.name},
               {"epochs", run.records.back().epoch},
               {"steps", run.records.back().step},
               {"seconds", run.records.back().seconds},
               {"examples_per_second", ExamplesPerSecond(run)},
               {"last", std::move(last)},
               {"best", std::move(best)},
               {"best_on_validation", std::move(best_on_validation)}};
  if (target) {
    const MetricsRecord* record = FirstToReach(run, *target);
    json["target_reached"] = record == nullptr
                                 ? Json()
                                 : Json{{"seconds", record->seconds},
                                        {"step", record->step},
                                        {"epoch", record->epoch}};
  }
  json["records"] = std::move(records);
  return json;
}

}  // namespace

std::string CompareRuns(absl::Span<const ComparedRun> runs,
                        std::optional<double> target) {
  std::string text =
      absl::StrCat(RecipesText(runs), "\n", ResultsText(runs, target),
                   SpreadsText(runs, target));
  for (const Metric& metric : kMetrics) {
    if (metric.quantity != &kLoss) text += EpochsText(runs, metric);
  }
  return text;
}

std::string CompareRunsAsJson(absl::Span<const ComparedRun> runs,
                              std::optional<double> target) {
  Json differences = Json::object();
  for (const FieldDifference& difference : RecipeDifferences(Recipes(runs))) {
    differences[difference.path] = difference.values;
  }
  Json list = Json::array();
  for (const ComparedRun& run : runs) list.push_back(RunAsJson(run, target));
  Json json = {{"recipe_differences", std::move(differences)},
               {"runs", std::move(list)}};
  if (target) json["target_test_accuracy"] = *target;
  Json& over_all = json["over_all_runs"] = Json::object();
  for (const NamedSpread& row : Spreads(runs, target)) {
    over_all[row.key] = {{"mean", row.spread.mean},
                         {"standard_deviation", row.spread.deviation}};
  }
  return json.dump(2) + "\n";
}

}  // namespace lenslet
