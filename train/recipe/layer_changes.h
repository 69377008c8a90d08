// Applies a recipe's changes to the layers of its model (LayerChangeProto in
// train/recipe/recipe.proto).

#ifndef LENSLET_TRAIN_RECIPE_LAYER_CHANGES_H_
#define LENSLET_TRAIN_RECIPE_LAYER_CHANGES_H_

#include "absl/status/status.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

// Changes the model's layers, in the order of the recipe. Does not check that
// the layers still fit together; BuildGraph() (models/build_graph.h) does.
// Errors: InvalidArgument, naming the entry, if a change matches no layer, a
// field or kind does not exist, or a value is invalid for its field.
absl::Status ChangeLayers(const RecipeProto& recipe, ModelProto& model);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_LAYER_CHANGES_H_
