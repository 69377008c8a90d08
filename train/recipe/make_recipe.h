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
  double learning_rate = 0;
  // At most one of them. The base_rate of schedule_in_steps must be 0; it is
  // learning_rate.
  EpochSchedule schedule = {};
  ScheduleSpec schedule_in_steps = {};
  OptimizerSpec optimizer = {};
  LossSpec loss = {};
  double clip_norm = 0;
  double average_decay = 0;
  bool decay_all = true;
  int64_t block = 16;
  AugmentationSpec augmentation = {};
  uint64_t seed = 0;
};

// Returns a recipe, without model and data, whose translation gives the same
// specs bit by bit. Fields are absent if they have their default. Errors:
// InvalidArgument, naming the field, for epochs, a batch size or a block below
// 1, a learning rate that is not positive, and two schedules; as Check(),
// CheckOptimizer() and, CheckLoss() without an output.
// CheckRecipe() finds the rest.
absl::StatusOr<RecipeProto> MakeRecipe(const TrainingSpecs& specs);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_MAKE_RECIPE_H_
