// The report's sections on the quality of a model whose targets are not one
// class of each example.

#ifndef LENSLET_INSPECT_REPORT_TARGET_QUALITY_H_
#define LENSLET_INSPECT_REPORT_TARGET_QUALITY_H_

#include <string>

#include "lenslet/inspect/report/report_data.h"
#include "nlohmann/json.hpp"

namespace lenslet {

// Each function returns "" without its data.

// Errors of each value, for up to 40 values, and of the worst examples.
std::string ValuesSection(const ReportData& data);
// Predicted against true numbers, and the distribution of the residuals.
std::string ScattersSection(const ReportData& data);
// Precision, recall, F1 and AUC of each label.
std::string LabelsSection(const ReportData& data);
// The most confident mistakes.
std::string LabelMistakesSection(const ReportData& data);
// Intersection over union of each class, and the confusion of positions.
std::string PositionsSection(const ReportData& data);
// Inputs, targets and outputs side by side. For maps of classes, a legend.
std::string PanelsSection(const ReportData& data);

// The data that report.js plots the scatters from: an array of objects with
// name, points, and residuals: objects with low, high and examples.
nlohmann::json ScattersJson(const ReportData& data);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_TARGET_QUALITY_H_
