// Writes the report of a training run anew.

#include "lenslet/inspect/report/report.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/load_data.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/run_directory.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "report";

struct Flags {
  std::string run_dir;
  std::string checkpoint = kLatestName;
  std::string output;
  bool machine = true;
  int64_t threads = CpuThreads();
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Writes the report of a training run that train --run_dir saved: a "
      "self-contained HTML page\nwith learning curves, mistakes, filters and "
      "more.");
  line.AddFlag("run_dir", "The run's folder. Required.", flags.run_dir);
  line.AddFlag(
      "checkpoint",
      "Checkpoint to measure, a file in the run's folder: latest.ckpt, "
      "best.ckpt, or the checkpoint of a step.",
      flags.checkpoint);
  line.AddFlag("output",
               "File to write. An existing file is overwritten. Default: "
               "report.html in the run's folder.",
               flags.output);
  line.AddFlag("machine",
               "Describe this machine in the report. Set to false if the run "
               "trained on another machine.",
               flags.machine);
  line.AddFlag("threads",
               "Number of threads. The result does not depend on it.",
               flags.threads, {.min = 1, .max = 1024});
  return line.Parse(argc, argv);
}

absl::Status Run(const Flags& flags, const std::string& argv0) {
  const std::filesystem::path run_dir = UserPath(flags.run_dir);
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(run_dir / flags.checkpoint));
  LENSLET_ASSIGN_OR_RETURN(const RecipeProto recipe,
                           RecipeFromBytes(checkpoint.recipe()));
  LENSLET_ASSIGN_OR_RETURN(const LoadedData data,
                           LoadData(recipe.data(), AllDataSources(),
                                    {.argv0 = argv0, .seed = recipe.seed()}));
  const std::string output = flags.output.empty()
                                 ? std::string(run_dir / kReportName)
                                 : UserPath(flags.output);
  const Machine machine = ThisMachine();
  LENSLET_RETURN_IF_ERROR(
      WriteRunReport(checkpoint, data, run_dir, output,
                     {.threads = static_cast<int>(flags.threads),
                      .machine = flags.machine ? &machine : nullptr}));
  Print("wrote %s\n", Printable(output));
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  if (flags.run_dir.empty()) {
    return ReportUsage(kProgram, "--run_dir is required");
  }
  const absl::Status status = Run(flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
