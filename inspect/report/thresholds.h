// The report's section on thresholds of class probabilities.

#ifndef LENSLET_INSPECT_REPORT_THRESHOLDS_H_
#define LENSLET_INSPECT_REPORT_THRESHOLDS_H_

#include <string>

#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// ROC and precision-recall curves: of the second of two classes, with a table
// of thresholds; else of the classes with the smallest areas.
std::string ThresholdsSection(const ReportData& data);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_THRESHOLDS_H_
