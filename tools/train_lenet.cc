// Trains the book's LeNet on Fashion-MNIST: "lenslet train" with other
// defaults, and without what a first training does not need.

#include "absl/status/statusor.h"
#include "lenslet/data/basic_sources.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/recipe_flags.h"
#include "lenslet/tools/train_program.h"

namespace lenslet {
namespace {

constexpr char kTrainLenet[] = "train_lenet";
constexpr char kRecipe[] = "book";

int TrainLenet(int argc, char** argv) {
  CommandLine line(
      kTrainLenet,
      "Trains LeNet on Fashion-MNIST with the recipe of the book \"Dive into "
      "Deep Learning\": stochastic gradient descent on the cross-entropy, "
      "Xavier-uniform initialization. Flags change the recipe. --recipe "
      "selects another one; its data must be in MNIST's format or synthetic.");
  TrainFlags flags;
  AddTrainFlags(kRecipe, flags, line);
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const absl::StatusOr<RecipeText> recipe =
      RecipeFromFlags(flags.recipe, kRecipe);
  if (!recipe.ok()) return ReportRecipeError(kTrainLenet, recipe.status());
  return TrainByRecipe(
      {.name = kTrainLenet, .data_sources = BasicDataSources()}, *recipe, flags,
      argv[0]);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kTrainLenet, argc, argv,
                             lenslet::TrainLenet);
}
