// The report's sections on the quality of a model, class by class.

#ifndef LENSLET_INSPECT_REPORT_QUALITY_H_
#define LENSLET_INSPECT_REPORT_QUALITY_H_

#include <string>

#include "lenslet/inspect/report/report_data.h"
#include "nlohmann/json.hpp"

namespace lenslet {

// Each function returns "" without its data.

// A heat map of the confusion matrix, for up to 40 classes, and the most
// frequent confusions.
std::string ConfusionSection(const ReportData& data);
// Precision, recall, F1 and support.
std::string ClassesSection(const ReportData& data);
// Accuracy by confidence.
std::string CalibrationSection(const ReportData& data);
// Pictures of the most confident mistakes.
std::string MistakesSection(const ReportData& data);

// The data that report.js plots the calibration from: an array of objects with
// low, high, examples and accuracy. Accuracy is null without examples.
nlohmann::json CalibrationJson(const ReportData& data);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_QUALITY_H_
