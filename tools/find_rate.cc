// Finds out which learning rates suit a recipe: the range test.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/onnx/load.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/recipe_flags.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/rate_finder.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {
namespace {

constexpr char kFindRate[] = "lenslet find-rate";

struct FindRateFlags {
  RecipeFlags recipe;
  RateFinderOptions options;
  int64_t threads = CpuThreads();
  std::string csv;
};

std::optional<int> ParseFindRateFlags(int argc, char** argv,
                                      FindRateFlags& flags) {
  CommandLine line(
      kFindRate,
      "Runs a learning-rate range test for a recipe. Trains for some steps "
      "with a rate that grows from step to step, and shows how the smoothed "
      "loss falls and rises. Good candidates are a rate near the steepest "
      "fall and a tenth of the rate with the lowest loss. The test ignores "
      "the recipe's learning rate and schedule. It does not save the model.");
  AddRecipeFlags(/*default_recipe=*/"", flags.recipe, line);
  line.AddMovedFlag("recipe", "lenslet find-rate VALUE");
  line.AddPositiveFlag("min_rate", "First learning rate.",
                       flags.options.min_rate);
  line.AddPositiveFlag("max_rate", "Last learning rate.",
                       flags.options.max_rate);
  line.AddFlag("steps", "Number of updates of the parameters.",
               flags.options.steps, {.min = 10, .max = 1000000});
  AddThreadsFlag(line, flags.threads);
  line.AddFileFlag("csv",
                   "File to write all rates and losses to, as CSV. Without a "
                   "file, prints CSV in place of the text.",
                   flags.csv);
  return line.Parse(argc, argv);
}

// Returns the error of the first flag that sets what the range test ignores.
absl::Status CheckHasEffect(const RecipeText& recipe) {
  for (const auto& [field, flag] : recipe.flags) {
    const std::string message = field.substr(0, field.find('.'));
    if (message == "learning_rate" || message == "schedule" ||
        message == "reduce_on_plateau") {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " sets ", field,
                       ", which the range test ignores; expected --min_rate "
                       "and --max_rate"));
    }
    if (message == "epochs" || message == "steps") {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " sets ", field,
                       ", which the range test ignores; expected --steps=100"));
    }
  }
  return absl::OkStatus();
}

absl::Status FindRate(const RecipeProto& recipe, const FindRateFlags& flags,
                      const std::string& argv0) {
  const bool writes_file = !flags.csv.empty() && flags.csv != kStandardOutput;
  if (writes_file) {
    LENSLET_RETURN_IF_ERROR(CheckWritable(UserPath(flags.csv)));
  }
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<TrainingRun> run,
      TrainingRun::Create(recipe, {.data_sources = AllDataSources(),
                                   .threads = static_cast<int>(flags.threads),
                                   .run_dir = "",
                                   .output = "",
                                   .argv0 = argv0,
                                   .load_start = LoadCheckpointOrOnnx}));
  LENSLET_ASSIGN_OR_RETURN(const RateRange range,
                           FindRates(flags.options, *run));
  PrintText(flags.csv == kStandardOutput ? RateCsv(range) : RateText(range));
  if (!writes_file) return absl::OkStatus();
  return WriteFileAtomically(UserPath(flags.csv), RateCsv(range));
}

}  // namespace

int FindRateCommand(int argc, char** argv) {
  FindRateFlags flags;
  if (const auto exit_code = ParseFindRateFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code = CheckRecipeWords(kFindRate, flags.recipe)) {
    return *exit_code;
  }
  if (flags.options.min_rate >= flags.options.max_rate) {
    return ReportUsage(
        kFindRate,
        absl::StrCat("--min_rate is ", flags.options.min_rate,
                     "; expected a number below --max_rate, which is ",
                     flags.options.max_rate));
  }
  absl::StatusOr<RecipeText> recipe =
      RecipeFromFlags(flags.recipe, /*default_recipe=*/"");
  if (!recipe.ok()) return ReportRecipeError(kFindRate, recipe.status());
  if (const absl::Status status = CheckHasEffect(*recipe); !status.ok()) {
    return ReportUsage(kFindRate, status);
  }
  std::vector<std::string> inputs = InputsOf(recipe->recipe);
  inputs.push_back(flags.recipe.words[0]);
  if (const absl::Status status =
          CheckOutput("--csv", flags.csv, OutputKind::kOther, inputs);
      !status.ok()) {
    return ReportUsage(kFindRate, status);
  }
  recipe->recipe = RecipeForRateFinder(recipe->recipe);
  if (const absl::Status status = CheckRecipe(*recipe); !status.ok()) {
    return ReportRecipeError(kFindRate, status);
  }
  const absl::Status status = FindRate(recipe->recipe, flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kFindRate, status);
}

}  // namespace lenslet
