#include "lenslet/train/recipe/recipe_model.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/zoo.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/recipe/layer_changes.h"
#include "lenslet/train/recipe/layer_rules.h"

namespace lenslet {

absl::StatusOr<ModelText> LoadModelOf(const RecipeProto& recipe) {
  const std::string& model = recipe.model();
  if (!FindZooModel(model).ok() && IsCheckpoint(model)) {
    return absl::InvalidArgumentError(absl::StrCat(
        model, " is a checkpoint; expected a model; to start from it: ",
        "--set=start_from=", model));
  }
  return LoadModel(model);
}

absl::StatusOr<RecipeModel> LoadRecipeModel(const RecipeProto& recipe) {
  LENSLET_ASSIGN_OR_RETURN(ModelText text, LoadModelOf(recipe));
  // Before the changes, for messages with places.
  LENSLET_RETURN_IF_ERROR(BuildGraph(text).status());
  ModelProto model = std::move(text.model);
  LENSLET_RETURN_IF_ERROR(ChangeLayers(recipe, model));
  LENSLET_RETURN_IF_ERROR(FreezeLayers(recipe, model));
  absl::StatusOr<Graph> graph = BuildGraph(model);
  if (!graph.ok()) {
    return AtPlace(graph.status(),
                   absl::StrCat(recipe.model(), " with layer_change"));
  }
  return RecipeModel{.model = std::move(model), .graph = *std::move(graph)};
}

}  // namespace lenslet
