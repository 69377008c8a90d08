// The program that trains by a recipe. tools/train and tools/train_lenet are
// this program with different defaults.

#ifndef LENSLET_TOOLS_TRAIN_PROGRAM_H_
#define LENSLET_TOOLS_TRAIN_PROGRAM_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/load_data.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {

struct TrainProgramOptions {
  std::string name;
  std::string description;
  // The kinds of data that the program reads.
  absl::Span<const DataSource> data_sources;
  // Writes the report of a run in the folder `run_dir`, measuring on `threads`
  // threads, and returns the report's path. If null, the program instead prints
  // the command that writes the report.
  absl::StatusOr<std::string> (*write_report)(const TrainingRun& run,
                                              const std::string& run_dir,
                                              int threads) = nullptr;
  // The default of --recipe; "" if the flag is required.
  std::string recipe = {};
};

// The body of main(). Returns the exit code: 0, kExitFailure, kExitUsage, or
// 128 plus the signal's number after Ctrl-C or SIGTERM.
int TrainProgram(const TrainProgramOptions& options, int argc, char** argv);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_TRAIN_PROGRAM_H_
