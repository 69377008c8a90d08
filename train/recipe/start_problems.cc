#include "lenslet/train/recipe/start_problems.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/sampling.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/quantity.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/schedule.h"

namespace lenslet {
namespace {

// The steps of an epoch of which nobody knows how many it has: enough to tell
// epochs of a schedule apart.
constexpr int64_t kManySteps = 1000000;

class StartChecker {
 public:
  StartChecker(const RecipeProto& recipe, const Graph& graph,
               const KnownData& data)
      : recipe_(recipe), graph_(graph), data_(data) {}

  std::vector<StartProblem> Check() {
    CheckParameters();
    CheckLossOfRecipe();
    CheckScheduleOfRecipe();
    CheckAugmentationOfRecipe();
    CheckSamplingOfRecipe();
    CheckMetric(
        {{RecipeProto::kSaveFieldNumber}, {SaveProto::kBestByFieldNumber}},
        recipe_.save().best_by());
    if (recipe_.has_early_stopping()) {
      CheckMetric({{RecipeProto::kEarlyStoppingFieldNumber},
                   {EarlyStoppingProto::kMetricFieldNumber}},
                  recipe_.early_stopping().metric());
    }
    return std::move(problems_);
  }

 private:
  void CheckParameters();
  void CheckLossOfRecipe();
  void CheckScheduleOfRecipe();
  void CheckAugmentationOfRecipe();
  void CheckSamplingOfRecipe();
  void CheckMetric(const std::vector<FieldStep>& path, const std::string& name);

  void Add(std::vector<FieldStep> path, absl::Status status) {
    if (status.ok()) return;
    problems_.push_back({.path = std::move(path), .status = std::move(status)});
  }

  const RecipeProto& recipe_;
  const Graph& graph_;
  const KnownData& data_;
  std::vector<StartProblem> problems_;
};

void StartChecker::CheckParameters() {
  if (graph_.trainable_parameter_count() > 0) return;
  Add({{RecipeProto::kModelFieldNumber}},
      absl::InvalidArgumentError(
          graph_.parameters().empty()
              ? "the model has no parameters: there is nothing to train"
              : "the model's parameters are all fixed: there is nothing to "
                "train"));
}

void StartChecker::CheckLossOfRecipe() {
  const std::vector<FieldStep> path = {{RecipeProto::kLossFieldNumber}};
  RecipeProto recipe = recipe_;
  // Weights of classes that nobody has counted say nothing.
  if (!data_.class_counts.has_value() &&
      data_.target.value_or(TargetKind::kClasses) == TargetKind::kClasses) {
    recipe.mutable_loss()->set_balanced(false);
  }
  const absl::StatusOr<LossSpec> loss =
      MakeLossSpec(recipe, data_.class_counts.value_or(std::vector<int64_t>()),
                   data_.target.value_or(TargetKind::kClasses));
  if (!loss.ok()) {
    // Without a known target, the loss may fit.
    if (data_.target.has_value()) Add(path, loss.status());
    return;
  }
  if (const absl::Status status = CheckLoss(*loss); !status.ok()) {
    Add(path, AtPlace(status, "loss"));
    return;
  }
  const Shape& output = graph_.ShapeOfValue(graph_.output_value());
  if (!data_.target.has_value() || output.rank() == 0) return;
  const absl::Status status = CheckLoss(*loss, *data_.target, output);
  if (status.ok()) return;
  const bool other_target =
      !Takes(loss->kind, *data_.target) && !data_.target_field.empty();
  Add(path, absl::Status(status.code(),
                         absl::StrCat("loss: ", status.message(),
                                      other_target ? ", or change " : "",
                                      other_target ? data_.target_field : "")));
}

void StartChecker::CheckScheduleOfRecipe() {
  const int64_t steps_per_epoch =
      data_.train_examples.has_value()
          ? StepsPerEpoch(recipe_, *data_.train_examples)
          : kManySteps;
  const ScheduleSpec schedule = MakeScheduleSpec(
      recipe_, steps_per_epoch, TotalSteps(recipe_, steps_per_epoch));
  const std::vector<FieldStep> path = {{RecipeProto::kScheduleFieldNumber}};
  Add(path, AtPlace(lenslet::Check(schedule), "schedule"));
  if (schedule.low_momentum.has_value() &&
      !MomentumOf(MakeOptimizerSpec(recipe_)).has_value()) {
    Add(path, absl::InvalidArgumentError(
                  "the schedule has a low_momentum, and the optimizer no "
                  "momentum"));
  }
}

void StartChecker::CheckAugmentationOfRecipe() {
  const AugmentationSpec spec = AugmentationFromProto(recipe_.augmentation());
  absl::Status status = CheckMixing(
      spec, IntegerOrDefault(recipe_, RecipeProto::kBlockFieldNumber));
  // An input that nobody has seen has the shape of the model's.
  if (status.ok() && (data_.shape.has_value() || graph_.inputs().size() == 1)) {
    status = CheckAugmentation(
        spec, data_.shape.has_value() ? *data_.shape : graph_.inputs()[0].shape,
        data_.type.value_or(ElementType::kUint8),
        {.kind = data_.target.value_or(TargetKind::kClasses),
         .shape = data_.target_shape.value_or(Shape())});
  }
  Add({{RecipeProto::kAugmentationFieldNumber}}, status);
}

void StartChecker::CheckSamplingOfRecipe() {
  if (!IsSampledByClass(recipe_)) return;
  Add({{RecipeProto::kSamplingFieldNumber}},
      AtPlace(
          CheckSampling({.kind = data_.target.value_or(TargetKind::kClasses),
                         .shape = data_.target_shape.value_or(Shape())},
                        data_.classes, data_.class_counts,
                        recipe_.sampling().class_weight()),
          "sampling"));
}

void StartChecker::CheckMetric(const std::vector<FieldStep>& path,
                               const std::string& name) {
  // Without data at hand, the model says how many classes there are.
  std::optional<int64_t> classes = data_.classes;
  const Shape& output = graph_.ShapeOfValue(graph_.output_value());
  if (!classes.has_value() && data_.target == TargetKind::kClasses &&
      output.rank() > 0) {
    classes = output.dim(output.rank() - 1);
  }
  const absl::StatusOr<NamedMetric> named = MetricByName(name);
  const absl::Status status =
      named.ok() ? SplitOf(*named, {.target = data_.target,
                                    .classes = classes,
                                    .has_validation = data_.has_validation,
                                    .has_test = data_.has_test})
                       .status()
                 : named.status();
  if (status.ok()) return;
  Add(path,
      absl::Status(status.code(),
                   absl::StrCat(FieldName(*RecipeProto::descriptor(), path),
                                " ", status.message())));
}

}  // namespace

std::vector<StartProblem> FindStartProblems(const RecipeProto& recipe,
                                            const Graph& graph,
                                            const KnownData& data) {
  return StartChecker(recipe, graph, data).Check();
}

bool NeedsClassCounts(const RecipeProto& recipe) {
  return recipe.loss().balanced() || IsSampledByClass(recipe);
}

}  // namespace lenslet
