// Translates a recipe (train/recipe/recipe.proto) into the option structs of
// the loss, initializer, optimizer and schedule.

#ifndef LENSLET_TRAIN_RECIPE_RECIPE_SPECS_H_
#define LENSLET_TRAIN_RECIPE_RECIPE_SPECS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/early_stopping.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/reduce_on_plateau.h"
#include "lenslet/train/schedule.h"
#include "lenslet/train/warnings.h"

namespace lenslet {

// These functions expect a recipe without problems (FindProblems() in
// train/recipe/recipe.h). For other recipes they return specs that fail their
// own checks.

Initializer MakeInitializer(const RecipeProto& recipe);

// The backend to train with.
Backend TrainingBackend(const RecipeProto& recipe);

// `class_counts` has the number of training examples of each class, for
// balanced class weights. A recipe without a loss gets DefaultLoss(target).
// Errors: InvalidArgument if weights are balanced and a class has no examples
// or the targets are no classes; if labels are not fitted by a loss of
// sigmoids, or values are.
absl::StatusOr<LossSpec> MakeLossSpec(const RecipeProto& recipe,
                                      absl::Span<const int64_t> class_counts,
                                      TargetKind target = TargetKind::kClasses);

OptimizerSpec MakeOptimizerSpec(const RecipeProto& recipe);

PlateauOptions MakePlateauOptions(const ReduceOnPlateauProto& plateau);

// Without higher_is_better, which the metric says.
EarlyStoppingOptions MakeEarlyStoppingOptions(const EarlyStoppingProto& proto);

// The number of images per update of the parameters.
int64_t UpdateSize(const RecipeProto& recipe);

// The number of updates in an epoch of `examples` training examples, at least
// 1.
int64_t StepsPerEpoch(const RecipeProto& recipe, int64_t examples);

// The number of updates in the whole run.
int64_t TotalSteps(const RecipeProto& recipe, int64_t steps_per_epoch);

// Converts epochs to steps. Durations between 0 and one step become one step.
ScheduleSpec MakeScheduleSpec(const RecipeProto& recipe,
                              int64_t steps_per_epoch, int64_t total_steps);

WarmupUnit WarmupUnitOf(const RecipeProto& recipe);

// Whether classes occur in training more or less often than in the data.
bool IsSampledByClass(const RecipeProto& recipe);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_RECIPE_SPECS_H_
