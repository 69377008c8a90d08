// What the runs of a sweep (train/runs/sweep.h) lead to, as tables and files.

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
  // Of what the run depends on: another recipe or model has another one.
  std::string fingerprint;
  // Of a run that finished, at its end.
  int64_t parameters = 0;  // Those that are trained.
  // Of this, the metrics that programs print as a result count.
  MetricsRecord metrics = {};
  // Of the whole training.
  std::optional<double> seconds = std::nullopt;
  std::optional<double> examples_per_second = std::nullopt;
};

// All have one result for each of the sweep's runs. There is a row for each
// point, the highest accuracy first: of the validation set if there is one,
// else the test set, else the training set. Points without a run that finished
// are last. With several seeds, numbers are means over the runs that finished;
// deviations are sample standard deviations, with n - 1 below the root, and are
// there for 2 runs or more.

// For people: "0.8612 +- 0.0031", without columns that no row has.
std::string SweepText(const Sweep& sweep,
                      absl::Span<const SweepResult> results);

// A line of names, then a row for each point: the axes' values, how many runs
// finished and failed, and for each number its mean and "..._deviation".
std::string SweepCsv(const Sweep& sweep, absl::Span<const SweepResult> results);

// {"axes": [{"field": ..., "values": [...]}, ...],
//  "points": [{"changes": {FIELD: VALUE, ...}, "finished": 3, "failed": 0,
//              "test_accuracy": {"mean": ..., "deviation": ...}, ...}, ...],
//  "runs": [{"name": ..., "changes": {...}, "seed": 0, "status": "finished",
//            "fingerprint": ..., "test_accuracy": ..., ...}, ...]}
// The points in the order of the rows, the runs in their own.
std::string SweepJson(const Sweep& sweep,
                      absl::Span<const SweepResult> results);

// The result in SweepJson()'s text of the run with this name and fingerprint if
// it finished; otherwise nothing, also for another text.
std::optional<SweepResult> FindFinished(absl::string_view json,
                                        absl::string_view name,
                                        absl::string_view fingerprint);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_SWEEP_RESULTS_H_
