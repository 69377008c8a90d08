// Finds out what a report of a training run says.

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

namespace lenslet {

struct ReportSources {
  // Empty: the model's name.
  std::string title = {};
  std::string description = {};       // The data, in a line.
  std::string date = {};              // Of the run, as it is to be read.
  std::string recipe = {};            // Text.
  Backend backend = Backend::kLanes;  // That the layers' times are of.
  // What the run trained on; null: not known.
  const Machine* machine = nullptr;

  std::vector<MetricsRecord> history = {};
  int64_t train_examples = 0;  // 0: not known.
  // Null, or at least one example. The report's tables and pictures are of the
  // test examples, without them of the validation examples.
  const Dataset* validation = nullptr;
  const Dataset* test = nullptr;
  // What the run's records call the loss.
  LossSpec loss = {};
};

struct ReportOptions {
  int threads = 1;  // To measure with; at least 1.
  int64_t mistakes = 18;
  // Images that are followed through the layers, of as many classes; the first
  // of the examples.
  int64_t samples = 3;
};

// Measures the checkpoint's parameters. A network that cannot be drawn has no
// drawing; examples that are no images have no pictures. Errors:
// InvalidArgument for a checkpoint whose model is wrong or that does not fit
// the data, and scores that are not finite; ResourceExhausted.
absl::StatusOr<ReportData> CollectReportData(const CheckpointProto& checkpoint,
                                             const ReportSources& sources,
                                             const ReportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_COLLECT_REPORT_H_
