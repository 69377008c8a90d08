// The report of a training run, from what is in its folder.

#ifndef LENSLET_INSPECT_REPORT_REPORT_H_
#define LENSLET_INSPECT_REPORT_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "lenslet/base/machine.h"
#include "lenslet/data/load_data.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

// Its name in a run's folder.
inline constexpr char kReportName[] = "report.html";

struct RunReportOptions {
  int threads = 1;  // To measure with; at least 1.
  // What the run trained on; null: not known.
  const Machine* machine = nullptr;
};

// Measures the checkpoint on `data`, that of its recipe, reads the metrics that
// the folder `run_dir` has, if any, and writes the page (report_page.h) to
// `path`. Errors: CollectReportData()'s, ReadHistory()'s, and those of writing.
absl::Status WriteRunReport(const CheckpointProto& checkpoint,
                            const LoadedData& data, const std::string& run_dir,
                            const std::string& path,
                            const RunReportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_REPORT_H_
