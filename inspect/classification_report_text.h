// A classification report for people: tables for a terminal of 100 columns.

#ifndef LENSLET_INSPECT_CLASSIFICATION_REPORT_TEXT_H_
#define LENSLET_INSPECT_CLASSIFICATION_REPORT_TEXT_H_

#include <cstdint>
#include <string>

#include "lenslet/inspect/classification_report.h"

namespace lenslet {

// Each is whole lines, the first of them the columns' names where there are
// some. A number that divides by no examples is "-"; long class names are
// abbreviated.

// Accuracy, top-k accuracy, loss, Brier score and calibration error.
std::string ReportSummary(const ClassificationReport& report);

// A line for each class, and one for the means over classes.
std::string ClassTable(const ClassificationReport& report);

// A line for each class, a column for each class that was predicted. Columns
// are named by the classes' names, or their numbers where those are too alike.
// If the table would be wider than 100 columns, as with more classes than some
// twenty, the most frequent mistakes instead, at most 20.
std::string ConfusionTable(const ClassificationReport& report);

// A line for each bin that has examples.
std::string CalibrationTable(const ClassificationReport& report);

// The `count` most confident mistakes, at least 0, or as many as there are.
std::string MistakeTable(const ClassificationReport& report, int64_t count);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_CLASSIFICATION_REPORT_TEXT_H_
