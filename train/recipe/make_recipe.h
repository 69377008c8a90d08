// Describes a training that was defined in C++ by a recipe: the inverse of
// train/recipe/recipe_specs.h.

#ifndef LENSLET_TRAIN_RECIPE_MAKE_RECIPE_H_
#define LENSLET_TRAIN_RECIPE_MAKE_RECIPE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/schedule.h"

namespace lenslet {

struct TrainingSpecs {
  int64_t epochs = 0;
  int64_t batch_size = 0;
  ScheduleSpec schedule = {};
  OptimizerSpec optimizer = {};
  LossSpec loss = {};
  AugmentationSpec augmentation = {};
  uint64_t seed = 0;
};

// Returns a recipe, without model and data, whose translation gives the same
// specs bit by bit. A schedule other than a constant rate becomes in_steps.
// Fields are absent if they have their default. Errors: InvalidArgument for
// epochs or a batch size below 1; as Check(), CheckOptimizer() and, but for the
// number of class weights, CheckLoss(). CheckRecipe() finds the rest.
absl::StatusOr<RecipeProto> MakeRecipe(const TrainingSpecs& specs);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_MAKE_RECIPE_H_
