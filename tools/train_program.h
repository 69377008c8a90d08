// The program that trains by a recipe: tools/train, and with other defaults
// tools/train_lenet.

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
  // Writes the report of a run in the folder `run_dir`, measured on so many
  // threads, and returns its path. Null: the program names the one that can.
  absl::StatusOr<std::string> (*write_report)(const TrainingRun& run,
                                              const std::string& run_dir,
                                              int threads) = nullptr;
  // The recipe without --recipe; "": it is required.
  std::string recipe = {};
};

// What main() does, and returns: 0, kExitFailure, kExitUsage, or 128 and the
// signal's number after Ctrl-C or SIGTERM.
int TrainProgram(const TrainProgramOptions& options, int argc, char** argv);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_TRAIN_PROGRAM_H_
