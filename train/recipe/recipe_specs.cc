#include "lenslet/train/recipe/recipe_specs.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/train/class_weights.h"

namespace lenslet {
namespace {

// The casts below rely on it.
static_assert(static_cast<int>(InitializerKind::kConstant) ==
              InitializerProto::CONSTANT);
static_assert(static_cast<int>(OptimizerKind::kAdamW) == OptimizerProto::ADAMW);
static_assert(static_cast<int>(ScheduleKind::kOneCycle) ==
              InStepsProto::ONE_CYCLE);

int64_t ToSteps(double epochs, int64_t steps_per_epoch) {
  if (!(epochs > 0)) return 0;
  constexpr double kMost = 1e15;
  return std::max<int64_t>(
      1, std::llround(std::min(epochs * steps_per_epoch, kMost)));
}

ScheduleSpec ScheduleInSteps(const InStepsProto& proto, double rate) {
  return {.kind = static_cast<ScheduleKind>(proto.kind()),
          .base_rate = rate,
          .warmup_steps = proto.warmup_steps(),
          .warmup_start_rate = proto.warmup_start_rate(),
          .hold_from = proto.hold_from(),
          .gamma = NumberOrDefault(proto, InStepsProto::kGammaFieldNumber),
          .interval = proto.interval(),
          .milestones = {proto.milestone().begin(), proto.milestone().end()},
          .decay = proto.decay(),
          .length = proto.length(),
          .end_rate = proto.end_rate(),
          .power = NumberOrDefault(proto, InStepsProto::kPowerFieldNumber),
          .peak_rate = proto.peak_rate(),
          .peak_step = proto.peak_step(),
          .shape = proto.cosine() ? CycleShape::kCosine : CycleShape::kLinear,
          .low_momentum = proto.has_low_momentum()
                              ? std::optional<double>(proto.low_momentum())
                              : std::nullopt};
}

// Programs show labels as probabilities, the sigmoids of the outputs, and
// values as the outputs. So a loss must fit these.
absl::Status CheckMeaning(const LossKind& kind, TargetKind target) {
  const bool fits_sigmoids =
      std::holds_alternative<SigmoidCrossEntropySpec>(kind) ||
      std::holds_alternative<SigmoidFocalSpec>(kind);
  if (!Takes(kind, target) || target == TargetKind::kClasses ||
      fits_sigmoids == (target == TargetKind::kLabels)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "loss: ", Name(kind), " fits ",
      fits_sigmoids ? "the sigmoids of the outputs" : "the outputs themselves",
      ", and the targets are ", Name(target), "; expected ",
      fits_sigmoids ? "mean_squared_error, mean_absolute_error or huber"
                    : "sigmoid_cross_entropy or sigmoid_focal"));
}

}  // namespace

Initializer MakeInitializer(const RecipeProto& recipe) {
  const InitializerProto& proto = recipe.initializer();
  return {.kind = static_cast<InitializerKind>(proto.kind()),
          .scale = NumberOrDefault(proto, InitializerProto::kScaleFieldNumber)};
}

Backend TrainingBackend(const RecipeProto& recipe) {
  const absl::StatusOr<Backend> backend = BackendByName(recipe.backend());
  return backend.ok() ? *backend : Backend::kLanes;
}

absl::StatusOr<LossSpec> MakeLossSpec(const RecipeProto& recipe,
                                      absl::Span<const int64_t> class_counts,
                                      TargetKind target) {
  const LossProto& proto = recipe.loss();
  LossSpec spec = {.class_weights = {proto.class_weight().begin(),
                                     proto.class_weight().end()}};
  switch (proto.kind_case()) {
    case LossProto::kCrossEntropy:
      spec.kind = CrossEntropySpec{
          .label_smoothing = proto.cross_entropy().label_smoothing(),
          .weigh_by_label = proto.cross_entropy().weigh_by_label()};
      break;
    case LossProto::kMeanSquaredError:
      spec.kind = MeanSquaredErrorSpec();
      break;
    case LossProto::kHinge:
      spec.kind = HingeSpec{.margin = NumberOrDefault(
                                proto.hinge(), HingeProto::kMarginFieldNumber)};
      break;
    case LossProto::kSumHinge:
      spec.kind = SumHingeSpec{
          .margin = NumberOrDefault(proto.sum_hinge(),
                                    SumHingeProto::kMarginFieldNumber)};
      break;
    case LossProto::kFocal:
      spec.kind = FocalSpec{.gamma = NumberOrDefault(
                                proto.focal(), FocalProto::kGammaFieldNumber)};
      break;
    case LossProto::kMeanAbsoluteError:
      spec.kind = MeanAbsoluteErrorSpec();
      break;
    case LossProto::kHuber:
      spec.kind = HuberSpec{.delta = NumberOrDefault(
                                proto.huber(), HuberProto::kDeltaFieldNumber)};
      break;
    case LossProto::kSigmoidCrossEntropy: {
      const auto& weights = proto.sigmoid_cross_entropy().positive_weight();
      spec.kind = SigmoidCrossEntropySpec{
          .positive_weights = {weights.begin(), weights.end()}};
      break;
    }
    case LossProto::kSigmoidFocal: {
      const SigmoidFocalProto& focal = proto.sigmoid_focal();
      SigmoidFocalSpec focal_spec = {
          .gamma =
              NumberOrDefault(focal, SigmoidFocalProto::kGammaFieldNumber)};
      if (focal.has_alpha()) focal_spec.alpha = focal.alpha();
      spec.kind = focal_spec;
      break;
    }
    case LossProto::KIND_NOT_SET:
      spec.kind = DefaultLoss(target);
      break;
  }
  LENSLET_RETURN_IF_ERROR(CheckMeaning(spec.kind, target));
  if (proto.balanced()) {
    if (class_counts.empty() && target != TargetKind::kClasses) {
      return absl::InvalidArgumentError(
          absl::StrCat("loss.balanced: the targets are ", Name(target),
                       "; expected classes"));
    }
    LENSLET_ASSIGN_OR_RETURN(spec.class_weights,
                             BalancedClassWeights(class_counts));
  }
  return spec;
}

OptimizerSpec MakeOptimizerSpec(const RecipeProto& recipe) {
  const OptimizerProto& proto = recipe.optimizer();
  const auto number = [&](int field) { return NumberOrDefault(proto, field); };
  return {.kind = static_cast<OptimizerKind>(proto.kind()),
          .momentum = number(OptimizerProto::kMomentumFieldNumber),
          .rms_decay = number(OptimizerProto::kRmsDecayFieldNumber),
          .beta1 = number(OptimizerProto::kBeta1FieldNumber),
          .beta2 = number(OptimizerProto::kBeta2FieldNumber),
          .epsilon = number(OptimizerProto::kEpsilonFieldNumber),
          .weight_decay = proto.weight_decay()};
}

PlateauOptions MakePlateauOptions(const ReduceOnPlateauProto& plateau) {
  return {.gamma =
              NumberOrDefault(plateau, ReduceOnPlateauProto::kGammaFieldNumber),
          .patience = IntegerOrDefault(
              plateau, ReduceOnPlateauProto::kPatienceFieldNumber),
          .min_change = plateau.min_change(),
          .min_factor = plateau.min_factor()};
}

EarlyStoppingOptions MakeEarlyStoppingOptions(const EarlyStoppingProto& proto) {
  return {.patience =
              IntegerOrDefault(proto, EarlyStoppingProto::kPatienceFieldNumber),
          .min_change = proto.min_change()};
}

int64_t UpdateSize(const RecipeProto& recipe) {
  return IntegerOrDefault(recipe, RecipeProto::kBatchSizeFieldNumber) *
         std::max<int64_t>(
             1, IntegerOrDefault(recipe,
                                 RecipeProto::kAccumulateBatchesFieldNumber));
}

int64_t StepsPerEpoch(const RecipeProto& recipe, int64_t examples) {
  const int64_t size = UpdateSize(recipe);
  return (examples + size - 1) / size;
}

int64_t TotalSteps(const RecipeProto& recipe, int64_t steps_per_epoch) {
  return recipe.has_steps() ? recipe.steps()
                            : recipe.epochs() * steps_per_epoch;
}

ScheduleSpec MakeScheduleSpec(const RecipeProto& recipe,
                              int64_t steps_per_epoch, int64_t total_steps) {
  const ScheduleProto& proto = recipe.schedule();
  const double rate = recipe.learning_rate();
  ScheduleSpec spec = {
      .base_rate = rate,
      .warmup_steps = ToSteps(proto.warmup_epochs(), steps_per_epoch),
      .warmup_start_rate = proto.warmup_start_rate()};
  const int64_t length = std::max<int64_t>(1, total_steps - spec.warmup_steps);
  switch (proto.kind_case()) {
    case ScheduleProto::kConstant:
    case ScheduleProto::KIND_NOT_SET:
      break;
    case ScheduleProto::kStep:
      spec.kind = ScheduleKind::kStep;
      spec.gamma = NumberOrDefault(proto.step(), StepProto::kGammaFieldNumber);
      spec.interval = ToSteps(proto.step().every_epochs(), steps_per_epoch);
      break;
    case ScheduleProto::kMultiStep:
      spec.kind = ScheduleKind::kMultiStep;
      spec.gamma = NumberOrDefault(proto.multi_step(),
                                   MultiStepProto::kGammaFieldNumber);
      for (const double epoch : proto.multi_step().epoch()) {
        // Milestones count from the end of the warm-up, epochs from the start.
        spec.milestones.push_back(ToSteps(epoch, steps_per_epoch) -
                                  spec.warmup_steps);
      }
      break;
    case ScheduleProto::kExponential:
      spec.kind = ScheduleKind::kExponential;
      spec.gamma = NumberOrDefault(proto.exponential(),
                                   ExponentialProto::kGammaFieldNumber);
      spec.interval =
          ToSteps(NumberOrDefault(proto.exponential(),
                                  ExponentialProto::kEpochsFieldNumber),
                  steps_per_epoch);
      break;
    case ScheduleProto::kInverse:
      spec.kind = ScheduleKind::kInverse;
      spec.decay = proto.inverse().decay() / steps_per_epoch;
      break;
    case ScheduleProto::kPolynomial:
      spec.kind = ScheduleKind::kPolynomial;
      spec.length = length;
      spec.power = NumberOrDefault(proto.polynomial(),
                                   PolynomialProto::kPowerFieldNumber);
      spec.end_rate = proto.polynomial().end_rate();
      break;
    case ScheduleProto::kCosine:
      spec.kind = ScheduleKind::kCosine;
      spec.length = length;
      spec.end_rate = proto.cosine().end_rate();
      break;
    case ScheduleProto::kOneCycle: {
      const OneCycleProto& cycle = proto.one_cycle();
      spec.kind = ScheduleKind::kOneCycle;
      // Not 0.04 * rate: that is other bits.
      spec.base_rate =
          cycle.has_start_factor() ? cycle.start_factor() * rate : rate / 25;
      spec.peak_rate = rate;
      spec.end_rate = cycle.end_rate();
      // A peak needs a step before it and one after it.
      spec.length = std::max<int64_t>(2, length);
      const double peak =
          NumberOrDefault(cycle, OneCycleProto::kPeakFractionFieldNumber) *
          spec.length;
      spec.peak_step =
          std::clamp<int64_t>(std::llround(peak), 1, spec.length - 1);
      spec.shape = cycle.cosine() ? CycleShape::kCosine : CycleShape::kLinear;
      if (cycle.has_low_momentum()) spec.low_momentum = cycle.low_momentum();
      break;
    }
    case ScheduleProto::kInSteps:
      return ScheduleInSteps(proto.in_steps(), rate);
  }
  return spec;
}

WarmupUnit WarmupUnitOf(const RecipeProto& recipe) {
  return recipe.schedule().has_in_steps() ? WarmupUnit::kSteps
                                          : WarmupUnit::kEpochs;
}

bool IsSampledByClass(const RecipeProto& recipe) {
  return recipe.sampling().balanced() ||
         !recipe.sampling().class_weight().empty();
}

}  // namespace lenslet
