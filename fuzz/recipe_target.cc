// A recipe's text: LintRecipe() and CheckRecipe() agree on whether it is one,
// and training can do what it says, as far as that needs no data.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/models/zoo.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/recipe/layer_rules.h"
#include "lenslet/train/recipe/lint_recipe.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_model.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/reduce_on_plateau.h"
#include "lenslet/train/schedule.h"

namespace lenslet {
namespace {

void CheckErrorIfAny(const absl::Status& status) {
  if (!status.ok()) CheckError(status);
}

void CheckSchedule(const RecipeProto& recipe, int64_t examples) {
  const int64_t steps_per_epoch = StepsPerEpoch(recipe, examples);
  const int64_t total_steps = TotalSteps(recipe, steps_per_epoch);
  LENSLET_CHECK(steps_per_epoch >= 1 && total_steps >= 1);
  const ScheduleSpec spec =
      MakeScheduleSpec(recipe, steps_per_epoch, total_steps);
  if (const absl::Status status = Check(spec); !status.ok()) {
    return CheckError(status);
  }
  for (const int64_t step :
       {int64_t{0}, int64_t{1}, spec.warmup_steps, spec.peak_step,
        total_steps / 2, total_steps - 1, total_steps}) {
    const double rate = LearningRate(spec, step);
    // Rounded up at most.
    LENSLET_CHECK(rate >= 0 && rate <= recipe.learning_rate() * (1 + 1e-12));
  }
}

void CheckPlateau(const ReduceOnPlateauProto& proto) {
  ReduceOnPlateau plateau = *ReduceOnPlateau::Create(MakePlateauOptions(proto));
  double factor = 1;
  for (const double loss : {1.0, std::nan(""), 0.5, 0.5, 2.0, 0.25}) {
    const double next = plateau.Update(loss);
    LENSLET_CHECK(next >= 0 && next <= factor);
    factor = next;
  }
}

// Of a recipe without problems.
void CheckSpecs(const RecipeProto& recipe) {
  LENSLET_CHECK(CheckOptimizer(MakeOptimizerSpec(recipe)).ok());
  CheckPlateau(recipe.reduce_on_plateau());
  for (const int64_t examples : {1, 1000, 60'000, 2'000'000'000}) {
    CheckSchedule(recipe, examples);
  }
  const absl::StatusOr<LossSpec> loss = MakeLossSpec(recipe, {10, 20, 30});
  CheckErrorIfAny(loss.status());
  if (loss.ok()) {
    CheckErrorIfAny(CheckLoss(*loss, TargetKind::kClasses, {3}));
    CheckErrorIfAny(CheckLoss(*loss, TargetKind::kValues, {3}));
  }
  CheckErrorIfAny(
      CheckAugmentation(AugmentationFromProto(recipe.augmentation()),
                        {28, 28, 1}, ElementType::kUint8, TargetSpec()));
  // Others would have to be read from files.
  if (!FindZooModel(recipe.model()).ok()) return;
  const absl::StatusOr<RecipeModel> model = LoadRecipeModel(recipe);
  CheckErrorIfAny(model.status());
  if (!model.ok()) return;
  LENSLET_CHECK(RateFactors(recipe, model->graph).ok());
}

void RunTarget(absl::string_view text) {
  bool has_problem = false;
  // Not where any model is.
  for (const TextProblem& problem :
       LintRecipe(text, "recipe", "/dev/null/none")) {
    LENSLET_CHECK(!problem.message.empty());
    has_problem |= !problem.is_warning;
  }
  // Of an assignment on a command line, errors repeat all.
  if (std::all_of(text.begin(), text.end(), absl::ascii_isprint)) {
    RecipeProto changed;
    CheckErrorIfAny(SetField(text, changed));
  }
  const absl::StatusOr<RecipeText> recipe = ParseRecipe(text, "recipe");
  LENSLET_CHECK(recipe.ok() || has_problem);
  if (!recipe.ok()) return CheckError(recipe.status());
  if (const absl::Status status = CheckRecipe(*recipe); !status.ok()) {
    LENSLET_CHECK(has_problem);
    return CheckError(status);
  }
  const RecipeText again = *ParseRecipe(ProtoToText(recipe->recipe), "recipe");
  LENSLET_CHECK(again.recipe.SerializeAsString() ==
                recipe->recipe.SerializeAsString());
  CheckSpecs(recipe->recipe);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lenslet::RunTarget(lenslet::AsText(data, size));
  return 0;
}
