// What differs between the recipes of several runs.

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_DIFFERENCES_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_DIFFERENCES_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

struct FieldDifference {
  // The names of fields from the recipe on: "optimizer.kind",
  // "layer_rule[0].layer"; which of a oneof's messages there is, by the oneof's
  // name: "schedule.kind".
  std::string path;
  // For each recipe: the value as recipes are written, a list as "[1, 2]";
  // "default" for what is not set and has a default that recipe.proto tells of;
  // "" for what there cannot be beside what is set instead.
  std::vector<std::string> values;
};

// The fields that are not the same in all recipes, in the order of
// recipe.proto.
std::vector<FieldDifference> RecipeDifferences(
    absl::Span<const RecipeProto> recipes);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_DIFFERENCES_H_
