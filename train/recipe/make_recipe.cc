#include "lenslet/train/recipe/make_recipe.h"

#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

absl::Status CheckAtLeastOne(absl::string_view field, int64_t value) {
  if (value >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", value, "; expected at least 1"));
}

// The error of a field of the struct `name`.
absl::Status InStruct(absl::string_view name, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(name, ".", status.message()));
}

absl::Status CheckSchedules(const TrainingSpecs& specs) {
  const double rate = specs.learning_rate;
  if (!(rate > 0)) return BadValue("learning_rate", rate, "a positive number");
  if (specs.schedule_in_steps.base_rate != 0) {
    return BadValue("schedule_in_steps.base_rate",
                    specs.schedule_in_steps.base_rate,
                    "0; set learning_rate instead");
  }
  if (specs.schedule != EpochSchedule() &&
      specs.schedule_in_steps != ScheduleSpec()) {
    return absl::InvalidArgumentError(
        "schedule and schedule_in_steps are both set; expected one of them");
  }
  LENSLET_RETURN_IF_ERROR(InStruct("schedule", Check(specs.schedule, rate)));
  ScheduleSpec in_steps = specs.schedule_in_steps;
  in_steps.base_rate = rate;
  return InStruct("schedule_in_steps", Check(in_steps));
}

absl::Status CheckSpecs(const TrainingSpecs& specs) {
  LENSLET_RETURN_IF_ERROR(CheckAtLeastOne("epochs", specs.epochs));
  LENSLET_RETURN_IF_ERROR(CheckAtLeastOne("batch_size", specs.batch_size));
  LENSLET_RETURN_IF_ERROR(CheckAtLeastOne("block", specs.block));
  LENSLET_RETURN_IF_ERROR(CheckSchedules(specs));
  LENSLET_RETURN_IF_ERROR(
      InStruct("optimizer", CheckOptimizer(specs.optimizer)));
  return InStruct("loss", CheckLoss(specs.loss));
}

void SetKind(const EpochSchedule& from, ScheduleProto& proto) {
  const EpochSchedule defaults;
  // Sets gamma unless it is the default.
  const auto set_gamma = [&](auto& kind) {
    if (from.gamma != defaults.gamma) kind.set_gamma(from.gamma);
  };
  switch (from.kind) {
    case ScheduleKind::kConstant:
      return;
    case ScheduleKind::kStep:
      proto.mutable_step()->set_every_epochs(from.every_epochs);
      return set_gamma(*proto.mutable_step());
    case ScheduleKind::kMultiStep:
      proto.mutable_multi_step()->mutable_epoch()->Add(from.milestones.begin(),
                                                       from.milestones.end());
      return set_gamma(*proto.mutable_multi_step());
    case ScheduleKind::kExponential:
      proto.mutable_exponential();
      if (from.every_epochs != defaults.every_epochs) {
        proto.mutable_exponential()->set_epochs(from.every_epochs);
      }
      return set_gamma(*proto.mutable_exponential());
    case ScheduleKind::kInverse:
      return proto.mutable_inverse()->set_decay(from.decay);
    case ScheduleKind::kPolynomial:
      proto.mutable_polynomial()->set_end_rate(from.end_rate);
      if (from.power != defaults.power) {
        proto.mutable_polynomial()->set_power(from.power);
      }
      return;
    case ScheduleKind::kCosine:
      return proto.mutable_cosine()->set_end_rate(from.end_rate);
    case ScheduleKind::kOneCycle: {
      OneCycleProto& cycle = *proto.mutable_one_cycle();
      cycle.set_end_rate(from.end_rate);
      cycle.set_cosine(from.shape == CycleShape::kCosine);
      if (from.start_factor != defaults.start_factor) {
        cycle.set_start_factor(from.start_factor);
      }
      if (from.peak_fraction != defaults.peak_fraction) {
        cycle.set_peak_fraction(from.peak_fraction);
      }
      if (from.low_momentum.has_value()) {
        cycle.set_low_momentum(*from.low_momentum);
      }
    }
  }
}

void SetSchedule(const EpochSchedule& from, RecipeProto& recipe) {
  if (from == EpochSchedule()) return;
  ScheduleProto& proto = *recipe.mutable_schedule();
  proto.set_warmup_epochs(from.warmup_epochs);
  proto.set_warmup_start_rate(from.warmup_start_rate);
  SetKind(from, proto);
}

void SetSchedule(const ScheduleSpec& spec, RecipeProto& recipe) {
  const ScheduleSpec constant;
  if (spec == constant) return;
  InStepsProto& proto = *recipe.mutable_schedule()->mutable_in_steps();
  proto.set_kind(static_cast<InStepsProto::Kind>(spec.kind));
  proto.set_warmup_steps(spec.warmup_steps);
  proto.set_warmup_start_rate(spec.warmup_start_rate);
  proto.set_hold_from(spec.hold_from);
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
  if (spec.low_momentum.has_value()) {
    proto.set_low_momentum(*spec.low_momentum);
  }
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
    CrossEntropyProto& cross_entropy = *proto.mutable_cross_entropy();
    cross_entropy.set_label_smoothing(spec.label_smoothing);
    cross_entropy.set_weigh_by_label(spec.weigh_by_label);
  }
  void operator()(const MeanSquaredErrorSpec&) const {
    proto.mutable_mean_squared_error();
  }
  void operator()(const HingeSpec& spec) const {
    HingeProto& hinge = *proto.mutable_hinge();
    if (spec.margin != HingeSpec().margin) hinge.set_margin(spec.margin);
  }
  void operator()(const SumHingeSpec& spec) const {
    SumHingeProto& hinge = *proto.mutable_sum_hinge();
    if (spec.margin != SumHingeSpec().margin) hinge.set_margin(spec.margin);
  }
  void operator()(const FocalSpec& spec) const {
    FocalProto& focal = *proto.mutable_focal();
    if (spec.gamma != FocalSpec().gamma) focal.set_gamma(spec.gamma);
  }
  void operator()(const MeanAbsoluteErrorSpec&) const {
    proto.mutable_mean_absolute_error();
  }
  void operator()(const HuberSpec& spec) const {
    HuberProto& huber = *proto.mutable_huber();
    if (spec.delta != HuberSpec().delta) huber.set_delta(spec.delta);
  }
  void operator()(const SigmoidCrossEntropySpec& spec) const {
    proto.mutable_sigmoid_cross_entropy()->mutable_positive_weight()->Add(
        spec.positive_weights.begin(), spec.positive_weights.end());
  }
  void operator()(const SigmoidFocalSpec& spec) const {
    SigmoidFocalProto& focal = *proto.mutable_sigmoid_focal();
    if (spec.gamma != SigmoidFocalSpec().gamma) focal.set_gamma(spec.gamma);
    if (spec.alpha) focal.set_alpha(*spec.alpha);
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
  recipe.set_learning_rate(specs.learning_rate);
  SetSchedule(specs.schedule, recipe);
  SetSchedule(specs.schedule_in_steps, recipe);
  SetOptimizer(specs.optimizer, recipe);
  if (!specs.decay_all) recipe.mutable_optimizer()->set_decay_all(false);
  SetLoss(specs.loss, recipe);
  if (!specs.augmentation.empty()) {
    *recipe.mutable_augmentation() = AugmentationToProto(specs.augmentation);
  }
  recipe.set_clip_norm(specs.clip_norm);
  recipe.set_average_decay(specs.average_decay);
  if (specs.block != TrainingSpecs().block) recipe.set_block(specs.block);
  return recipe;
}

}  // namespace lenslet
