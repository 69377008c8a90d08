// Shows several training runs side by side.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
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
#include "lenslet/tools/commands.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/print_json.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/metrics_record.h"
#include "lenslet/train/runs/run_directory.h"

namespace lenslet {
namespace {

constexpr char kCompare[] = "lenslet compare";

struct CompareFlags {
  std::vector<std::string> run_dirs;
  std::optional<double> target;
  std::string json;
};

std::optional<int> ParseCompareFlags(int argc, char** argv,
                                     CompareFlags& flags) {
  CommandLine line(
      kCompare,
      "Shows training runs side by side, one column per run: the recipe "
      "fields that differ, the progress, the last and the best losses and "
      "other metrics, and those after each epoch. Runs may still be in "
      "progress. Cells and rows:\n"
      "  default        the recipe does not set this field;\n"
      "                 train/recipe/recipe.proto has the defaults\n"
      "  seconds        training time, summed over all sessions\n"
      "  examples/s     training examples per second of training time\n"
      "  last measured  the value in the last record that has it\n"
      "  best of each, and its epoch\n"
      "                 the best value of each metric. The best on the test "
      "set "
      "is\n"
      "                 optimistic, because the test set itself selects it\n"
      "  best.ckpt: best validation loss\n"
      "                 all metrics of the epoch with the best validation "
      "loss,\n"
      "                 or the best value of save.best_by of the recipes.\n"
      "                 best.ckpt has the parameters of that epoch\n"
      "  target: test accuracy\n"
      "                 training time and epoch when the test accuracy first\n"
      "                 reached --target. The test set is measured only at "
      "the\n"
      "                 end of an epoch\n"
      "  over all runs  mean and sample standard deviation of the metrics "
      "that\n"
      "                 every run has. They describe the recipe if the runs\n"
      "                 differ only in their seeds\n");
  line.AddArguments("RUN RUN ...",
                    "Two or more folders that training saved with --run_dir.",
                    flags.run_dirs);
  line.AddPositiveFlag("target",
                       "A test accuracy, at most 1. Shows when each run first "
                       "reached it.",
                       flags.target);
  line.AddFileFlag("json",
                   "File to write the comparison and all measurements to, as "
                   "JSON. Without a file, prints JSON in place of the text.",
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

absl::Status Compare(const CompareFlags& flags) {
  const std::vector<std::string> names = RunNames(flags.run_dirs);
  std::vector<ComparedRun> runs;
  for (size_t i = 0; i < names.size(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(ComparedRun run,
                             LoadRun(UserPath(flags.run_dirs[i])));
    run.name = names[i];
    const Quantity& quantity = MainQuantity(run.records.back());
    if (flags.target && &quantity != &kAccuracy && &quantity != &kLoss) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--target is a test accuracy, which ", Printable(flags.run_dirs[i]),
          " does not have; it has ", quantity.short_name));
    }
    runs.push_back(std::move(run));
  }
  if (flags.json == kStandardOutput) {
    PrintJson(CompareRunsAsJson(runs, flags.target));
    return absl::OkStatus();
  }
  if (!flags.json.empty()) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(
        UserPath(flags.json), CompareRunsAsJson(runs, flags.target)));
  }
  PrintText(CompareRuns(runs, flags.target));
  return absl::OkStatus();
}

}  // namespace

int CompareCommand(int argc, char** argv) {
  CompareFlags flags;
  if (const auto exit_code = ParseCompareFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (flags.run_dirs.size() < 2) {
    return ReportUsage(
        kCompare, absl::StrCat("expected two or more folders of runs, got ",
                               flags.run_dirs.size()));
  }
  if (const auto exit_code =
          CheckWords(WordFor::kRun, kCompare, flags.run_dirs)) {
    return *exit_code;
  }
  if (flags.target && *flags.target > 1) {
    return ReportUsage(kCompare,
                       absl::StrCat("--target is ", *flags.target,
                                    "; expected a number of at most 1"));
  }
  if (const absl::Status status =
          CheckOutput("--json", flags.json, OutputKind::kOther, flags.run_dirs);
      !status.ok()) {
    return ReportUsage(kCompare, status);
  }
  const absl::Status status = Compare(flags);
  return status.ok() ? 0 : ReportFailure(kCompare, status);
}

}  // namespace lenslet
