// The curves of a training run.

#ifndef LENSLET_INSPECT_REPORT_CURVES_H_
#define LENSLET_INSPECT_REPORT_CURVES_H_

#include <string>

#include "lenslet/inspect/report/report_data.h"
#include "nlohmann/json.hpp"

namespace lenslet {

// Loss, accuracy and learning rate over epochs, with their numbers as a table;
// empty without history.
std::string CurvesSection(const ReportData& data);

// What report.js draws them from: an object of arrays, all as long as the
// history, by the names "epoch", "learning_rate", "train_loss" and so on. A
// curve that was never measured has no array; what is absent or not finite is
// null.
nlohmann::json CurvesJson(const ReportData& data);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_CURVES_H_
