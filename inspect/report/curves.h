// The curves of a training run.

#ifndef LENSLET_INSPECT_REPORT_CURVES_H_
#define LENSLET_INSPECT_REPORT_CURVES_H_

#include <string>

#include "lenslet/inspect/report/report_data.h"
#include "nlohmann/json.hpp"

namespace lenslet {

// Loss, the other metrics and learning rate over epochs, also as a table of
// numbers. Empty without history.
std::string CurvesSection(const ReportData& data);

// The data that report.js plots: an object of arrays named "epoch",
// "learning_rate", "train_loss" and so on, all as long as the history. A curve
// that was never measured has no array. Values that are absent or not finite
// are null.
nlohmann::json CurvesJson(const ReportData& data);

// What report.js knows of quantities: an object of objects with is_share and
// higher_is_better, under names such as "accuracy".
nlohmann::json QuantitiesJson();

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_CURVES_H_
