// Formats the results of a sweep (train/runs/sweep.h) as tables and files.

#ifndef LENSLET_TRAIN_RUNS_SWEEP_RESULTS_H_
#define LENSLET_TRAIN_RUNS_SWEEP_RESULTS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/train/runs/metrics_record.h"
#include "lenslet/train/runs/sweep.h"

namespace lenslet {

struct SweepResult {
  enum class Status : uint8_t { kNotRun, kFinished, kFailed };
  Status status = Status::kNotRun;
  std::string reason;  // Of a failure, one line.
  // Identifies the inputs of the run: it differs for another recipe or model.
  std::string fingerprint;
  // The rest is for runs that finished.
  int64_t parameters = 0;  // Trained parameters.
  // Files keep only the metrics with a result_name
  // (train/runs/metrics_record.h).
  MetricsRecord metrics = {};
  // Over the whole training.
  std::optional<double> seconds = std::nullopt;
  std::optional<double> examples_per_second = std::nullopt;
};

// The functions below take one result for each of the sweep's runs. Tables have
// one row per point, the best one first: by the last value of the metric that
// save.best_by of the recipes names, or else by accuracy, F1 or mean absolute
// error, on the validation set if there is one, else the test set, else the
// training set. Points without a finished run come last. With several seeds or
// folds, numbers are means over the finished runs. Deviations are sample
// standard deviations, with n - 1 under the root, and need at least 2 runs.

// For people: "0.8612 +- 0.0031". Omits empty columns, and ends with a line
// that says what it is sorted by.
std::string SweepText(const Sweep& sweep,
                      absl::Span<const SweepResult> results);

// A line of names, then a row for each point: the axes' values, the numbers of
// finished and failed runs, and for each metric its mean and "..._deviation".
std::string SweepCsv(const Sweep& sweep, absl::Span<const SweepResult> results);

// {"axes": [{"field": ..., "values": [...]}, ...],
//  "sorted_by": "validation_accuracy",
//  "points": [{"changes": {FIELD: VALUE, ...}, "finished": 3, "failed": 0,
//              "test_accuracy": {"mean": ..., "deviation": ...}, ...}, ...],
//  "runs": [{"name": ..., "changes": {...}, "seed": 0, "fold": 1, "status":
//  "finished",
//            "fingerprint": ..., "test_accuracy": ..., ...}, ...]}
// Points are in the order of the rows, runs in the order of the sweep.
std::string SweepJson(const Sweep& sweep,
                      absl::Span<const SweepResult> results);

// Finds the result of a finished run with this name and fingerprint in the
// output of SweepJson(). Returns nullopt if there is none, or if the text is
// invalid.
std::optional<SweepResult> FindFinished(absl::string_view json,
                                        absl::string_view name,
                                        absl::string_view fingerprint);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_SWEEP_RESULTS_H_
