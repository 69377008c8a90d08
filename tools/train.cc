// Trains a model by a recipe.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/base/file.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/inspect/report/report.h"
#include "lenslet/onnx/load.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/recipe_flags.h"
#include "lenslet/tools/train_program.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/run_directory.h"

namespace lenslet {
namespace {

constexpr char kTrain[] = "lenslet train";

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

// Returns nullopt, or the exit code.
std::optional<int> ParseTrainFlags(int argc, char** argv, TrainFlags& flags) {
  CommandLine line(
      kTrain,
      "Trains a model with a recipe. With --run_dir, saves the run in a "
      "folder; rerun the same command to resume an interrupted run. To resume "
      "a run, RECIPE can be omitted. Before its first step, says what lint "
      "finds in the data.");
  AddTrainFlags(/*default_recipe=*/"", flags, line);
  line.AddMovedFlag("recipe", "lenslet train VALUE");
  line.AddFlag("report",
               "Write report.html to --run_dir at the end of the run.",
               flags.report);
  if (const auto exit_code = line.Parse(argc, argv)) return exit_code;
  if (line.Given("report") && flags.report && flags.run_dir.empty()) {
    return ReportUsage(
        kTrain, "--report is given, but --run_dir is not; expected both");
  }
  return std::nullopt;
}

// The recipe of the run in the folder, if there is one.
std::string RecipeOfRun(const std::string& run_dir) {
  if (run_dir.empty()) return "";
  const std::string recipe =
      std::filesystem::path(UserPath(run_dir)) / kRecipeName;
  return FileExists(recipe) ? recipe : "";
}

// What the run reads that --output must not replace.
std::vector<std::string> InputsOfRun(const TrainFlags& flags,
                                     const RecipeProto& recipe) {
  std::vector<std::string> inputs = InputsOf(recipe);
  inputs.push_back(flags.recipe.words[0]);
  inputs.push_back(flags.run_dir);
  return inputs;
}

}  // namespace

int TrainCommand(int argc, char** argv) {
  TrainFlags flags;
  if (const auto exit_code = ParseTrainFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (flags.recipe.words.empty()) {
    if (const std::string recipe = RecipeOfRun(flags.run_dir);
        !recipe.empty()) {
      flags.recipe.words.push_back(recipe);
    }
  }
  if (const auto exit_code = CheckRecipeWords(kTrain, flags.recipe)) {
    return *exit_code;
  }
  const absl::StatusOr<RecipeText> recipe =
      RecipeFromFlags(flags.recipe, /*default_recipe=*/"");
  if (!recipe.ok()) return ReportRecipeError(kTrain, recipe.status());
  if (const absl::Status status =
          CheckOutput("--output", flags.output, OutputKind::kCheckpoint,
                      InputsOfRun(flags, recipe->recipe));
      !status.ok()) {
    return ReportUsage(kTrain, status);
  }
  return TrainByRecipe({.name = kTrain,
                        .data_sources = AllDataSources(),
                        .load_start = LoadCheckpointOrOnnx,
                        .write_report = WriteReport},
                       *recipe, flags, argv[0]);
}

}  // namespace lenslet
