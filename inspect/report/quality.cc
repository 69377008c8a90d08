#include "lenslet/inspect/report/quality.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/text_format.h"
#include "lenslet/inspect/classification_report.h"
#include "lenslet/inspect/report/html.h"

namespace lenslet {
namespace {

constexpr size_t kMaxMatrixClasses = 40;
constexpr size_t kMaxConfusions = 8;

// How strongly a cell of the heat table is colored, in [0, 1]. The root makes
// rare mistakes visible; those of a tenth of a class are as strong as can be.
double Heat(double share, bool right) {
  return right ? share : std::sqrt(std::min(1.0, share * 10));
}

std::string MatrixCell(const ClassificationReport& report, size_t label,
                       size_t prediction, int64_t row_sum) {
  const int64_t count = report.confusion[label][prediction];
  if (count == 0) return "<td class=\"none\">0</td>";
  const bool right = label == prediction;
  const double share = static_cast<double>(count) / row_sum;
  return absl::StrFormat(
      "<td class=\"%s\" style=\"--heat:%.2f\" title=\"%s\">%s</td>",
      right ? "right" : "wrong", Heat(share, right),
      EscapeHtml(absl::StrCat(report.classes[label].name, " taken for ",
                              report.classes[prediction].name, ": ",
                              WithCommas(count), " (", Percent(share), ")")),
      WithCommas(count));
}

std::string Matrix(const ClassificationReport& report) {
  std::string table =
      "<table class=\"matrix\">\n<thead><tr><th scope=\"col\" "
      "class=\"corner\"><span>Label</span><span>Prediction</span></th>";
  for (const ClassReport& c : report.classes) {
    absl::StrAppend(&table, "<th scope=\"col\"><span>", EscapeHtml(c.name),
                    "</span></th>");
  }
  absl::StrAppend(&table, "</tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < report.classes.size(); ++i) {
    const std::vector<int64_t>& row = report.confusion[i];
    const int64_t sum = std::accumulate(row.begin(), row.end(), int64_t{0});
    absl::StrAppend(&table, "<tr><th scope=\"row\">",
                    EscapeHtml(report.classes[i].name), "</th>");
    for (size_t j = 0; j < row.size(); ++j) {
      absl::StrAppend(&table, MatrixCell(report, i, j, sum));
    }
    absl::StrAppend(&table, "</tr>\n");
  }
  return absl::StrCat(table, "</tbody></table>\n");
}

// The classes that are most often taken for one another.
std::string FrequentConfusions(const ClassificationReport& report) {
  struct Confusion {
    size_t label, prediction;
    int64_t count;
    double share;
  };
  std::vector<Confusion> confusions;
  for (size_t i = 0; i < report.classes.size(); ++i) {
    const std::vector<int64_t>& row = report.confusion[i];
    const int64_t sum = std::accumulate(row.begin(), row.end(), int64_t{0});
    for (size_t j = 0; j < row.size(); ++j) {
      if (i == j || row[j] == 0) continue;
      confusions.push_back({i, j, row[j], static_cast<double>(row[j]) / sum});
    }
  }
  if (confusions.empty()) return "";
  std::stable_sort(
      confusions.begin(), confusions.end(),
      [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  confusions.resize(std::min(confusions.size(), kMaxConfusions));
  std::string items;
  for (const Confusion& c : confusions) {
    absl::StrAppend(
        &items, "<li><span class=\"pair\">",
        EscapeHtml(report.classes[c.label].name),
        " <span class=\"arrow\" aria-hidden=\"true\">→</span><span "
        "class=\"hidden\">taken for</span> ",
        EscapeHtml(report.classes[c.prediction].name), "</span><span ",
        "class=\"count\">", WithCommas(c.count), "<small>", Percent(c.share),
        "</small></span>",
        absl::StrFormat("<span class=\"bar\" style=\"--v:%.3f\"></span></li>\n",
                        static_cast<double>(c.count) / confusions[0].count));
  }
  return absl::StrCat(
      "<div class=\"card confusions\"><h3>Most frequent confusions</h3>\n"
      "<ol>\n",
      items, "</ol></div>\n");
}

// "Images"
std::string ExamplesTitle(const ReportData& data) {
  std::string name = data.examples_name;
  name[0] = absl::ascii_toupper(name[0]);
  return name;
}

}  // namespace

std::string ConfusionSection(const ReportData& data) {
  if (!data.quality) return "";
  const bool shows_matrix = data.quality->classes.size() <= kMaxMatrixClasses;
  std::string content = "<div class=\"beside\">\n";
  if (shows_matrix) {
    absl::StrAppend(&content, "<div class=\"card\">",
                    ScrollBoxHtml("Confusion matrix", Matrix(*data.quality)),
                    "</div>");
  }
  absl::StrAppend(&content, FrequentConfusions(*data.quality), "</div>\n");
  return SectionHtml(
      "confusion", "Confusion matrix",
      absl::StrCat(
          "Each row is a true class; each column, a predicted class. Measured "
          "on the ",
          data.measured_on, " ", data.examples_name, ".",
          shows_matrix ? "" : " There are too many classes to show all."),
      content);
}

std::string ClassesSection(const ReportData& data) {
  if (!data.quality) return "";
  std::string table =
      "<table class=\"classes\">\n<thead><tr><th scope=\"col\">Class</th>"
      "<th scope=\"col\">Precision</th><th scope=\"col\">Recall</th>"
      "<th scope=\"col\">F1</th><th scope=\"col\">";
  absl::StrAppend(&table, ExamplesTitle(data), "</th></tr></thead>\n<tbody>\n");
  for (const ClassReport& c : data.quality->classes) {
    absl::StrAppend(&table, "<tr><th scope=\"row\">", EscapeHtml(c.name),
                    "</th>", ShareCell(c.precision), ShareCell(c.recall),
                    ShareCell(c.f1), "<td>", WithCommas(c.support),
                    "</td></tr>\n");
  }
  absl::StrAppend(&table, "</tbody>\n<tfoot><tr><th scope=\"row\">mean</th>",
                  ShareCell(data.quality->macro_precision),
                  ShareCell(data.quality->macro_recall),
                  ShareCell(data.quality->macro_f1), "<td>",
                  WithCommas(data.quality->examples),
                  "</td></tr></tfoot></table>\n");
  return SectionHtml(
      "classes", "Class by class",
      absl::StrCat("Precision is the share of correct predictions among all "
                   "predictions of a class. Recall is the share of a class's ",
                   data.examples_name,
                   " that are predicted correctly. F1 is their harmonic "
                   "mean. The last row is the mean of the classes that have "
                   "the value."),
      absl::StrCat("<div class=\"card\">",
                   ScrollBoxHtml("Class by class", table), "</div>\n"));
}

std::string CalibrationSection(const ReportData& data) {
  if (!data.quality) return "";
  std::string rows;
  for (const CalibrationBin& bin : data.quality->calibration) {
    absl::StrAppend(
        &rows, "<tr><th scope=\"row\">", Percent(bin.lower, 0), " – ",
        Percent(bin.upper, 0), "</th><td>", WithCommas(bin.count), "</td><td>",
        bin.mean_confidence ? Percent(*bin.mean_confidence) : "", "</td><td>",
        bin.accuracy ? Percent(*bin.accuracy) : "", "</td></tr>\n");
  }
  const std::string error = Percent(data.quality->expected_calibration_error);
  return SectionHtml(
      "calibration", "Calibration",
      "How well probabilities match accuracy: of all predictions made with a "
      "probability of 80 %, 80 % should be correct.",
      absl::StrCat(
          "<div class=\"charts\">\n<figure class=\"card chart\">\n"
          "<figcaption><h3>Accuracy by confidence</h3><ul class=\"legend\">"
          "<li class=\"test\">accuracy</li><li class=\"ideal\">ideal</li></ul>"
          "</figcaption>\n<div class=\"canvas\"><canvas "
          "data-chart=\"calibration\" role=\"img\" aria-label=\"Accuracy by "
          "confidence. Expected calibration error ",
          error,
          ".\"></canvas></div>\n</figure>\n<figure class=\"card chart\">\n"
          "<figcaption><h3>",
          ExamplesTitle(data),
          " by confidence</h3>"
          "<p class=\"note\">Expected calibration error <strong>",
          error,
          "</strong></p></figcaption>\n<div class=\"canvas\"><canvas "
          "data-chart=\"confidence\" role=\"img\" aria-label=\"",
          ExamplesTitle(data),
          " by confidence.\"></canvas></div>\n</figure>\n</div>\n"
          "<details class=\"card\"><summary>Both charts as numbers</summary>\n",
          ScrollBoxHtml(
              "Calibration as numbers",
              absl::StrCat(
                  "<table class=\"numbers\">\n<thead><tr>"
                  "<th scope=\"col\">Confidence</th><th scope=\"col\">",
                  ExamplesTitle(data),
                  "</th><th scope=\"col\">Mean confidence</th>"
                  "<th scope=\"col\">Accuracy</th></tr></thead>\n<tbody>\n",
                  rows, "</tbody></table>\n")),
          "</details>\n"));
}

std::string MistakesSection(const ReportData& data) {
  if (data.mistakes.empty()) return "";
  std::string items;
  bool explained = false;
  for (const ReportMistake& mistake : data.mistakes) {
    absl::StrAppend(&items, "<li><div class=\"views\">",
                    ImageHtml(mistake.image, 160,
                              absl::StrCat("Image of class ", mistake.label)));
    if (mistake.grad_cam && mistake.occlusion) {
      explained = true;
      absl::StrAppend(
          &items,
          ImageHtml(*mistake.grad_cam, 80,
                    absl::StrCat("Grad-CAM for ", mistake.prediction)),
          ImageHtml(*mistake.occlusion, 80,
                    absl::StrCat("Occlusion map for ", mistake.prediction)));
    }
    absl::StrAppend(
        &items, "</div><dl><div><dt>is</dt><dd>", EscapeHtml(mistake.label),
        "</dd></div><div class=\"wrong\"><dt>taken for</dt><dd>",
        EscapeHtml(mistake.prediction), " <small>",
        Percent(mistake.probability), "</small></dd></div></dl></li>\n");
  }
  std::string about = absl::StrCat(
      "The wrong predictions with the highest probability, on the ",
      data.measured_on, " ", data.examples_name, ".");
  if (explained) {
    absl::StrAppend(
        &about, " Below each, on the left, Grad-CAM of layer ",
        data.grad_cam_layer,
        ": what speaks for the prediction is red. On the right, how much its "
        "probability depends on each place: it falls when a square of ",
        data.occlusion_side, " x ", data.occlusion_side,
        " pixels hides what is red, and rises when it hides what is blue.");
  }
  return SectionHtml(
      "mistakes", "Most confident mistakes", about,
      absl::StrCat("<ul class=\"gallery\">\n", items, "</ul>\n"));
}

nlohmann::json CalibrationJson(const ReportData& data) {
  nlohmann::json json = nlohmann::json::array();
  if (!data.quality) return json;
  for (const CalibrationBin& bin : data.quality->calibration) {
    nlohmann::json object = {
        {"low", bin.lower}, {"high", bin.upper}, {"examples", bin.count}};
    object["accuracy"] = nullptr;
    if (bin.accuracy) object["accuracy"] = *bin.accuracy;
    json.push_back(object);
  }
  return json;
}

}  // namespace lenslet
