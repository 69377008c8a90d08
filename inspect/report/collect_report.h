// Collects the data for the report of a training run.

#ifndef LENSLET_INSPECT_REPORT_COLLECT_REPORT_H_
#define LENSLET_INSPECT_REPORT_COLLECT_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/base/machine.h"
#include "lenslet/data/dataset.h"
#include "lenslet/inspect/report/report_data.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_notes.h"

namespace lenslet {

struct ReportSources {
  // The title if the model has no name. Empty: "Model".
  std::string default_title = {};
  std::string description = {};       // The data, in a line.
  std::string test_description = {};  // As in ReportData.
  std::string date = {};              // Of the run, as shown.
  std::string recipe = {};            // Text.
  Backend backend = Backend::kLanes;  // To measure the layers' times on.
  // The machine that the run trained on; null if unknown.
  const Machine* machine = nullptr;

  std::vector<MetricsRecord> history = {};
  std::vector<RunNote> notes = {};
  int64_t train_examples = 0;  // 0: unknown.
  // Null, or at least one example. The report's tables and pictures show the
  // test examples or, without those, the validation examples.
  const Dataset* validation = nullptr;
  const Dataset* test = nullptr;
  // The loss of the run's records. Without effect if it does not take the
  // targets of the examples, as the default for other targets than classes.
  LossSpec loss = {};
};

struct ReportOptions {
  int threads = 1;  // To measure with; at least 1.
  int64_t mistakes = 18;
  // Images whose activations are shown. Each is the first example of its class;
  // of other targets, they are the first examples.
  int64_t samples = 3;
};

// Measures the checkpoint's parameters. Omits the drawing if the network cannot
// be drawn, and the pictures if examples are not images. Errors:
// InvalidArgument for a checkpoint whose model is invalid or does not fit the
// data, and for scores that are not finite; ResourceExhausted.
absl::StatusOr<ReportData> CollectReportData(const CheckpointProto& checkpoint,
                                             const ReportSources& sources,
                                             const ReportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_COLLECT_REPORT_H_
