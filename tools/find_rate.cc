// Finds out which learning rates suit a recipe: the range test.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/recipe_flags.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/rate_finder.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "find_rate";

struct Flags {
  RecipeFlags recipe;
  RateFinderOptions options;
  int64_t threads = CpuThreads();
  std::string csv;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Runs a learning-rate range test for a recipe. Trains for some steps "
      "with a rate that grows\nfrom step to step, and shows how the smoothed "
      "loss falls and rises. Good candidates are a\nrate near the steepest "
      "fall and a tenth of the rate with the lowest loss. The test ignores\n"
      "the recipe's learning rate and schedule. It does not save the model.");
  AddRecipeFlags(/*default_recipe=*/"", flags.recipe, line);
  line.AddPositiveFlag("min_rate", "First learning rate.",
                       flags.options.min_rate);
  line.AddPositiveFlag("max_rate", "Last learning rate.",
                       flags.options.max_rate);
  line.AddFlag("steps", "Number of updates of the parameters.",
               flags.options.steps, {.min = 10, .max = 1000000});
  line.AddFlag(
      "threads",
      "Number of threads. More than 8 do not help. The result does not "
      "depend on the number.",
      flags.threads, {.min = 1, .max = 1024});
  line.AddFlag("csv",
               "File to write all rates and losses to, as CSV. Default: none.",
               flags.csv);
  return line.Parse(argc, argv);
}

absl::Status Run(const RecipeProto& recipe, const Flags& flags,
                 const std::string& argv0) {
  if (!flags.csv.empty()) {
    LENSLET_RETURN_IF_ERROR(CheckWritable(UserPath(flags.csv)));
  }
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<TrainingRun> run,
      TrainingRun::Create(recipe, {.data_sources = AllDataSources(),
                                   .threads = static_cast<int>(flags.threads),
                                   .run_dir = "",
                                   .output = "",
                                   .argv0 = argv0}));
  LENSLET_ASSIGN_OR_RETURN(const RateRange range,
                           FindRates(flags.options, *run));
  PrintText(RateText(range));
  if (flags.csv.empty()) return absl::OkStatus();
  return WriteFileAtomically(UserPath(flags.csv), RateCsv(range));
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  if (flags.options.min_rate >= flags.options.max_rate) {
    return ReportUsage(
        kProgram,
        absl::StrCat("--min_rate is ", flags.options.min_rate,
                     "; expected a number below --max_rate, which is ",
                     flags.options.max_rate));
  }
  absl::StatusOr<RecipeText> recipe =
      RecipeFromFlags(flags.recipe, /*default_recipe=*/"");
  if (!recipe.ok()) return ReportRecipeError(kProgram, recipe.status());
  recipe->recipe = RecipeForRateFinder(recipe->recipe);
  if (const absl::Status status = CheckRecipe(*recipe); !status.ok()) {
    return ReportRecipeError(kProgram, status);
  }
  const absl::Status status = Run(recipe->recipe, flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
