#include "lenslet/inspect/classification_report_json.h"

#include <optional>

#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using Json = nlohmann::ordered_json;

Json NumberOrNull(std::optional<double> number) {
  return number.has_value() ? Json(*number) : Json(nullptr);
}

}  // namespace

Json ReportToJson(const ClassificationReport& report) {
  Json classes = Json::array();
  for (const ClassReport& c : report.classes) {
    classes.push_back(
        {{"name", c.name},
         {"support", c.support},
         {"predicted", c.predicted},
         {"correct", c.correct},
         {"precision", NumberOrNull(c.precision)},
         {"recall", NumberOrNull(c.recall)},
         {"f1", NumberOrNull(c.f1)},
         {"auc", NumberOrNull(c.curve.auc)},
         {"average_precision", NumberOrNull(c.curve.average_precision)}});
  }
  Json calibration = Json::array();
  for (const CalibrationBin& bin : report.calibration) {
    calibration.push_back(
        {{"lower", bin.lower},
         {"upper", bin.upper},
         {"count", bin.count},
         {"mean_confidence", NumberOrNull(bin.mean_confidence)},
         {"accuracy", NumberOrNull(bin.accuracy)}});
  }
  Json thresholds = Json::array();
  for (const ThresholdPoint& point : report.thresholds) {
    thresholds.push_back(
        {{"threshold", point.threshold},
         {"precision", NumberOrNull(point.precision)},
         {"recall", NumberOrNull(point.recall)},
         {"f1", NumberOrNull(point.f1)},
         {"false_positive_rate", NumberOrNull(point.false_positive_rate)}});
  }
  Json mistakes = Json::array();
  for (const Mistake& mistake : report.mistakes) {
    mistakes.push_back({{"index", mistake.index},
                        {"label", mistake.label},
                        {"predicted", mistake.predicted},
                        {"probability", mistake.probability},
                        {"label_probability", mistake.label_probability}});
  }
  return {
      {"examples", report.examples},
      {"correct", report.correct},
      {"accuracy", report.accuracy},
      {"top_k", report.top_k},
      {"top_k_accuracy", report.top_k_accuracy},
      {"cross_entropy", report.cross_entropy},
      {"brier_score", report.brier_score},
      {"expected_calibration_error", report.expected_calibration_error},
      {"macro_precision", NumberOrNull(report.macro_precision)},
      {"macro_recall", NumberOrNull(report.macro_recall)},
      {"macro_f1", NumberOrNull(report.macro_f1)},
      {"macro_precision_with_zeros", report.macro_precision_with_zeros},
      {"macro_recall_with_zeros", report.macro_recall_with_zeros},
      {"macro_f1_with_zeros", report.macro_f1_with_zeros},
      {"macro_auc", NumberOrNull(report.macro_auc)},
      {"macro_average_precision", NumberOrNull(report.macro_average_precision)},
      {"thresholds", thresholds},
      {"classes", classes},
      {"confusion", report.confusion},
      {"calibration", calibration},
      {"mistakes", mistakes}};
}

}  // namespace lenslet
