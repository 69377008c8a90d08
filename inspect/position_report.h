// How well a model predicts a class for each position, such as each pixel.

#ifndef LENSLET_INSPECT_POSITION_REPORT_H_
#define LENSLET_INSPECT_POSITION_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/metrics/confusion.h"
#include "nlohmann/json_fwd.hpp"

namespace lenslet {

struct PositionReportRow {
  std::string name;
  // Positions of the class, those predicted as the class, and both.
  int64_t support = 0;
  int64_t predicted = 0;
  int64_t correct = 0;
  std::optional<double> intersection_over_union;
};

// The share of an example's positions that are predicted right.
struct ExampleAccuracy {
  int64_t index = 0;  // The example's index in the data set.
  double accuracy = 0;
};

// The formulas are those of train/metrics/confusion.h.
struct PositionReport {
  int64_t examples = 0;
  // Of all examples together, without ignored ones.
  int64_t positions = 0;
  int64_t correct = 0;
  Confusion confusion;
  std::vector<PositionReportRow> classes;
  // All examples with positions that count, the lowest accuracy first; equal
  // ones by index.
  std::vector<ExampleAccuracy> examples_by_accuracy;
};

// `scores` are [N, ..., names.size()], and `classes` are indices into `names`
// or kIgnoredClass (data/target_kind.h), for N examples of as many positions; N
// and the number of positions are at least 1. Errors: InvalidArgument, naming
// the place and the values, for sizes that differ, classes out of range, and
// scores that are not numbers.
absl::StatusOr<PositionReport> MakePositionReport(
    absl::Span<const float> scores, absl::Span<const int32_t> classes,
    int64_t examples, absl::Span<const std::string> names);

// For a model's outputs, float32 [N, ..., classes], and the data set. Errors:
// also those of reading the targets; InvalidArgument if they are not classes.
absl::StatusOr<PositionReport> MakePositionReport(const Tensor& scores,
                                                  const Dataset& dataset);

// Aligned tables: accuracy of positions and mean IoU; class by class; the
// confusion matrix, a row for each true class, or the IoU table alone if there
// are more than 12 classes (then ""); the `count` worst examples.
std::string PositionSummary(const PositionReport& report);
std::string PositionTable(const PositionReport& report);
std::string PositionConfusionTable(const PositionReport& report);
std::string WorstExampleTable(const PositionReport& report, int64_t count);

// {"examples": 100, "positions": 78400, "correct": 70000, "accuracy": 0.893,
//  "mean_intersection_over_union": 0.71,
//  "classes": [{"name": "disk", "support": 900, "predicted": 850,
//               "correct": 800, "intersection_over_union": 0.84}, ...],
//  "confusion": [[800, 3, ...], ...],
//  "examples_by_accuracy": [{"index": 17, "accuracy": 0.6}, ...]}
// Absent numbers are null.
nlohmann::ordered_json PositionReportToJson(const PositionReport& report);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_POSITION_REPORT_H_
