// The flags of programs that take a recipe (train/recipe/recipe.proto).

#ifndef LENSLET_TOOLS_RECIPE_FLAGS_H_
#define LENSLET_TOOLS_RECIPE_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {

// The flags given on the command line.
struct RecipeFlags {
  // The recipe, in programs without --recipe.
  std::vector<std::string> words;
  std::optional<std::string> recipe;
  std::optional<std::string> model;
  std::optional<std::string> data_dir;
  std::optional<std::string> backend;
  std::optional<int64_t> epochs;
  std::optional<int64_t> batch_size;
  std::optional<double> learning_rate;
  std::optional<int64_t> seed;
  std::vector<std::string> set;
};

// Adds the flags. The help shows the values of the compiled-in recipe
// `default_recipe` as defaults. If that is "", the program has no --recipe: the
// recipe is a word, which the help calls `word`. `flags` must outlive the
// CommandLine.
void AddRecipeFlags(const std::string& default_recipe, RecipeFlags& flags,
                    CommandLine& line, const std::string& word = "RECIPE");

// Loads the recipe named by the first word or --recipe, or else
// `default_recipe`, a name or path. Applies the changes of the other flags and
// makes paths absolute. The caller must call CheckRecipe(). Errors: as
// LoadRecipe(); InvalidArgument, starting with the flag's name, for an invalid
// flag and for two flags that set the same field.
absl::StatusOr<RecipeText> RecipeFromFlags(const RecipeFlags& flags,
                                           const std::string& default_recipe);

// Reports an error of RecipeFromFlags() or CheckRecipe() and returns the exit
// code. Uses ReportUsage() for messages that start with a flag's name, else
// ReportFailure().
int ReportRecipeError(const std::string& program, const absl::Status& status);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_RECIPE_FLAGS_H_
