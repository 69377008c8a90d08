// Loads the model that a recipe trains.

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_MODEL_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_MODEL_H_

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_text.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

struct RecipeModel {
  ModelProto model;
  Graph graph;
};

// Reads the model file or model of the zoo. Errors: LoadModel()'s;
// InvalidArgument, with what to write instead, for a checkpoint.
absl::StatusOr<ModelText> LoadModelOf(const RecipeProto& recipe);

// Reads the model and applies the recipe's layer changes and layer rules.
// Errors: as LoadModelOf(), ChangeLayers() and FreezeLayers(); as BuildGraph(),
// for the file, with positions, or for the changed model.
absl::StatusOr<RecipeModel> LoadRecipeModel(const RecipeProto& recipe);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_MODEL_H_
