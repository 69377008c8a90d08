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

// What was given on the command line.
struct RecipeFlags {
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
// `default_recipe` as what counts without them; "": there is none. `flags` must
// outlive the CommandLine.
void AddRecipeFlags(const std::string& default_recipe, RecipeFlags& flags,
                    CommandLine& line);

// The recipe that the flags name, or without --recipe `default_recipe`, a name
// or a path, with the changes of the other flags. Paths are absolute. Errors:
// LoadRecipe()'s; InvalidArgument that begins with the flag's name for what is
// wrong with a flag. CheckRecipe() is left to the caller.
absl::StatusOr<RecipeText> RecipeFromFlags(const RecipeFlags& flags,
                                           const std::string& default_recipe);

// Reports an error of RecipeFromFlags() or CheckRecipe(), and returns the exit
// code: ReportUsage() for what begins with a flag's name, otherwise
// ReportFailure().
int ReportRecipeError(const std::string& program, const absl::Status& status);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_RECIPE_FLAGS_H_
