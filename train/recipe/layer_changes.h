// What a recipe changes in its model's layers (LayerChangeProto in
// train/recipe/recipe.proto).

#ifndef LENSLET_TRAIN_RECIPE_LAYER_CHANGES_H_
#define LENSLET_TRAIN_RECIPE_LAYER_CHANGES_H_

#include "absl/status/status.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

// Changes the model's layers, in the order of the recipe. BuildGraph()
// (models/build_graph.h) tells whether they still fit together. Errors:
// InvalidArgument, naming the entry, for a change that is for no layer, a field
// or kind that there is not, and a value that the field cannot have.
absl::Status ChangeLayers(const RecipeProto& recipe, ModelProto& model);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_LAYER_CHANGES_H_
