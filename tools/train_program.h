// What the programs that train by a recipe share: "lenslet train" and
// tools/train_lenet.

#ifndef LENSLET_TOOLS_TRAIN_PROGRAM_H_
#define LENSLET_TOOLS_TRAIN_PROGRAM_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/machine.h"
#include "lenslet/data/load_data.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/recipe_flags.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {

struct TrainFlags {
  RecipeFlags recipe;
  int64_t threads = CpuThreads();
  std::string run_dir;
  std::string output;
  bool report = true;
};

// Adds all flags but --report. As AddRecipeFlags().
void AddTrainFlags(const std::string& default_recipe, TrainFlags& flags,
                   CommandLine& line);

struct TrainProgramOptions {
  std::string name;
  // The kinds of data that the program reads.
  absl::Span<const DataSource> data_sources;
  // Loads the file that a recipe starts from.
  CheckpointLoader load_start = LoadCheckpoint;
  // Writes the report of a run in the folder `run_dir`, measuring on `threads`
  // threads, and returns the report's path. If null, the program instead prints
  // the command that writes the report.
  absl::StatusOr<std::string> (*write_report)(const TrainingRun& run,
                                              const std::string& run_dir,
                                              int threads) = nullptr;
};

// Trains by `recipe` and prints the progress. Returns the exit code: 0,
// kExitFailure, kExitUsage, or 128 plus the signal's number after Ctrl-C or
// SIGTERM. `argv0` is main()'s.
int TrainByRecipe(const TrainProgramOptions& options, const RecipeText& recipe,
                  const TrainFlags& flags, const std::string& argv0);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_TRAIN_PROGRAM_H_
