// Writes the report of a run that Train() (lenslet/train.h) keeps in a folder:
// a self-contained HTML page with curves, mistakes, filters and the network.
// The target is //lenslet:report; //lenslet does not include it.
//
//   Train(net, data.train, {.test = &data.test, .run_dir = "runs/digits"})
//   WriteReport("runs/digits", data.train, {.test = &data.test})

#ifndef LENSLET_REPORT_H_
#define LENSLET_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

struct WriteReportOptions {
  // Those that Train() was given. The page's tables and pictures show the test
  // examples or, without those, the validation examples.
  const Dataset* validation = nullptr;
  const Dataset* test = nullptr;
  // The checkpoint to measure, a file in the folder: "best.ckpt" is another.
  std::string checkpoint = "latest.ckpt";
  // The file to write. "": report.html in the folder.
  std::string output = {};
  int threads = 0;  // 0: as many as the CPU has. Does not change the result.
};

// Measures the checkpoint in the folder `run_dir` and writes the page. `data`
// are the run's training examples. Says that the run trained on this machine.
// Errors: as LoadCheckpoint(), CheckRunData() and WriteRunReport()
// (inspect/report/report.h); FailedPrecondition for data sets, or a
// normalization, other than those of the run; InvalidArgument for threads below
// 0.
absl::Status WriteReport(const std::string& run_dir, const Dataset& data,
                         const WriteReportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_REPORT_H_
