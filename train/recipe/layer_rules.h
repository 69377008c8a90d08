// What a recipe says of single layers (LayerRuleProto in
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

// Makes the layers that are to be frozen ones whose parameters training does
// not change. Errors: InvalidArgument for a rule that is for no layer of the
// model.
absl::Status FreezeLayers(const RecipeProto& recipe, ModelProto& model);

// The factor of the learning rate for each of the graph's parameters; empty if
// all are 1. A frozen layer's are 0, but for statistics, whose are always 1:
// its normalization does not learn a scale, although its statistics go on
// following the data. Errors: as FreezeLayers().
absl::StatusOr<std::vector<double>> RateFactors(const RecipeProto& recipe,
                                                const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_LAYER_RULES_H_
