// Compares the recipes of several runs.

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_DIFFERENCES_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_DIFFERENCES_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

struct FieldDifference {
  // Field names, starting from the recipe: "optimizer.kind",
  // "layer_rule[0].layer". The name of a oneof, as in "schedule.kind", stands
  // for the choice of its message.
  std::string path;
  // For each recipe, the value as written in recipes; a list is "[1, 2]".
  // "default" if the field is not set and recipe.proto states a default. "" if
  // the recipe cannot have the field, because a oneof has another message or a
  // list is shorter.
  std::vector<std::string> values;
};

// Returns the fields that differ between the recipes, in the order of
// recipe.proto.
std::vector<FieldDifference> RecipeDifferences(
    absl::Span<const RecipeProto> recipes);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_DIFFERENCES_H_
