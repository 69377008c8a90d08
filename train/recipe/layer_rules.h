// Applies a recipe's rules for single layers (LayerRuleProto in
// train/recipe/recipe.proto).

#ifndef LENSLET_TRAIN_RECIPE_LAYER_RULES_H_
#define LENSLET_TRAIN_RECIPE_LAYER_RULES_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

// Marks the layers that the recipe freezes, so that training does not change
// their parameters. Errors: InvalidArgument for a rule that matches no layer of
// the model.
absl::Status FreezeLayers(const RecipeProto& recipe, ModelProto& model);

// Returns the factor of the learning rate for each of the graph's parameters;
// empty if all are 1. The parameters of a frozen layer have factor 0.
// Statistics always have factor 1: a frozen normalization does not learn a
// scale, but its statistics still follow the data. Errors: as FreezeLayers().
absl::StatusOr<std::vector<double>> RateFactors(const RecipeProto& recipe,
                                                const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_LAYER_RULES_H_
