// Trains a model by a recipe.

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/inspect/report/report.h"
#include "lenslet/tools/train_program.h"

namespace lenslet {
namespace {

absl::StatusOr<std::string> WriteReport(const TrainingRun& run,
                                        const std::string& run_dir,
                                        int threads) {
  const std::string path = std::filesystem::path(run_dir) / kReportName;
  const Machine machine = ThisMachine();
  LENSLET_RETURN_IF_ERROR(
      WriteRunReport(run.MakeCheckpoint(), run.data(), run_dir, path,
                     {.threads = threads, .machine = &machine}));
  return path;
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::TrainProgram(
      {.name = "train",
       .description =
           "Trains a model with a recipe. With --run_dir, saves the run in a "
           "folder; rerun the same\ncommand to resume an interrupted run.",
       .data_sources = lenslet::AllDataSources(),
       .write_report = lenslet::WriteReport},
      argc, argv);
}
