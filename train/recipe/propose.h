// Proposes a model and a recipe for the data at a path.

#ifndef LENSLET_TRAIN_RECIPE_PROPOSE_H_
#define LENSLET_TRAIN_RECIPE_PROPOSE_H_

#include <string>

#include "lenslet/data/survey.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The names of the files that a proposal is for; the recipe refers to the model
// by its name.
inline constexpr char kModelFileName[] = "model.textproto";
inline constexpr char kRecipeFileName[] = "recipe.textproto";

struct ProposalOptions {
  // For display. UTF-8. Control characters are escaped, and a name of more than
  // 128 bytes is shortened, as the names of models have neither.
  std::string name;
  // The absolute path of the folder for both files. The recipe has relative
  // paths of data in it, and absolute paths of other data.
  std::string folder;
};

struct Proposal {
  // Texts of models/model.proto and train/recipe/recipe.proto. Comments explain
  // each choice.
  std::string model;
  std::string recipe;
  // The model's input.
  Shape shape = {1};
};

// Returns texts without errors and warnings (LintModel(), LintRecipe()). The
// survey's paths must be absolute and UTF-8.
Proposal Propose(const DataSurvey& survey, const ProposalOptions& options);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_PROPOSE_H_
