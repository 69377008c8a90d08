#include "lenslet/inspect/report/report_page.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file.h"
#include "lenslet/base/text_format.h"
#include "lenslet/inspect/report/curves.h"
#include "lenslet/inspect/report/html.h"
#include "lenslet/inspect/report/inside.h"
#include "lenslet/inspect/report/page_files.h"
#include "lenslet/inspect/report/quality.h"
#include "lenslet/inspect/report/target_quality.h"
#include "lenslet/inspect/report/thresholds.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/runs/metrics_record.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

// Nothing is loaded from anywhere.
constexpr char kPolicy[] =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

std::string Figure(absl::string_view name, absl::string_view value,
                   absl::string_view note = "") {
  return absl::StrCat(
      "<div><dt>", name, "</dt><dd>", value,
      note.empty() ? "" : absl::StrCat("<small>", note, "</small>"),
      "</dd></div>\n");
}

// What models with these metrics are judged by.
const Quantity& MainOf(const Metrics& metrics) {
  for (const Quantity* quantity : kQuantities) {
    if (quantity != &kLoss && quantity->of(metrics)) return *quantity;
  }
  return kLoss;
}

std::string QuantityText(const Quantity& quantity, double value) {
  return quantity.is_share ? Percent(value, 2) : ShortNumber(value);
}

// What the large number is of.
std::string MainNote(const ReportData& data, const Metrics& metrics) {
  if (metrics.predictions == metrics.examples) {
    return absl::StrCat(WithCommas(metrics.correct), " of ",
                        WithCommas(metrics.examples), " ", data.examples_name);
  }
  if (metrics.predictions > 0) {
    return absl::StrCat(WithCommas(metrics.correct), " of ",
                        WithCommas(metrics.predictions), " positions");
  }
  if (metrics.values.numbers > 0) {
    return absl::StrCat("over ", WithCommas(metrics.values.numbers),
                        " numbers of ", WithCommas(metrics.examples), " ",
                        data.examples_name);
  }
  return absl::StrCat("all labels right of ", WithCommas(metrics.exact), " of ",
                      WithCommas(metrics.examples), " ", data.examples_name);
}

// The number that the page opens with, large.
std::string MainFigure(absl::string_view split, const ReportData& data,
                       const Metrics& metrics) {
  const Quantity& quantity = MainOf(metrics);
  const double value = quantity.of(metrics).value_or(0);
  return absl::StrCat(
      "<div class=\"main\"><dt>", split, " ", quantity.words, "</dt><dd>",
      QuantityText(quantity, value),
      quantity.is_share
          ? absl::StrFormat("<span class=\"bar\" style=\"--v:%.4f\"></span>",
                            value)
          : "",
      "<small>", MainNote(data, metrics), "</small></dd></div>\n");
}

std::string Figures(const ReportData& data) {
  std::string figures;
  if (data.test) {
    absl::StrAppend(&figures, MainFigure("Test", data, *data.test));
    if (data.validation) {
      const Quantity& quantity = MainOf(*data.validation);
      absl::StrAppend(
          &figures,
          Figure(absl::StrCat("Validation ", quantity.words),
                 QuantityText(quantity,
                              quantity.of(*data.validation).value_or(0))));
    }
    absl::StrAppend(&figures,
                    Figure("Test loss", ShortNumber(data.test->loss())));
  } else if (data.validation) {
    absl::StrAppend(
        &figures, MainFigure("Validation", data, *data.validation),
        Figure("Validation loss", ShortNumber(data.validation->loss())));
  }
  // In place of what was not measured, so that there are six beside the main
  // one.
  if (!(data.test && data.validation) && !data.history.empty()) {
    const MetricsRecord& last = data.history.back();
    const Quantity& quantity = MainQuantity(last);
    const Metric* metric = MetricIfAny(MetricSplit::kTrain, quantity);
    if (metric != nullptr && last.*metric->value && &quantity != &kLoss) {
      absl::StrAppend(&figures,
                      Figure(absl::StrCat("Train ", quantity.words),
                             QuantityText(quantity, *(last.*metric->value))));
    }
  }
  int64_t parameters = 0;
  for (const ReportLayer& layer : data.layers) parameters += layer.parameters;
  if (!data.layers.empty()) {
    absl::StrAppend(&figures, Figure("Parameters", WithCommas(parameters)));
  }
  if (data.epochs > 0) {
    absl::StrAppend(&figures, Figure("Epochs", ShortNumber(data.epochs)));
  }
  if (data.seconds > 0) {
    absl::StrAppend(&figures, Figure("Training time", Duration(data.seconds)));
  }
  if (data.examples_per_second > 0) {
    absl::StrAppend(
        &figures,
        Figure("Speed",
               absl::StrCat(WithCommas(std::llround(
                                std::min(data.examples_per_second, 1e15))),
                            "<small>", data.examples_name, "/s</small>")));
  }
  return figures.empty()
             ? ""
             : absl::StrCat("<dl class=\"figures\">\n", figures, "</dl>\n");
}

// What the run has to say, warnings first.
std::string NotesSection(const ReportData& data) {
  std::string items;
  for (const bool warnings : {true, false}) {
    for (const RunNote& note : data.notes) {
      if (note.warning != warnings) continue;
      absl::StrAppend(&items, "<li>",
                      warnings ? "<strong>Warning:</strong> " : "",
                      EscapeHtml(note.text), "</li>\n");
    }
  }
  if (items.empty()) return "";
  return SectionHtml("notes", "Notes", /*about=*/"",
                     absl::StrCat("<ul>\n", items, "</ul>\n"));
}

std::string Header(const ReportData& data) {
  std::string sizes;
  const auto add_size = [&](int64_t examples, absl::string_view name) {
    if (examples == 0) return;
    absl::StrAppend(&sizes, sizes.empty() ? "" : ", ", WithCommas(examples),
                    " ", name);
  };
  add_size(data.train_examples, "training");
  if (data.validation) add_size(data.validation->examples, "validation");
  if (data.test) add_size(data.test->examples, "test");
  std::string lead = EscapeHtml(data.description);
  if (data.test && !data.test_description.empty()) {
    absl::StrAppend(&lead, lead.empty() ? "" : "; ", "test ",
                    data.examples_name, ": ",
                    EscapeHtml(data.test_description));
  }
  if (!sizes.empty()) {
    absl::StrAppend(&lead, lead.empty() ? "" : " · ", sizes, " ",
                    data.examples_name);
  }
  if (!data.date.empty()) {
    absl::StrAppend(&lead, lead.empty() ? "" : " · ", EscapeHtml(data.date));
  }
  return absl::StrCat(
      "<header>\n<p class=\"eyebrow\">Training report</p>\n"
      "<h1>",
      EscapeHtml(data.title), "</h1>\n",
      lead.empty() ? "" : absl::StrCat("<p class=\"lead\">", lead, "</p>\n"),
      Figures(data), "</header>\n");
}

// What stands in the list of contents, for the sections that are there.
struct Part {
  absl::string_view id;
  absl::string_view name;
  std::string html;
};

std::string Contents(const std::vector<Part>& parts) {
  std::string items;
  for (const Part& part : parts) {
    if (part.html.empty()) continue;
    absl::StrAppend(&items, "<li><a href=\"#", part.id, "\">", part.name,
                    "</a></li>\n");
  }
  return absl::StrCat("<nav aria-label=\"Contents\"><ul>\n", items,
                      "</ul></nav>\n");
}

}  // namespace

std::string MakeReportPage(const ReportData& data) {
  const std::vector<Part> parts = {
      {"notes", "Notes", NotesSection(data)},
      {"curves", "Learning curves", CurvesSection(data)},
      {"values", "Errors", ValuesSection(data)},
      {"scatters", "Predicted and true", ScattersSection(data)},
      {"labels", "Label by label", LabelsSection(data)},
      {"label-mistakes", "Mistakes", LabelMistakesSection(data)},
      {"positions", "Class by class", PositionsSection(data)},
      {"pictures", "Inputs and outputs", PanelsSection(data)},
      {"confusion", "Confusion matrix", ConfusionSection(data)},
      {"classes", "Class by class", ClassesSection(data)},
      {"thresholds", "ROC and precision", ThresholdsSection(data)},
      {"calibration", "Calibration", CalibrationSection(data)},
      {"mistakes", "Mistakes", MistakesSection(data)},
      {"filters", "First filters", FiltersSection(data)},
      {"activations", "What layers see", ActivationsSection(data)},
      {"network", "Network", NetworkSection(data)},
      {"recipe", "Recipe", RecipeSection(data)},
      {"machine", "Machine", MachineSection(data)},
  };
  const nlohmann::json json = {{"curves", CurvesJson(data)},
                               {"quantities", QuantitiesJson()},
                               {"calibration", CalibrationJson(data)},
                               {"examples", data.examples_name},
                               {"scatters", ScattersJson(data)}};
  std::string page = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"",
      kPolicy,
      "\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
      "dark\">\n<title>",
      EscapeHtml(data.title), " – training report</title>\n<style>\n",
      ReportCss(), "</style>\n</head>\n<body>\n");
  absl::StrAppend(&page,
                  "<a class=\"skip\" href=\"#content\">Skip to content</a>\n",
                  Header(data), "<div class=\"body\">\n", Contents(parts),
                  "<main id=\"content\">\n");
  for (const Part& part : parts) absl::StrAppend(&page, part.html);
  absl::StrAppend(
      &page,
      "</main>\n</div>\n<footer>Made by Lenslet. Charts: Chart.js, MIT "
      "license.</footer>\n<script type=\"application/json\" id=\"data\">",
      JsonForScript(json.dump()), "</script>\n<!--\n", ChartJsLicense(),
      "-->\n<script>\n", ChartJs(), "</script>\n<script>\n", ReportJs(),
      "</script>\n</body>\n</html>\n");
  return page;
}

absl::Status WriteReport(const std::string& path, const ReportData& data) {
  return WriteFileAtomically(path, MakeReportPage(data));
}

}  // namespace lenslet
