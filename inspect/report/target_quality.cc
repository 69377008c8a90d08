#include "lenslet/inspect/report/target_quality.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/text_format.h"
#include "lenslet/inspect/class_colors.h"
#include "lenslet/inspect/report/html.h"

namespace lenslet {
namespace {

constexpr size_t kMaxValueRows = 40;
constexpr size_t kWorstExamples = 12;
constexpr size_t kMaxMapClasses = 40;
constexpr int64_t kPanelSide = 168;

// "the test images"
std::string MeasuredExamples(const ReportData& data) {
  return absl::StrCat("the ", data.measured_on, " ", data.examples_name);
}

std::string R2Cell(std::optional<double> r2) {
  return r2 ? absl::StrFormat("%.4f", *r2) : "–";
}

std::string ErrorCells(const ValueErrors& errors, std::optional<double> r2) {
  return absl::StrCat("<td>", ShortNumber(errors.mean_absolute_error()),
                      "</td><td>", ShortNumber(errors.mean_squared_error()),
                      "</td><td>",
                      ShortNumber(errors.root_mean_squared_error()),
                      "</td><td>", R2Cell(r2), "</td></tr>\n");
}

std::string ErrorsTable(const ValueReport& report) {
  std::string rows;
  const bool shows_values =
      report.values.size() > 1 && report.values.size() <= kMaxValueRows;
  for (const ValueReportRow& row : report.values) {
    if (!shows_values) break;
    absl::StrAppend(&rows, "<tr><th scope=\"row\">", EscapeHtml(row.name),
                    "</th>", ErrorCells(row.errors, row.r2));
  }
  const std::string all =
      report.values.size() == 1
          ? EscapeHtml(report.values[0].name)
          : absl::StrCat("all ", WithCommas(report.values.size()));
  return absl::StrCat(
      "<table class=\"classes\">\n<thead><tr><th scope=\"col\">Value</th>"
      "<th scope=\"col\">MAE</th><th scope=\"col\">MSE</th>"
      "<th scope=\"col\">RMSE</th><th scope=\"col\">R²</th></tr></thead>\n"
      "<tbody>\n",
      rows, "</tbody>\n<tfoot><tr><th scope=\"row\">", all, "</th>",
      ErrorCells(report.errors, report.mean_r2), "</tfoot></table>\n");
}

std::string WorstExamples(const ValueReport& report) {
  std::string rows;
  const size_t count =
      std::min(report.examples_by_error.size(), kWorstExamples);
  for (size_t i = 0; i < count; ++i) {
    const ExampleError& error = report.examples_by_error[i];
    absl::StrAppend(&rows, "<tr><th scope=\"row\">", WithCommas(error.index),
                    "</th><td>", ShortNumber(error.mean_absolute_error),
                    "</td><td>", EscapeHtml(report.values[error.value].name),
                    "</td><td>", ShortNumber(error.target), "</td><td>",
                    ShortNumber(error.output), "</td></tr>\n");
  }
  return absl::StrCat(
      "<table class=\"classes\">\n<thead><tr><th scope=\"col\">Example</th>"
      "<th scope=\"col\">MAE</th><th scope=\"col\">Worst value</th>"
      "<th scope=\"col\">True</th><th scope=\"col\">Predicted</th></tr>"
      "</thead>\n<tbody>\n",
      rows, "</tbody></table>\n");
}

// A chart of the scatter with this index.
std::string ScatterChart(absl::string_view chart, size_t index,
                         absl::string_view title, absl::string_view legend,
                         const std::string& description) {
  return absl::StrCat("<figure class=\"card chart\">\n<figcaption><h3>",
                      EscapeHtml(title), "</h3>", legend,
                      "</figcaption>\n<div class=\"canvas\"><canvas "
                      "data-chart=\"",
                      chart, "\" data-index=\"", index,
                      "\" role=\"img\" aria-label=\"", EscapeHtml(description),
                      "\"></canvas></div>\n</figure>\n");
}

std::string ResidualsTable(const ReportScatter& scatter) {
  std::string rows;
  for (size_t i = 0; i < scatter.residuals.size(); ++i) {
    const double low = scatter.residual_min + i * scatter.residual_width;
    absl::StrAppend(&rows, "<tr><th scope=\"row\">", ShortNumber(low), " to ",
                    ShortNumber(low + scatter.residual_width), "</th><td>",
                    WithCommas(scatter.residuals[i]), "</td></tr>\n");
  }
  return absl::StrCat(
      "<table class=\"numbers\">\n<thead><tr><th scope=\"col\">Residuals of ",
      EscapeHtml(scatter.name),
      "</th><th scope=\"col\">Number</th></tr></thead>\n<tbody>\n", rows,
      "</tbody></table>\n");
}

std::string ClassLegend(const PositionReport& report) {
  std::string items;
  for (size_t c = 0; c < report.classes.size() && c < kMaxMapClasses; ++c) {
    const Color color = ClassColor(c);
    absl::StrAppend(
        &items,
        absl::StrFormat("<li><span class=\"swatch\" style=\"background:rgb(%d,"
                        "%d,%d)\"></span>",
                        color[0], color[1], color[2]),
        EscapeHtml(report.classes[c].name), "</li>\n");
  }
  return absl::StrCat("<ul class=\"swatches\">\n", items, "</ul>\n");
}

std::string PositionMatrix(const PositionReport& report) {
  std::string table =
      "<table class=\"matrix\">\n<thead><tr><th scope=\"col\" "
      "class=\"corner\"><span>Label</span><span>Prediction</span></th>";
  for (const PositionReportRow& c : report.classes) {
    absl::StrAppend(&table, "<th scope=\"col\"><span>", EscapeHtml(c.name),
                    "</span></th>");
  }
  absl::StrAppend(&table, "</tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < report.classes.size(); ++i) {
    absl::StrAppend(&table, "<tr><th scope=\"row\">",
                    EscapeHtml(report.classes[i].name), "</th>");
    for (size_t j = 0; j < report.classes.size(); ++j) {
      const int64_t count = report.confusion.count(i, j);
      if (count == 0) {
        absl::StrAppend(&table, "<td class=\"none\">0</td>");
        continue;
      }
      const double share =
          static_cast<double>(count) / report.classes[i].support;
      absl::StrAppend(&table, absl::StrFormat("<td class=\"%s\" "
                                              "style=\"--heat:%.2f\">%s</td>",
                                              i == j ? "right" : "wrong", share,
                                              Percent(share)));
    }
    absl::StrAppend(&table, "</tr>\n");
  }
  return absl::StrCat(table, "</tbody></table>\n");
}

}  // namespace

std::string ValuesSection(const ReportData& data) {
  if (!data.values) return "";
  return SectionHtml(
      "values", "Errors",
      absl::StrCat("MAE is the mean absolute error, RMSE the root of the mean "
                   "squared error. R² is 1 for perfect predictions and 0 for "
                   "those of the mean. Measured on ",
                   MeasuredExamples(data), "."),
      absl::StrCat("<div class=\"card\">",
                   ScrollBoxHtml("Errors", ErrorsTable(*data.values)),
                   "</div>\n<div class=\"card\"><h3>Largest errors</h3>\n",
                   ScrollBoxHtml("Largest errors", WorstExamples(*data.values)),
                   "</div>\n"));
}

std::string ScattersSection(const ReportData& data) {
  if (data.scatters.empty()) return "";
  std::string charts, tables;
  for (size_t i = 0; i < data.scatters.size(); ++i) {
    const ReportScatter& scatter = data.scatters[i];
    absl::StrAppend(
        &charts,
        ScatterChart(
            "scatter", i, scatter.name,
            "<ul class=\"legend\"><li class=\"ideal\">ideal</li></ul>",
            absl::StrCat("Predicted against true numbers of ", scatter.name,
                         ", ", scatter.points.size(), " points.")),
        ScatterChart("residuals", i,
                     absl::StrCat("Residuals of ", scatter.name), "",
                     absl::StrCat("How many residuals of ", scatter.name,
                                  " have which size, as in the table below.")));
    absl::StrAppend(&tables, ResidualsTable(scatter));
  }
  return SectionHtml(
      "scatters", "Predicted and true",
      absl::StrCat("A residual is the predicted number minus the true one. On ",
                   MeasuredExamples(data),
                   "; of many, some of the points are "
                   "shown."),
      absl::StrCat("<div class=\"charts pairs\">\n", charts,
                   "</div>\n<details class=\"card\"><summary>The residuals as "
                   "numbers</summary>\n",
                   ScrollBoxHtml("The residuals as numbers", tables),
                   "</details>\n"));
}

std::string LabelsSection(const ReportData& data) {
  if (!data.labels) return "";
  const LabelMetrics& metrics = data.labels->metrics;
  std::string table =
      "<table class=\"classes\">\n<thead><tr><th scope=\"col\">Label</th>"
      "<th scope=\"col\">Precision</th><th scope=\"col\">Recall</th>"
      "<th scope=\"col\">F1</th><th scope=\"col\">AUC</th>"
      "<th scope=\"col\">Examples</th></tr></thead>\n<tbody>\n";
  const auto number = [](std::optional<double> auc) {
    return auc ? absl::StrFormat("<td>%.4f</td>", *auc)
               : "<td class=\"none\">–</td>";
  };
  for (const LabelReportRow& row : data.labels->labels) {
    absl::StrAppend(&table, "<tr><th scope=\"row\">", EscapeHtml(row.name),
                    "</th>", ShareCell(row.counts.precision()),
                    ShareCell(row.counts.recall()), ShareCell(row.counts.f1()),
                    number(row.auc), "<td>", WithCommas(row.support()),
                    "</td></tr>\n");
  }
  const LabelCounts micro = metrics.micro();
  absl::StrAppend(&table, "</tbody>\n<tfoot><tr><th scope=\"row\">mean</th>",
                  ShareCell(metrics.macro_precision()),
                  ShareCell(metrics.macro_recall()),
                  ShareCell(metrics.macro_f1()), number(data.labels->macro_auc),
                  "<td></td></tr>\n<tr><th scope=\"row\">all together</th>",
                  ShareCell(micro.precision()), ShareCell(micro.recall()),
                  ShareCell(micro.f1()), "<td></td><td>",
                  WithCommas(metrics.examples), "</td></tr></tfoot></table>\n");
  return SectionHtml(
      "labels", "Label by label",
      absl::StrCat(
          "Precision is the share of correct predictions among all predictions "
          "of a label. Recall is the share of a label's examples that are "
          "given the label. F1 is their harmonic mean. AUC is the probability "
          "that an example with the label has a higher score than one without. "
          "The mean is of the labels that have the value. "
          "Measured on ",
          MeasuredExamples(data), "; all labels are right of ",
          Percent(metrics.exact_match()), " of them, and ",
          Percent(metrics.hamming_loss(), 2), " of all labels are wrong."),
      absl::StrCat("<div class=\"card\">",
                   ScrollBoxHtml("Label by label", table), "</div>\n"));
}

std::string LabelMistakesSection(const ReportData& data) {
  if (!data.labels || data.labels->mistakes.empty()) return "";
  std::string rows;
  const size_t count = std::min(data.labels->mistakes.size(), kWorstExamples);
  for (size_t i = 0; i < count; ++i) {
    const LabelMistake& mistake = data.labels->mistakes[i];
    absl::StrAppend(&rows, "<tr><th scope=\"row\">", WithCommas(mistake.index),
                    "</th><td>",
                    EscapeHtml(data.labels->labels[mistake.label].name),
                    "</td><td>", mistake.applies ? "yes" : "no", "</td><td>",
                    Percent(mistake.probability), "</td></tr>\n");
  }
  return SectionHtml(
      "label-mistakes", "Most confident mistakes",
      absl::StrCat("The labels that the model is most wrong about, on ",
                   MeasuredExamples(data), "."),
      absl::StrCat(
          "<div class=\"card\">",
          ScrollBoxHtml(
              "Most confident mistakes",
              absl::StrCat(
                  "<table class=\"classes\">\n<thead><tr><th scope=\"col\">"
                  "Example</th><th scope=\"col\">Label</th><th scope=\"col\">"
                  "Applies</th><th scope=\"col\">Probability</th></tr></thead>"
                  "\n<tbody>\n",
                  rows, "</tbody></table>\n")),
          "</div>\n"));
}

std::string PositionsSection(const ReportData& data) {
  if (!data.positions) return "";
  const PositionReport& report = *data.positions;
  std::string table =
      "<table class=\"classes\">\n<thead><tr><th scope=\"col\">Class</th>"
      "<th scope=\"col\">IoU</th><th scope=\"col\">Positions</th>"
      "<th scope=\"col\">Predicted</th><th scope=\"col\">Right</th></tr>"
      "</thead>\n<tbody>\n";
  for (const PositionReportRow& row : report.classes) {
    absl::StrAppend(&table, "<tr><th scope=\"row\">", EscapeHtml(row.name),
                    "</th>", ShareCell(row.intersection_over_union), "<td>",
                    WithCommas(row.support), "</td><td>",
                    WithCommas(row.predicted), "</td><td>",
                    WithCommas(row.correct), "</td></tr>\n");
  }
  absl::StrAppend(&table, "</tbody>\n<tfoot><tr><th scope=\"row\">mean</th>",
                  ShareCell(report.confusion.mean_intersection_over_union()),
                  "<td>", WithCommas(report.positions), "</td><td></td><td>",
                  WithCommas(report.correct), "</td></tr></tfoot></table>\n");
  std::string matrix;
  if (report.classes.size() <= kMaxMapClasses) {
    matrix = absl::StrCat(
        "<div class=\"card\"><h3>Confusion, in shares of the true class</h3>\n",
        ScrollBoxHtml("Confusion matrix", PositionMatrix(report)), "</div>\n");
  }
  return SectionHtml(
      "positions", "Class by class",
      absl::StrCat(
          "IoU, intersection over union, is the number of positions of the "
          "class that are predicted right, divided by the number of those that "
          "are of the class or predicted as the class. Measured on ",
          MeasuredExamples(data), "."),
      absl::StrCat("<div class=\"card\">",
                   ScrollBoxHtml("Class by class", table), "</div>\n", matrix));
}

std::string PanelsSection(const ReportData& data) {
  if (data.panels.empty()) return "";
  const bool has_maps = data.positions.has_value();
  std::string items;
  const auto picture = [](const ReportImage& image, absl::string_view caption,
                          const std::string& alt) {
    return absl::StrCat("<figure>", ImageHtml(image, kPanelSide, alt),
                        "<figcaption>", caption, "</figcaption></figure>");
  };
  for (const ReportPanel& panel : data.panels) {
    absl::StrAppend(&items, "<li class=\"card\"><h3>", EscapeHtml(panel.title),
                    "</h3><div>");
    if (panel.input) {
      absl::StrAppend(&items, picture(*panel.input, "input",
                                      absl::StrCat("Input of ", panel.title)));
    }
    absl::StrAppend(&items,
                    picture(panel.target, "target",
                            absl::StrCat("Target of ", panel.title)),
                    picture(panel.output, "output",
                            absl::StrCat("Output for ", panel.title)),
                    "</div></li>\n");
  }
  return SectionHtml("pictures", "Inputs and outputs",
                     absl::StrCat("Some of ", MeasuredExamples(data),
                                  ", their targets and "
                                  "what the network makes of them."),
                     absl::StrCat(has_maps ? ClassLegend(*data.positions) : "",
                                  "<ul class=\"panels\">\n", items, "</ul>\n"));
}

nlohmann::json ScattersJson(const ReportData& data) {
  nlohmann::json json = nlohmann::json::array();
  for (const ReportScatter& scatter : data.scatters) {
    nlohmann::json points = nlohmann::json::array();
    for (const auto& [target, output] : scatter.points) {
      points.push_back({target, output});
    }
    nlohmann::json residuals = nlohmann::json::array();
    for (size_t i = 0; i < scatter.residuals.size(); ++i) {
      const double low = scatter.residual_min + i * scatter.residual_width;
      residuals.push_back({{"low", low},
                           {"high", low + scatter.residual_width},
                           {"examples", scatter.residuals[i]}});
    }
    json.push_back({{"name", Printable(scatter.name)},
                    {"points", std::move(points)},
                    {"residuals", std::move(residuals)}});
  }
  return json;
}

}  // namespace lenslet
