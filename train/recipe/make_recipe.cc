#include "lenslet/train/recipe/make_recipe.h"

#include <algorithm>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

absl::Status CheckAtLeastOne(absl::string_view field, int64_t value) {
  if (value >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", value, "; expected at least 1"));
}

absl::Status CheckSpecs(const TrainingSpecs& specs) {
  LENSLET_RETURN_IF_ERROR(CheckAtLeastOne("epochs", specs.epochs));
  LENSLET_RETURN_IF_ERROR(CheckAtLeastOne("batch_size", specs.batch_size));
  LENSLET_RETURN_IF_ERROR(Check(specs.schedule));
  LENSLET_RETURN_IF_ERROR(CheckOptimizer(specs.optimizer));
  const int64_t weights = static_cast<int64_t>(specs.loss.class_weights.size());
  return CheckLoss(specs.loss, std::max<int64_t>(1, weights));
}

void SetSchedule(const ScheduleSpec& spec, RecipeProto& recipe) {
  const ScheduleSpec constant = {.base_rate = spec.base_rate};
  recipe.set_learning_rate(spec.base_rate);
  if (spec == constant) return;
  InStepsProto& proto = *recipe.mutable_schedule()->mutable_in_steps();
  proto.set_kind(static_cast<InStepsProto::Kind>(spec.kind));
  proto.set_warmup_steps(spec.warmup_steps);
  proto.set_warmup_start_rate(spec.warmup_start_rate);
  if (spec.gamma != constant.gamma) proto.set_gamma(spec.gamma);
  proto.set_interval(spec.interval);
  proto.mutable_milestone()->Add(spec.milestones.begin(),
                                 spec.milestones.end());
  proto.set_decay(spec.decay);
  proto.set_length(spec.length);
  proto.set_end_rate(spec.end_rate);
  if (spec.power != constant.power) proto.set_power(spec.power);
  proto.set_peak_rate(spec.peak_rate);
  proto.set_peak_step(spec.peak_step);
  proto.set_cosine(spec.shape == CycleShape::kCosine);
}

void SetOptimizer(const OptimizerSpec& spec, RecipeProto& recipe) {
  const OptimizerSpec plain;
  if (spec == plain) return;
  OptimizerProto& proto = *recipe.mutable_optimizer();
  proto.set_kind(static_cast<OptimizerProto::Kind>(spec.kind));
  if (spec.momentum != plain.momentum) proto.set_momentum(spec.momentum);
  if (spec.rms_decay != plain.rms_decay) proto.set_rms_decay(spec.rms_decay);
  if (spec.beta1 != plain.beta1) proto.set_beta1(spec.beta1);
  if (spec.beta2 != plain.beta2) proto.set_beta2(spec.beta2);
  if (spec.epsilon != plain.epsilon) proto.set_epsilon(spec.epsilon);
  proto.set_weight_decay(spec.weight_decay);
}

struct KindSetter {
  LossProto& proto;

  void operator()(const CrossEntropySpec& spec) const {
    proto.mutable_cross_entropy()->set_label_smoothing(spec.label_smoothing);
  }
  void operator()(const MeanSquaredErrorSpec&) const {
    proto.mutable_mean_squared_error();
  }
  void operator()(const HingeSpec& spec) const {
    HingeProto& hinge = *proto.mutable_hinge();
    if (spec.margin != HingeSpec().margin) hinge.set_margin(spec.margin);
  }
};

void SetLoss(const LossSpec& spec, RecipeProto& recipe) {
  if (spec == LossSpec()) return;
  LossProto& proto = *recipe.mutable_loss();
  std::visit(KindSetter{proto}, spec.kind);
  proto.mutable_class_weight()->Add(spec.class_weights.begin(),
                                    spec.class_weights.end());
}

}  // namespace

absl::StatusOr<RecipeProto> MakeRecipe(const TrainingSpecs& specs) {
  LENSLET_RETURN_IF_ERROR(CheckSpecs(specs));
  RecipeProto recipe;
  recipe.set_epochs(specs.epochs);
  recipe.set_batch_size(specs.batch_size);
  recipe.set_seed(specs.seed);
  SetSchedule(specs.schedule, recipe);
  SetOptimizer(specs.optimizer, recipe);
  SetLoss(specs.loss, recipe);
  if (!specs.augmentation.empty()) {
    *recipe.mutable_augmentation() = AugmentationToProto(specs.augmentation);
  }
  return recipe;
}

}  // namespace lenslet
