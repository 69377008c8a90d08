// Shows several training runs side by side.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/run_comparison.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_directory.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "compare";

struct Flags {
  std::vector<std::string> run_dirs;
  std::optional<double> target;
  std::string json;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Shows training runs side by side, one column per run: the recipe "
      "fields that differ, the\nprogress, the last and the best losses and "
      "accuracies, and the accuracies after each epoch.\nRuns may still be in "
      "progress. Cells and rows:\n"
      "  default     the recipe does not set this field; "
      "train/recipe/recipe.proto has the defaults\n"
      "  seconds     training time, summed over all sessions\n"
      "  examples/s  training examples per second of training time\n"
      "  last measured\n"
      "              the value in the last record that has it\n"
      "  best of each, and its epoch\n"
      "              the best value of each metric. The best on the test set "
      "is optimistic, because\n              the test set itself selects it\n"
      "  best.ckpt: best validation loss\n"
      "              all metrics of the epoch with the best validation loss. "
      "best.ckpt has the\n              parameters of that epoch. The test "
      "set does not influence the choice\n"
      "  target: test accuracy\n"
      "              training time and epoch when the test accuracy first "
      "reached --target. The test\n              set is measured only at the "
      "end of an epoch\n"
      "  over all runs\n"
      "              mean and sample standard deviation of the metrics that "
      "every run has. They\n              describe the recipe if the runs "
      "differ only in their seeds\n");
  line.AddArguments("run_dir",
                    "Two or more folders that train or train_lenet saved "
                    "with --run_dir.",
                    flags.run_dirs);
  line.AddPositiveFlag("target",
                       "A test accuracy, at most 1. Shows when each run first "
                       "reached it.",
                       flags.target);
  line.AddFlag("json",
               "File to write the comparison and all measurements to, as "
               "JSON. Default: none.",
               flags.json);
  return line.Parse(argc, argv);
}

// The folders' own names if these tell them apart, otherwise as they were
// given.
std::vector<std::string> RunNames(const std::vector<std::string>& run_dirs) {
  std::vector<std::string> names;
  for (const std::string& run_dir : run_dirs) {
    // A path that ends in a slash has no last name.
    const std::filesystem::path path =
        (std::filesystem::path(run_dir) / "").parent_path();
    names.push_back(Printable(path.filename().string()));
  }
  if (std::set<std::string>(names.begin(), names.end()).size() ==
      names.size()) {
    return names;
  }
  std::transform(run_dirs.begin(), run_dirs.end(), names.begin(), Printable);
  return names;
}

absl::StatusOr<ComparedRun> LoadRun(const std::string& run_dir) {
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(run_dir, error);
  if (error) return absl::ErrnoToStatus(error.value(), run_dir);
  const std::string recipe_path = absl::StrCat(run_dir, "/", kRecipeName);
  const std::string json_path = absl::StrCat(run_dir, "/", kMetricsJsonName);
  const auto lacks = [&](const char* what) {
    return absl::NotFoundError(
        absl::StrCat(run_dir, ": is not the folder of a training run: ", what,
                     " is missing"));
  };
  if (!is_folder) {
    return absl::FailedPreconditionError(
        absl::StrCat(run_dir, ": is a file, not the folder of a training run"));
  }
  const absl::StatusOr<std::string> text =
      ReadFile(recipe_path, kMaxProtoTextBytes);
  if (absl::IsNotFound(text.status())) return lacks(kRecipeName);
  if (!text.ok()) return text.status();
  ComparedRun run;
  TextLocations locations;
  LENSLET_RETURN_IF_ERROR(
      ParseProtoText(*text, recipe_path, run.recipe, locations));

  absl::StatusOr<std::vector<MetricsRecord>> records = ReadHistory(json_path);
  if (absl::IsNotFound(records.status())) return lacks(kMetricsJsonName);
  if (!records.ok()) return records.status();
  if (records->empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(json_path, ": has no measurements yet"));
  }
  run.records = *std::move(records);
  return run;
}

absl::Status Run(const Flags& flags) {
  const std::vector<std::string> names = RunNames(flags.run_dirs);
  std::vector<ComparedRun> runs;
  for (size_t i = 0; i < names.size(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(ComparedRun run,
                             LoadRun(UserPath(flags.run_dirs[i])));
    run.name = names[i];
    runs.push_back(std::move(run));
  }
  if (!flags.json.empty()) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(
        UserPath(flags.json), CompareRunsAsJson(runs, flags.target)));
  }
  PrintText(CompareRuns(runs, flags.target));
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  if (flags.run_dirs.size() < 2) {
    return ReportUsage(kProgram,
                       absl::StrCat("expected two or more run_dirs, got ",
                                    flags.run_dirs.size()));
  }
  if (flags.target && *flags.target > 1) {
    return ReportUsage(kProgram,
                       absl::StrCat("--target is ", *flags.target,
                                    "; expected a number of at most 1"));
  }
  const absl::Status status = Run(flags);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
