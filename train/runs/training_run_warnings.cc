// What a training run warns of, before its first step and after epochs, and
// why it ended.

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/runs/start_from.h"
#include "lenslet/train/runs/training_run.h"
#include "lenslet/train/warnings.h"

namespace lenslet {

absl::Status TrainingRun::Warn(const std::optional<TrainingWarning>& warning,
                               RunObserver* observer) {
  if (!warning.has_value() || notes_.Has(warning->id)) return absl::OkStatus();
  if (observer != nullptr && warning->is_note) {
    observer->OnNote(warning->text);
  } else if (observer != nullptr) {
    observer->OnWarning(warning->text);
  } else if (!warning->is_note) {
    warnings_.push_back(warning->text);
  }
  return notes_.Add({.step = step(),
                     .id = warning->id,
                     .warning = !warning->is_note,
                     .text = warning->text});
}

absl::Status TrainingRun::WarnAtStart() {
  if (IsDone()) return absl::OkStatus();
  if (loaded_.has_value()) {
    for (const std::string& warning : loaded_->warnings) {
      LENSLET_RETURN_IF_ERROR(Warn(DataWarning(warning), nullptr));
    }
  }
  if (!started_layers_.empty()) {
    LENSLET_RETURN_IF_ERROR(
        notes_.Add({.step = step(),
                    .id = "start_from",
                    .text = absl::StrCat("started from ", recipe_.start_from(),
                                         ": ", StartText(started_layers_))}));
    for (const TrainingWarning& warning : start_warnings_) {
      LENSLET_RETURN_IF_ERROR(Warn(warning, nullptr));
    }
  }
  LENSLET_RETURN_IF_ERROR(
      Warn(NoteOfLargeBatch(
               IntegerOrDefault(recipe_, RecipeProto::kBatchSizeFieldNumber),
               UpdateSize(recipe_), data_->train.size()),
           nullptr));
  LENSLET_RETURN_IF_ERROR(
      Warn(WarnOfLimitedScores(*graph_, loss_.kind), nullptr));
  LENSLET_RETURN_IF_ERROR(Warn(
      WarnOfWarmup(MakeScheduleSpec(recipe_, steps_per_epoch_, total_steps_),
                   total_steps_, steps_per_epoch_, WarmupUnitOf(recipe_)),
      nullptr));
  LENSLET_RETURN_IF_ERROR(Warn(
      WarnOfTwoBalances(recipe_.loss().balanced(), IsSampledByClass(recipe_)),
      nullptr));
  LENSLET_RETURN_IF_ERROR(
      Warn(NoteOfZeroWeights("sampling.class_weight",
                             recipe_.sampling().class_weight(),
                             data_->train.target_names),
           nullptr));
  LENSLET_RETURN_IF_ERROR(
      Warn(NoteOfZeroWeights("loss.class_weight", recipe_.loss().class_weight(),
                             data_->train.target_names),
           nullptr));
  LENSLET_RETURN_IF_ERROR(
      Warn(WarnOfNoValidation(recipe_.data().validation_fraction(),
                              data_->validation.size()),
           nullptr));
  const auto warn_of_test = [&](absl::string_view field,
                                const std::string& name) {
    const absl::StatusOr<NamedMetric> metric = MetricByName(name);
    return metric.ok() ? Warn(WarnOfTestMetric(field, *metric), nullptr)
                       : metric.status();
  };
  LENSLET_RETURN_IF_ERROR(
      warn_of_test("save.best_by", recipe_.save().best_by()));
  LENSLET_RETURN_IF_ERROR(
      warn_of_test("early_stopping.metric", recipe_.early_stopping().metric()));
  return Warn(
      WarnOfBatchNorm(*graph_,
                      IntegerOrDefault(recipe_, RecipeProto::kBlockFieldNumber),
                      UpdateSize(recipe_), data_->train.size()),
      nullptr);
}

absl::Status TrainingRun::WarnOfUndefined(absl::string_view field,
                                          const Metric& metric,
                                          absl::string_view consequence,
                                          const MetricsRecord& record,
                                          RunObserver& observer) {
  if ((record.*metric.value).has_value()) return absl::OkStatus();
  return Warn(
      TrainingWarning{
          absl::StrCat("undefined ", field),
          absl::StrCat(field, " is ", metric.name(),
                       ", which is undefined after epoch ",
                       (step() + steps_per_epoch_ - 1) / steps_per_epoch_, ": ",
                       WhyUndefinedHere(metric), "; ", consequence)},
      &observer);
}

std::string TrainingRun::WhyUndefinedHere(const Metric& metric) const {
  const Dataset& dataset = metric.split == MetricSplit::kValidation
                               ? data_->validation
                           : metric.split == MetricSplit::kTest ? data_->test
                                                                : data_->train;
  return WhyUndefined(metric.split, *metric.quantity, dataset.size());
}

bool TrainingRun::MakeHealthCheck() {
  if (health_check_.has_value()) return true;
  absl::StatusOr<HealthCheck> check = HealthCheck::Create(data_->train);
  if (!check.ok()) return false;
  health_check_ = *std::move(check);
  return true;
}

std::optional<double> TrainingRun::LossOfFew() {
  const Shape& output = graph_->ShapeOfValue(graph_->output_value());
  if (output.rank() == 0 ||
      !LossOfGuessing(loss_, output.dim(output.rank() - 1)).has_value() ||
      !MakeHealthCheck()) {
    return std::nullopt;
  }
  const absl::StatusOr<Metrics> metrics = evaluator_->Evaluate(
      SelectExamples(data_->train, health_check_->examples()));
  if (!metrics.ok() || !std::isfinite(metrics->loss())) return std::nullopt;
  return metrics->loss();
}

absl::Status TrainingRun::WarnAfterEpoch(const MetricsRecord& record,
                                         RunObserver& observer) {
  if (step() < kStepsBeforeWarnings) return absl::OkStatus();
  const int64_t epoch = step() / steps_per_epoch_;
  // The largest: at its end, a schedule may be at 0.
  double rate = 0;
  for (int64_t s = step() - steps_per_epoch_; s < step(); ++s) {
    rate = std::max(rate, trainer_->RateOfStep(s));
  }
  const Shape& output = graph_->ShapeOfValue(graph_->output_value());
  LossCourse course = loss_course_;
  course.end = since_record_.loss();
  course.mean = record.train_loss.value_or(0);
  // Measures them only for the warning, which is given once.
  const std::optional<double> now =
      course.first.has_value() && !notes_.Has("worse_than_guessing") &&
              WarnOfGuessing(loss_, output.dim(output.rank() - 1), epoch,
                             course, rate)
                  .has_value()
          ? LossOfFew()
          : std::nullopt;
  if (now.has_value()) {
    course.now = *now;
  } else {
    course.first = std::nullopt;
  }
  LENSLET_RETURN_IF_ERROR(Warn(
      WarnOfGuessing(loss_, output.dim(output.rank() - 1), epoch, course, rate),
      &observer));
  // A check that cannot be made, for example for lack of memory, is none.
  if (!MakeHealthCheck()) return absl::OkStatus();
  absl::StatusOr<Health> health =
      health_check_->Check(*graph_, *parameters_, data_->train);
  if (!health.ok()) return absl::OkStatus();
  const Health before = std::exchange(health_, *std::move(health));
  LENSLET_RETURN_IF_ERROR(
      Warn(WarnOfOneAnswer(before, health_, data_->train.target_names, epoch,
                           IsDone(), rate),
           &observer));
  return Warn(WarnOfDeadUnits(health_, epoch, rate), &observer);
}

std::string TrainingRun::StoppedText() const {
  if (!stopped_early()) return "";
  const EarlyStoppingState& state = early_stopping_->state();
  const auto epoch_of = [&](int64_t step) {
    return absl::StrCat("epoch ", step / steps_per_epoch_);
  };
  std::string text = absl::StrCat("stopped early after ", epoch_of(step()),
                                  ": ", stopping_metric_->name());
  if (!state.best.has_value()) {
    return absl::StrCat(text, " was undefined for ",
                        CountText(state.epochs_without_improvement, "epoch"),
                        ": ", WhyUndefinedHere(*stopping_metric_));
  }
  text += " has not improved ";
  const double least = early_stopping_->options().min_change;
  if (least > 0) absl::StrAppend(&text, "by more than ", least, " ");
  absl::StrAppend(&text, "for ",
                  CountText(state.epochs_without_improvement, "epoch"));
  absl::StrAppend(&text, " since ", NumberText(*state.best, 4, 6), " after ",
                  epoch_of(state.best_step));
  return text;
}

}  // namespace lenslet
