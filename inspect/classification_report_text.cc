#include "lenslet/inspect/classification_report_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/base/utf8.h"

namespace lenslet {
namespace {

using Row = std::vector<std::string>;

constexpr int64_t kMaxColumns = 100;
constexpr int64_t kMaxNameCharacters = 20;
// Where a line has a column for each class.
constexpr int64_t kMaxRowNameCharacters = 12;
constexpr int64_t kMaxColumnNameCharacters = 6;
constexpr int64_t kMostFrequent = 20;

std::string Share(std::optional<double> share) {
  return share.has_value() ? absl::StrFormat("%.4f", *share) : "-";
}

std::string Name(const ClassificationReport& report, int64_t c) {
  return Abbreviate(report.classes[c].name, kMaxNameCharacters);
}

// Widths of cells, two spaces apart.
int64_t TableWidth(const std::vector<Row>& rows) {
  int64_t width = -2;
  for (size_t c = 0; c < rows[0].size(); ++c) {
    int64_t widest = 0;
    for (const Row& row : rows) {
      widest = std::max(widest, CountCharacters(row[c]));
    }
    width += 2 + widest;
  }
  return width;
}

std::vector<std::string> ColumnNames(const ClassificationReport& report) {
  std::vector<std::string> names;
  for (const ClassReport& of_class : report.classes) {
    names.push_back(Abbreviate(of_class.name, kMaxColumnNameCharacters));
  }
  if (std::set<std::string>(names.begin(), names.end()).size() < names.size()) {
    for (size_t c = 0; c < names.size(); ++c) names[c] = absl::StrCat(c);
  }
  return names;
}

// All classes, or those with the lowest F1, lowest first.
std::vector<size_t> ShownClasses(const ClassificationReport& report) {
  constexpr size_t kMostClasses = 100;
  constexpr size_t kMostShown = 40;
  const bool shows_all = report.classes.size() <= kMostClasses;
  std::vector<size_t> shown;
  for (size_t c = 0; c < report.classes.size(); ++c) {
    if (shows_all || report.classes[c].support > 0) shown.push_back(c);
  }
  if (shows_all) return shown;
  std::stable_sort(shown.begin(), shown.end(), [&](size_t a, size_t b) {
    return report.classes[a].f1.value_or(-1) <
           report.classes[b].f1.value_or(-1);
  });
  if (shown.size() > kMostShown) shown.resize(kMostShown);
  return shown;
}

std::string MostFrequentMistakes(const ClassificationReport& report) {
  struct Confused {
    int64_t label;
    int64_t predicted;
    int64_t count;
  };
  std::vector<Confused> all;
  const int64_t classes = static_cast<int64_t>(report.classes.size());
  for (int64_t i = 0; i < classes; ++i) {
    for (int64_t j = 0; j < classes; ++j) {
      const int64_t count = report.confusion[i][j];
      if (i != j && count > 0) all.push_back({i, j, count});
    }
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const Confused& a, const Confused& b) { return a.count > b.count; });
  if (all.size() > kMostFrequent) all.resize(kMostFrequent);
  std::vector<Row> rows = {{"class", "taken for", "examples", "of"}};
  for (const Confused& confused : all) {
    rows.push_back({Name(report, confused.label),
                    Name(report, confused.predicted),
                    WithCommas(confused.count),
                    WithCommas(report.classes[confused.label].support)});
  }
  return TextTable({Align::kLeft, Align::kLeft, Align::kRight, Align::kRight},
                   rows);
}

}  // namespace

std::string ReportSummary(const ClassificationReport& report) {
  std::vector<Row> rows = {
      {"accuracy", Share(report.accuracy),
       absl::StrCat(WithCommas(report.correct), " of ",
                    WithCommas(report.examples))},
      {absl::StrCat("top-", report.top_k, " accuracy"),
       Share(report.top_k_accuracy), ""},
      {"cross-entropy", Share(report.cross_entropy), ""},
      {"Brier score", Share(report.brier_score), ""},
      {"calibration error", Share(report.expected_calibration_error), ""}};
  if (report.macro_auc.has_value()) {
    rows.push_back({"mean AUC", Share(report.macro_auc), ""});
  }
  return TextTable({Align::kLeft, Align::kRight, Align::kLeft}, rows);
}

std::string ThresholdTable(const ClassificationReport& report) {
  if (report.thresholds.empty()) return "";
  std::vector<Row> rows = {{absl::StrCat("p of ", Name(report, 1)), "precision",
                            "recall", "F1", "false positives"}};
  for (const ThresholdPoint& point : report.thresholds) {
    rows.push_back({absl::StrFormat("%.1f", point.threshold),
                    Share(point.precision), Share(point.recall),
                    Share(point.f1), Share(point.false_positive_rate)});
  }
  return TextTable({Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                    Align::kRight},
                   rows);
}

std::string ClassTable(const ClassificationReport& report) {
  std::vector<Row> rows = {
      {"", "class", "examples", "predicted", "precision", "recall", "F1"}};
  const std::vector<size_t> shown = ShownClasses(report);
  for (const size_t c : shown) {
    const ClassReport& of_class = report.classes[c];
    rows.push_back({absl::StrCat(c), Name(report, c),
                    WithCommas(of_class.support),
                    WithCommas(of_class.predicted), Share(of_class.precision),
                    Share(of_class.recall), Share(of_class.f1)});
  }
  if (const size_t rest = report.classes.size() - shown.size(); rest > 0) {
    rows.push_back({"", absl::StrCat("(", WithCommas(rest), " others)"), "", "",
                    "", "", ""});
  }
  const auto is_defined = [](const ClassReport& of_class) {
    return of_class.precision.has_value() && of_class.recall.has_value() &&
           of_class.f1.has_value();
  };
  const bool all_defined =
      std::all_of(report.classes.begin(), report.classes.end(), is_defined);
  rows.push_back({"", all_defined ? "mean" : "mean without -", "", "",
                  Share(report.macro_precision), Share(report.macro_recall),
                  Share(report.macro_f1)});
  if (!all_defined) {
    rows.push_back({"", "mean with - as 0", "", "",
                    Share(report.macro_precision_with_zeros),
                    Share(report.macro_recall_with_zeros),
                    Share(report.macro_f1_with_zeros)});
  }
  return TextTable({Align::kRight, Align::kLeft, Align::kRight, Align::kRight,
                    Align::kRight, Align::kRight, Align::kRight},
                   rows);
}

std::string ConfusionTable(const ClassificationReport& report) {
  std::vector<Align> columns = {Align::kRight, Align::kLeft};
  std::vector<Row> rows = {{"", "class"}};
  for (const std::string& name : ColumnNames(report)) {
    columns.push_back(Align::kRight);
    rows[0].push_back(name);
  }
  for (size_t c = 0; c < report.classes.size(); ++c) {
    Row& row = rows.emplace_back();
    row.push_back(absl::StrCat(c));
    row.push_back(Abbreviate(report.classes[c].name, kMaxRowNameCharacters));
    for (const int64_t count : report.confusion[c]) {
      row.push_back(absl::StrCat(count));
    }
  }
  if (TableWidth(rows) > kMaxColumns) return MostFrequentMistakes(report);
  return TextTable(columns, rows);
}

std::string CalibrationTable(const ClassificationReport& report) {
  std::vector<Row> rows = {
      {"confidence", "examples", "mean confidence", "accuracy"}};
  for (const CalibrationBin& bin : report.calibration) {
    if (bin.count == 0) continue;
    rows.push_back({absl::StrFormat("%.3f to %.3f", bin.lower, bin.upper),
                    WithCommas(bin.count), Share(bin.mean_confidence),
                    Share(bin.accuracy)});
  }
  return TextTable({Align::kLeft, Align::kRight, Align::kRight, Align::kRight},
                   rows);
}

std::string MistakeTable(const ClassificationReport& report, int64_t count) {
  std::vector<Row> rows = {{"example", "class", "p", "taken for", "p"}};
  for (const Mistake& mistake : report.MostConfidentMistakes(count)) {
    rows.push_back({absl::StrCat(mistake.index), Name(report, mistake.label),
                    Share(mistake.label_probability),
                    Name(report, mistake.predicted),
                    Share(mistake.probability)});
  }
  return TextTable(
      {Align::kRight, Align::kLeft, Align::kRight, Align::kLeft, Align::kRight},
      rows);
}

}  // namespace lenslet
