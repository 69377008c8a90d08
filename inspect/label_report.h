// How well a model predicts several labels at once.

#ifndef LENSLET_INSPECT_LABEL_REPORT_H_
#define LENSLET_INSPECT_LABEL_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/metrics/label_counts.h"
#include "nlohmann/json_fwd.hpp"

namespace lenslet {

struct LabelReportRow {
  std::string name;
  LabelCounts counts;
  std::optional<double> auc;

  // The examples that have the label, and those predicted to have it.
  int64_t support() const {
    return counts.true_positives + counts.false_negatives;
  }
  int64_t predicted() const {
    return counts.true_positives + counts.false_positives;
  }
};

// A label that was wrongly given to an example, or wrongly not.
struct LabelMistake {
  int64_t index = 0;  // The example's index in the data set.
  int64_t label = 0;
  bool applies = false;    // Whether the example has the label.
  double probability = 0;  // Predicted, that it has.
};

// The formulas are those of train/metrics/label_counts.h and auc.h.
struct LabelReport {
  LabelMetrics metrics;
  std::vector<LabelReportRow> labels;
  // The mean over the labels that have one. Absent if none has.
  std::optional<double> macro_auc;
  // All mistakes, most confident first; equally confident ones by index and
  // label.
  std::vector<LabelMistake> mistakes;
};

// `scores`, before the sigmoid, and `targets` are N examples of names.size()
// labels, N and the number of labels at least 1. Errors: InvalidArgument,
// naming the place and the values, for sizes that differ and scores that are
// not numbers.
absl::StatusOr<LabelReport> MakeLabelReport(
    absl::Span<const float> scores, absl::Span<const float> targets,
    absl::Span<const std::string> names);

// For a model's outputs, float32 [N, labels], and the data set. Errors: also
// those of reading the targets; InvalidArgument if they are not labels.
absl::StatusOr<LabelReport> MakeLabelReport(const Tensor& scores,
                                            const Dataset& dataset);

// The names of the data set's labels, or "label 0" and so on.
std::vector<std::string> LabelNames(const Dataset& dataset);

// The probability that a score stands for: the sigmoid.
double LabelProbability(float score);

// Aligned tables: micro and macro averages, exact match and hamming loss; label
// by label; the `count` most confident mistakes.
std::string LabelSummary(const LabelReport& report);
std::string LabelTable(const LabelReport& report);
std::string LabelMistakeTable(const LabelReport& report, int64_t count);

// {"examples": 1000, "exact": 713, "exact_match": 0.713, "hamming_loss": 0.05,
//  "micro_precision": 0.9, "micro_recall": 0.8, "micro_f1": 0.85,
//  "macro_precision": 0.9, "macro_recall": 0.8, "macro_f1": 0.85,
//  "macro_precision_with_zeros": 0.9, "macro_recall_with_zeros": 0.8,
//  "macro_f1_with_zeros": 0.85,
//  "macro_auc": 0.97,
//  "labels": [{"name": "sea", "support": 310, "predicted": 290,
//              "true_positives": 270, "precision": 0.93, "recall": 0.87,
//              "f1": 0.9, "auc": 0.98}, ...],
//  "mistakes": [{"index": 17, "label": 4, "applies": true,
//                "probability": 0.01}, ...]}
// Absent numbers are null.
nlohmann::ordered_json LabelReportToJson(const LabelReport& report);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_LABEL_REPORT_H_
