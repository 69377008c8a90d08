// Writes the report of a training run anew.

#include "lenslet/inspect/report/report.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/load_data.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/run_directory.h"

namespace lenslet {
namespace {

constexpr char kReport[] = "lenslet report";

struct ReportFlags {
  std::vector<std::string> words;
  std::string data;
  std::string output;
  bool machine = true;
  int64_t threads = CpuThreads();
};

std::optional<int> ParseReportFlags(int argc, char** argv, ReportFlags& flags) {
  CommandLine line(
      kReport,
      "Writes the report of a training run that train --run_dir saved: a "
      "self-contained HTML page with learning curves, mistakes, filters and "
      "more.");
  line.AddArguments("RUN",
                    "The run's folder, whose latest.ckpt is measured, or "
                    "another checkpoint in it, such as RUN/best.ckpt.",
                    flags.words);
  line.AddMovedFlag("run_dir", "lenslet report VALUE");
  line.AddMovedFlag("checkpoint", "lenslet report RUN/VALUE");
  AddDataFlag(line, "the data of the run's recipe", flags.data);
  line.AddFlag("output",
               "File to write. An existing file is overwritten. Default: "
               "report.html in the run's folder.",
               flags.output);
  line.AddFlag("machine",
               "Describe this machine in the report. Set to false if the run "
               "trained on another machine.",
               flags.machine);
  AddThreadsFlag(line, flags.threads);
  return line.Parse(argc, argv);
}

absl::StatusOr<int> Report(const ReportFlags& flags, const std::string& argv0) {
  std::filesystem::path file = UserPath(flags.words[0]);
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) file /= kLatestName;
  const std::filesystem::path run_dir =
      file.has_parent_path() ? file.parent_path() : ".";
  const std::string output = flags.output.empty()
                                 ? std::string(run_dir / kReportName)
                                 : UserPath(flags.output);
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(file));
  if (!FileExists(run_dir / kRecipeName)) {
    return absl::FailedPreconditionError(
        absl::StrCat(flags.words[0],
                     ": is not in a run's folder; to measure a checkpoint "
                     "alone: lenslet evaluate ",
                     ShellQuoted(flags.words[0])));
  }
  LENSLET_ASSIGN_OR_RETURN(const RecipeProto recipe,
                           RecipeFromBytes(checkpoint.recipe()));
  std::vector<std::string> inputs = InputsOf(recipe);
  const std::vector<std::string> data_inputs =
      DataInputs(checkpoint, {.data = flags.data});
  inputs.insert(inputs.end(), data_inputs.begin(), data_inputs.end());
  inputs.push_back(run_dir);
  if (const absl::Status status =
          CheckOutput("--output", flags.output, OutputKind::kOther, inputs);
      !status.ok()) {
    return ReportUsage(kReport, status);
  }
  LENSLET_ASSIGN_OR_RETURN(const LoadedData data,
                           LoadDataOfRun(checkpoint, flags.data, argv0));
  const Machine machine = ThisMachine();
  LENSLET_RETURN_IF_ERROR(
      WriteRunReport(checkpoint, data, run_dir, output,
                     {.threads = static_cast<int>(flags.threads),
                      .machine = flags.machine ? &machine : nullptr}));
  Print("wrote %s\n", Printable(output));
  return 0;
}

}  // namespace

int ReportCommand(int argc, char** argv) {
  ReportFlags flags;
  if (const auto exit_code = ParseReportFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code =
          CheckOneWord(WordFor::kReport, kReport, "run", flags.words)) {
    return *exit_code;
  }
  if (const absl::Status status = CheckDataFlags({.data = flags.data});
      !status.ok()) {
    return ReportUsage(kReport, status);
  }
  const absl::StatusOr<int> exit_code = Report(flags, argv[0]);
  return exit_code.ok() ? *exit_code
                        : ReportFailure(kReport, exit_code.status());
}

}  // namespace lenslet
