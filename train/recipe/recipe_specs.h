// What a recipe (train/recipe/recipe.proto) says, as the specs of those who do
// it.

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_SPECS_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_SPECS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/reduce_on_plateau.h"
#include "lenslet/train/schedule.h"

namespace lenslet {

// All are for recipes in which FindProblems() (train/recipe/recipe.h) finds
// none, but may be called for others, and then give specs that fail their own
// checks.

Initializer MakeInitializer(const RecipeProto& recipe);

// The backend that trains.
Backend TrainingBackend(const RecipeProto& recipe);

// With weights for classes that have so many training examples. Errors:
// InvalidArgument for balanced weights where a class has none.
absl::StatusOr<LossSpec> MakeLossSpec(const RecipeProto& recipe,
                                      absl::Span<const int64_t> class_counts);

OptimizerSpec MakeOptimizerSpec(const RecipeProto& recipe);

PlateauOptions MakePlateauOptions(const ReduceOnPlateauProto& plateau);

// The images of one update of the parameters.
int64_t UpdateSize(const RecipeProto& recipe);

// The updates in an epoch of so many training examples, at least 1 of them.
int64_t StepsPerEpoch(const RecipeProto& recipe, int64_t examples);

// The updates of the whole run.
int64_t TotalSteps(const RecipeProto& recipe, int64_t steps_per_epoch);

// In steps. Times between 0 and one step become one step.
ScheduleSpec MakeScheduleSpec(const RecipeProto& recipe,
                              int64_t steps_per_epoch, int64_t total_steps);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_SPECS_H_
