#include "lenslet/inspect/report/thresholds.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/inspect/classification_report.h"
#include "lenslet/inspect/report/html.h"
#include "lenslet/inspect/threshold_curve.h"

namespace lenslet {
namespace {

// Curves of which colors differ.
constexpr const char* kCurveColors[] = {"--test", "--wrong", "--validation",
                                        "--rate", "--train", "--ink"};

// An <svg> with a line for each class through its points.
std::string CurveSvg(absl::Span<const ClassReport* const> classes,
                     absl::string_view title, absl::string_view x_title,
                     absl::string_view y_title,
                     std::pair<double, double> (*place)(const ThresholdPoint&),
                     std::pair<double, double> first) {
  constexpr double kSize = 300;
  constexpr double kMargin = 36;
  const auto x = [&](double value) { return kMargin + value * kSize; };
  const auto y = [&](double value) { return 8 + (1 - value) * kSize; };
  std::string svg = absl::StrFormat(
      "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"%s\" "
      "style=\"width:100%%;max-width:26rem;font-size:11px\">\n",
      kMargin + kSize + 8, kSize + kMargin + 8, title);
  for (const double line : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    absl::StrAppendFormat(&svg,
                          "<path d=\"M%g %gH%gM%g %gV%g\" "
                          "style=\"stroke:var(--grid);fill:none\"/>"
                          "<text x=\"%g\" y=\"%g\" text-anchor=\"end\" "
                          "style=\"fill:var(--soft)\">%g</text>"
                          "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\" "
                          "style=\"fill:var(--soft)\">%g</text>\n",
                          x(0), y(line), x(1), x(line), y(0), y(1), x(0) - 4,
                          y(line) + 4, line, x(line), y(0) + 14, line);
  }
  for (size_t i = 0; i < classes.size(); ++i) {
    std::string path =
        absl::StrFormat("M%.2f %.2f", x(first.first), y(first.second));
    for (const ThresholdPoint& point : classes[i]->curve.points) {
      const auto [a, b] = place(point);
      absl::StrAppendFormat(&path, "L%.2f %.2f", x(a), y(b));
    }
    absl::StrAppend(&svg, "<path d=\"", path, "\" style=\"stroke:var(",
                    kCurveColors[i], ");fill:none;stroke-width:1.5\"/>\n");
  }
  absl::StrAppendFormat(
      &svg,
      "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\" "
      "style=\"fill:var(--ink)\">%s</text>\n"
      "<text x=\"12\" y=\"%g\" text-anchor=\"middle\" transform=\"rotate(-90 "
      "10 %g)\" style=\"fill:var(--ink)\">%s</text>\n</svg>\n",
      x(0.5), y(0) + 30, x_title, y(0.5), y(0.5), y_title);
  return svg;
}

}  // namespace

std::string ThresholdsSection(const ReportData& data) {
  if (!data.quality) return "";
  std::vector<const ClassReport*> classes;
  for (const ClassReport& c : data.quality->classes) {
    if (c.curve.auc.has_value()) classes.push_back(&c);
  }
  if (classes.empty()) return "";
  const bool two = data.quality->classes.size() == 2;
  const size_t most = std::size(kCurveColors);
  const bool some = !two && classes.size() > most;
  if (two) classes.erase(classes.begin(), classes.end() - 1);
  std::stable_sort(classes.begin(), classes.end(),
                   [](const ClassReport* a, const ClassReport* b) {
                     return *a->curve.auc < *b->curve.auc;
                   });
  if (some) classes.resize(most);
  std::string legend, table;
  for (size_t i = 0; i < classes.size(); ++i) {
    absl::StrAppend(&legend, "<tr><th scope=\"row\"><span style=\"color:var(",
                    kCurveColors[i], ")\">&#9632;</span> ",
                    EscapeHtml(classes[i]->name), "</th>",
                    ShareCell(classes[i]->curve.auc),
                    ShareCell(classes[i]->curve.average_precision), "</tr>\n");
  }
  for (const ThresholdPoint& point : data.quality->thresholds) {
    absl::StrAppendFormat(&table, "<tr><th scope=\"row\">%.1f</th>",
                          point.threshold);
    absl::StrAppend(&table, ShareCell(point.precision), ShareCell(point.recall),
                    ShareCell(point.f1), ShareCell(point.false_positive_rate),
                    "</tr>\n");
  }
  if (!table.empty()) {
    table = absl::StrCat(
        "<div class=\"card\">",
        ScrollBoxHtml("Thresholds",
                      absl::StrCat("<table class=\"classes\">\n<thead><tr>"
                                   "<th scope=\"col\">Threshold</th>"
                                   "<th scope=\"col\">Precision</th>"
                                   "<th scope=\"col\">Recall</th>"
                                   "<th scope=\"col\">F1</th>"
                                   "<th scope=\"col\">False positives</th>"
                                   "</tr></thead>\n<tbody>\n",
                                   table, "</tbody></table>\n")),
        "</div>\n");
  }
  return SectionHtml(
      "thresholds", "ROC and precision-recall curves",
      absl::StrCat(
          "What a threshold on a class's probability trades, on the ",
          data.measured_on, " ", data.examples_name,
          some ? "; the classes with the smallest area under the ROC curve."
               : "."),
      absl::StrCat(
          "<div class=\"charts\">\n<figure class=\"card\">",
          CurveSvg(classes, "ROC curves", "false positive rate", "recall",
                   [](const ThresholdPoint& point) {
                     return std::pair(*point.false_positive_rate,
                                      *point.recall);
                   },
                   {0, 0}),
          "</figure>\n<figure class=\"card\">",
          CurveSvg(classes, "Precision-recall curves", "recall", "precision",
                   [](const ThresholdPoint& point) {
                     return std::pair(*point.recall, *point.precision);
                   },
                   {0, *classes[0]->curve.points[0].precision}),
          "</figure>\n</div>\n<div class=\"card\" style=\"margin-top:1rem\">",
          ScrollBoxHtml("Areas under the curves",
                        absl::StrCat("<table class=\"classes\">\n<thead><tr>"
                                     "<th scope=\"col\">Class</th>"
                                     "<th scope=\"col\">AUC</th>"
                                     "<th scope=\"col\">Average precision</th>"
                                     "</tr></thead>\n<tbody>\n",
                                     legend, "</tbody></table>\n")),
          "</div>\n", table));
}

}  // namespace lenslet
