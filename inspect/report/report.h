// Writes the report of a training run from the files in its folder.

#ifndef LENSLET_INSPECT_REPORT_REPORT_H_
#define LENSLET_INSPECT_REPORT_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "lenslet/base/machine.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/train/runs/run_data.h"

namespace lenslet {

// The report's name in a run's folder.
inline constexpr char kReportName[] = "report.html";

struct RunReportOptions {
  int threads = 1;  // To measure with; at least 1.
  // The machine that the run trained on; null if unknown.
  const Machine* machine = nullptr;
};

// Measures the checkpoint on `data`, the data of its recipe (for data that does
// not come from the recipe, CheckSameExamples() tells whether it is). Reads the
// metrics in the folder `run_dir`, if any. Writes the page (report_page.h) to
// `path`. Errors: as CollectReportData() and ReadHistory(), and those of
// writing the file.
absl::Status WriteRunReport(const CheckpointProto& checkpoint,
                            const RunData& data, const std::string& run_dir,
                            const std::string& path,
                            const RunReportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_REPORT_H_
