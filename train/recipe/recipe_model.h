// The model that a recipe trains: its file with the recipe's changes.

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_MODEL_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_MODEL_H_

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

struct RecipeModel {
  ModelProto model;
  Graph graph;
};

// Reads the model and applies what the recipe says of layers. Errors:
// LoadModel()'s; BuildGraph()'s, of the file with places, or of what the
// changes make of it; ChangeLayers()'s and FreezeLayers()'s.
absl::StatusOr<RecipeModel> LoadRecipeModel(const RecipeProto& recipe);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_MODEL_H_
