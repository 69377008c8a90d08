// A classification report as text: tables for a terminal of 100 columns.

#ifndef LENSLET_INSPECT_CLASSIFICATION_REPORT_TEXT_H_
#define LENSLET_INSPECT_CLASSIFICATION_REPORT_TEXT_H_

#include <cstdint>
#include <string>

#include "lenslet/inspect/classification_report.h"

namespace lenslet {

// Each function returns whole lines, starting with the column names if there
// are any. Ratios with denominator 0 are "-". Long class names are abbreviated.

// Accuracy, top-k accuracy, loss, Brier score and calibration error.
std::string ReportSummary(const ClassificationReport& report);

// A line for each class, and one for the means over classes. Of more than 100
// classes, the 40 that have examples and the lowest F1 (an undefined one is the
// lowest), lowest first.
std::string ClassTable(const ClassificationReport& report);

// A line for each class and a column for each predicted class. Columns have the
// names of the classes, or their numbers if the names are too similar. If the
// table would be wider than 100 columns (more than about twenty classes),
// returns the most frequent mistakes instead, at most 20.
std::string ConfusionTable(const ClassificationReport& report);

// Of two classes: the second one's precision, recall, F1 and false positive
// rate, where it is predicted from a probability on. "" for other numbers of
// classes.
std::string ThresholdTable(const ClassificationReport& report);

// A line for each bin that has examples.
std::string CalibrationTable(const ClassificationReport& report);

// The `count` most confident mistakes, or all if there are fewer. `count` is at
// least 0.
std::string MistakeTable(const ClassificationReport& report, int64_t count);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_CLASSIFICATION_REPORT_TEXT_H_
