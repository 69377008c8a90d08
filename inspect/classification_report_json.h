// A classification report as JSON.

#ifndef LENSLET_INSPECT_CLASSIFICATION_REPORT_JSON_H_
#define LENSLET_INSPECT_CLASSIFICATION_REPORT_JSON_H_

#include "lenslet/inspect/classification_report.h"
#include "nlohmann/json_fwd.hpp"

namespace lenslet {

// Returns an object with all of the report's members under their names. A
// class's number is its index in "classes". Absent values are null:
//
//   {"examples": 10000, "correct": 8123, "accuracy": 0.8123, "top_k": 5,
//    "top_k_accuracy": 0.99, "cross_entropy": 0.51, "brier_score": 0.26,
//    "expected_calibration_error": 0.02,
//    "macro_precision": 0.81, "macro_recall": 0.81, "macro_f1": 0.81,
//    "macro_precision_with_zeros": 0.81, "macro_recall_with_zeros": 0.81,
//    "macro_f1_with_zeros": 0.81, "macro_auc": 0.97,
//    "macro_average_precision": 0.88,
//    "thresholds": [{"threshold": 0.1, "precision": 0.5, "recall": 0.9,
//                    "f1": 0.64, "false_positive_rate": 0.3}, ...],
//    "classes": [{"name": "Coat", "support": 1000, "predicted": 1011,
//                 "correct": 790, "precision": 0.78, "recall": 0.79,
//                 "f1": 0.79, "auc": 0.97, "average_precision": 0.85}, ...],
//    "confusion": [[790, 3, ...], ...],
//    "calibration": [{"lower": 0, "upper": 0.0667, "count": 0,
//                     "mean_confidence": null, "accuracy": null}, ...],
//    "mistakes": [{"index": 17, "label": 4, "predicted": 2,
//                  "probability": 0.99, "label_probability": 0.01}, ...]}
//
// Names may contain bytes that are not valid UTF-8, but JSON text must be
// UTF-8. Tell dump() to replace invalid bytes.
nlohmann::ordered_json ReportToJson(const ClassificationReport& report);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_CLASSIFICATION_REPORT_JSON_H_
