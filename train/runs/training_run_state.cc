// What a training run puts into a checkpoint, and takes out of it again.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/version.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {
namespace {

Metrics FromProto(const MetricsProto& proto) {
  return {.examples = proto.examples(),
          .loss_sum = proto.loss_sum(),
          .weight_sum = proto.has_weight_sum()
                            ? std::optional<double>(proto.weight_sum())
                            : std::nullopt,
          .predictions =
              proto.has_predictions() ? proto.predictions() : proto.examples(),
          .correct = proto.correct(),
          .in_top_5 = proto.has_in_top_5()
                          ? std::optional<int64_t>(proto.in_top_5())
                          : std::nullopt,
          .labels = {.true_positives = proto.true_positives(),
                     .false_positives = proto.false_positives(),
                     .false_negatives = proto.false_negatives(),
                     .true_negatives = proto.true_negatives()},
          .exact = proto.exact(),
          .values = {.numbers = proto.numbers(),
                     .absolute_sum = proto.absolute_sum(),
                     .squared_sum = proto.squared_sum()}};
}

MetricsProto ToProto(const Metrics& metrics) {
  MetricsProto proto;
  proto.set_examples(metrics.examples);
  proto.set_loss_sum(metrics.loss_sum);
  if (metrics.weight_sum.has_value()) {
    proto.set_weight_sum(*metrics.weight_sum);
  }
  proto.set_predictions(metrics.predictions);
  proto.set_correct(metrics.correct);
  if (metrics.in_top_5.has_value()) proto.set_in_top_5(*metrics.in_top_5);
  proto.set_true_positives(metrics.labels.true_positives);
  proto.set_false_positives(metrics.labels.false_positives);
  proto.set_false_negatives(metrics.labels.false_negatives);
  proto.set_true_negatives(metrics.labels.true_negatives);
  proto.set_exact(metrics.exact);
  proto.set_numbers(metrics.values.numbers);
  proto.set_absolute_sum(metrics.values.absolute_sum);
  proto.set_squared_sum(metrics.values.squared_sum);
  return proto;
}

void CopyArray(const Parameters& from, ArrayProto& to) {
  to.mutable_value()->Add(from.array().begin(), from.array().end());
}

template <typename T>
absl::Status OutOfRange(absl::string_view field, T value,
                        absl::string_view range) {
  return absl::InvalidArgumentError(absl::StrCat(
      "state.", field, " is ", value, "; expected a number ", range));
}

absl::Status CheckCount(absl::string_view field, int64_t value, int64_t most) {
  if (value >= 0 && value <= most) return absl::OkStatus();
  return OutOfRange(field, value, absl::StrCat("in [0, ", most, "]"));
}

absl::Status CheckMetrics(absl::string_view field, const MetricsProto& metrics,
                          int64_t most_examples) {
  LENSLET_RETURN_IF_ERROR(CheckCount(absl::StrCat(field, ".examples"),
                                     metrics.examples(), most_examples));
  // Far from what overflows.
  constexpr int64_t kMost = int64_t{1} << 60;
  const std::pair<const char*, int64_t> counts[] = {
      {".predictions", metrics.predictions()},
      {".true_positives", metrics.true_positives()},
      {".false_positives", metrics.false_positives()},
      {".false_negatives", metrics.false_negatives()},
      {".true_negatives", metrics.true_negatives()},
      {".numbers", metrics.numbers()}};
  for (const auto& [name, count] : counts) {
    LENSLET_RETURN_IF_ERROR(
        CheckCount(absl::StrCat(field, name), count, kMost));
  }
  const int64_t predictions =
      metrics.has_predictions() ? metrics.predictions() : metrics.examples();
  LENSLET_RETURN_IF_ERROR(CheckCount(absl::StrCat(field, ".correct"),
                                     metrics.correct(), predictions));
  LENSLET_RETURN_IF_ERROR(CheckCount(absl::StrCat(field, ".in_top_5"),
                                     metrics.in_top_5(), predictions));
  LENSLET_RETURN_IF_ERROR(CheckCount(absl::StrCat(field, ".exact"),
                                     metrics.exact(), metrics.examples()));
  const std::pair<const char*, double> sums[] = {
      {".loss_sum", metrics.loss_sum()},
      {".weight_sum", metrics.weight_sum()},
      {".absolute_sum", metrics.absolute_sum()},
      {".squared_sum", metrics.squared_sum()}};
  for (const auto& [name, sum] : sums) {
    if (std::isfinite(sum)) continue;
    return OutOfRange(absl::StrCat(field, name), sum, "that is finite");
  }
  return absl::OkStatus();
}

// Numbers that the trainer and others do not check themselves. A checkpoint of
// a right checksum may have any.
absl::Status CheckTrainingState(const TrainingStateProto& state) {
  // Far more than a run has, and far from what overflows.
  constexpr int64_t kMostSteps = int64_t{1} << 48;
  LENSLET_RETURN_IF_ERROR(CheckCount("step", state.step(), kMostSteps));
  LENSLET_RETURN_IF_ERROR(
      CheckCount("updates_done", state.updates_done(), state.step()));
  LENSLET_RETURN_IF_ERROR(
      CheckMetrics("epoch_so_far", state.epoch_so_far(), state.examples()));
  LENSLET_RETURN_IF_ERROR(
      CheckMetrics("since_record", state.since_record(), state.examples()));
  LENSLET_RETURN_IF_ERROR(
      CheckCount("best.step", state.best().step(), state.step()));
  LENSLET_RETURN_IF_ERROR(CheckCount(
      "early_stopping.epochs_without_improvement",
      state.early_stopping().epochs_without_improvement(), state.step()));
  LENSLET_RETURN_IF_ERROR(CheckCount("early_stopping.best_step",
                                     state.early_stopping().best_step(),
                                     state.step()));
  LENSLET_RETURN_IF_ERROR(
      CheckCount("finished_steps", state.finished_steps(), state.step()));
  const LossCourseProto& course = state.loss_course();
  for (const double loss : {course.first(), course.lowest(), course.begin()}) {
    if (!std::isfinite(loss)) {
      return OutOfRange("loss_course", loss, "that is finite");
    }
  }
  if (!std::isfinite(state.gradient_norm_sum())) {
    return OutOfRange("gradient_norm_sum", state.gradient_norm_sum(),
                      "that is finite");
  }
  return CheckCount("gradient_norm_steps", state.gradient_norm_steps(),
                    state.step());
}

absl::Status CopyArray(const ArrayProto& from, absl::string_view name,
                       Parameters& to) {
  if (from.value_size() != static_cast<int>(to.array().size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " has ", CountText(from.value_size(), "number"),
                     "; expected ", to.array().size()));
  }
  for (const float value : from.value()) {
    if (!std::isfinite(value)) {
      return OutOfRange(name, value, "that is finite");
    }
  }
  std::copy(from.value().begin(), from.value().end(), to.array().begin());
  return absl::OkStatus();
}

// Writes "layer "conv2d_3": " for "layer[11]." in the line of a difference.
void NameLayer(const ModelProto& model, std::string& line) {
  const std::string kLayer = "layer[";
  const size_t begin = line.find(kLayer);
  const size_t end = line.find("].", begin);
  if (begin == std::string::npos || end == std::string::npos) return;
  const size_t number = begin + kLayer.size();
  int index;
  if (absl::SimpleAtoi(line.substr(number, end - number), &index) &&
      index < model.layer_size()) {
    line.replace(begin, end + 2 - begin,
                 absl::StrCat("layer \"", model.layer(index).name(), "\": "));
  }
}

}  // namespace

absl::Status TrainingRun::CheckSameModel(
    const CheckpointProto& checkpoint) const {
  std::vector<std::string> lines = Differences(checkpoint.model(), model_);
  if (lines.empty()) return absl::OkStatus();
  constexpr size_t kMostLines = 4;
  if (lines.size() > kMostLines) {
    const size_t more = lines.size() - kMostLines;
    lines.resize(kMostLines);
    lines.push_back(absl::StrCat("and ", more, " more"));
  }
  for (std::string& line : lines) NameLayer(checkpoint.model(), line);
  const std::string differences = absl::StrJoin(lines, "; ");
  return absl::FailedPreconditionError(
      IsInMemory()
          ? absl::StrCat("was trained with another network; expected the same "
                         "layers, to resume the run, or another run_dir (",
                         differences, ")")
          : absl::StrCat("was trained with another model; ", recipe_.model(),
                         " has changed since (", differences, ")"));
}

absl::Status TrainingRun::Resume(const CheckpointProto& checkpoint) {
  const TrainingStateProto& state = checkpoint.state();
  LENSLET_RETURN_IF_ERROR(CheckTrainingState(state));
  LENSLET_RETURN_IF_ERROR(CheckSameData(checkpoint));
  if (state.step() > total_steps_) {
    const bool are_epochs = state.step() % steps_per_epoch_ == 0 &&
                            total_steps_ % steps_per_epoch_ == 0;
    const int64_t unit = are_epochs ? steps_per_epoch_ : 1;
    const absl::string_view units = are_epochs ? "epochs" : "steps";
    return absl::FailedPreconditionError(absl::StrCat(
        "has ", state.step() / unit, " ", units, "; expected at most ",
        total_steps_ / unit, ", the ", units, " of the recipe"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Parameters to_use,
                           RestoreParameters(*graph_, checkpoint));
  TrainerState restored = {.step = state.step(),
                           .updates_done = state.updates_done(),
                           .rate_factor = 1};
  LENSLET_RETURN_IF_ERROR(ResumeJudges(state));
  finished_steps_ = state.finished_steps();
  if (plateau_.has_value()) {
    LENSLET_ASSIGN_OR_RETURN(
        plateau_, ReduceOnPlateau::Create(
                      MakePlateauOptions(recipe_.reduce_on_plateau()),
                      {.best = state.plateau().best(),
                       .epochs_without_improvement =
                           state.plateau().epochs_without_improvement(),
                       .factor = state.plateau().factor()}));
    restored.rate_factor = plateau_->state().factor;
  }
  if (recipe_.average_decay() > 0) {
    restored.averages = &to_use;
    LENSLET_RETURN_IF_ERROR(
        CopyArray(state.last_parameters(), "last_parameters", *parameters_));
  }
  std::vector<Parameters> optimizer_state;
  for (const ArrayProto& array : state.optimizer_state()) {
    LENSLET_ASSIGN_OR_RETURN(Parameters values, Parameters::Create(*graph_));
    LENSLET_RETURN_IF_ERROR(CopyArray(array, "optimizer_state", values));
    optimizer_state.push_back(std::move(values));
  }
  restored.optimizer_state = optimizer_state;
  LENSLET_RETURN_IF_ERROR(trainer_->Restore(restored));
  // Last: parameters in memory stay as they are if anything fails.
  if (restored.averages == nullptr) {
    std::copy(to_use.array().begin(), to_use.array().end(),
              parameters_->array().begin());
  }
  epoch_so_far_ = FromProto(state.epoch_so_far());
  since_record_ = FromProto(state.since_record());
  const LossCourseProto& course = state.loss_course();
  if (course.has_first()) loss_course_.first = course.first();
  if (course.has_lowest()) loss_course_.lowest = course.lowest();
  loss_course_.begin = course.begin();
  if (state.has_only_answer()) health_.only_answer = state.only_answer();
  norm_sum_ = state.gradient_norm_sum();
  norm_steps_ = state.gradient_norm_steps();
  return absl::OkStatus();
}

// What was judged by another metric says nothing of this one.
absl::Status TrainingRun::ResumeJudges(const TrainingStateProto& state) {
  if (state.has_best() &&
      (state.best().metric() == best_metric_->name() ||
       (state.best().metric().empty() && recipe_.save().best_by().empty()))) {
    best_ = state.best();
  }
  const EarlyStoppingStateProto& stopping = state.early_stopping();
  if (!early_stopping_.has_value() ||
      stopping.metric() != stopping_metric_->name()) {
    return absl::OkStatus();
  }
  EarlyStoppingState restored = {
      .best_step = stopping.best_step(),
      .epochs_without_improvement = stopping.epochs_without_improvement()};
  if (stopping.has_best()) restored.best = stopping.best();
  LENSLET_ASSIGN_OR_RETURN(
      early_stopping_,
      EarlyStopping::Create(early_stopping_->options(), restored));
  return absl::OkStatus();
}

absl::Status TrainingRun::CheckSameData(
    const CheckpointProto& checkpoint) const {
  const TrainingStateProto& state = checkpoint.state();
  if (data_moved_ && !state.has_data_digest() &&
      !recipe_.allow_changed_data()) {
    return absl::FailedPreconditionError(
        "its data was in another place, and it has no digest to compare the "
        "contents with; expected the same place, or allow_changed_data: true "
        "in the recipe");
  }
  if (recipe_.allow_changed_data()) {
    CheckpointProto number;
    number.mutable_state()->set_examples(state.examples());
    return CheckSameExamples(number, *data_, digest_);
  }
  const absl::Status status = CheckSameExamples(checkpoint, *data_, digest_);
  if (status.ok() || state.examples() != data_->train.size()) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(),
                   ", or allow_changed_data: true in the recipe"));
}

CheckpointProto TrainingRun::MakeCheckpoint() const {
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() = model_;
  CopyParameters(trainer_->averages(), checkpoint);
  TargetsToCheckpoint({.kind = data_->train.examples->target().kind,
                       .names = data_->train.target_names},
                      checkpoint);
  TrainedInputsToCheckpoint(TrainedInputsOf(data_->train), checkpoint);
  if (!data_->train.normalization.empty()) {
    *checkpoint.mutable_normalization() =
        NormalizationToProto(data_->train.normalization);
  }
  checkpoint.set_recipe(recipe_.SerializeAsString());
  checkpoint.set_lenslet_version(kVersion);
  TrainingStateProto& state = *checkpoint.mutable_state();
  const TrainerState trainer = trainer_->state();
  state.set_step(trainer.step);
  state.set_updates_done(trainer.updates_done);
  state.set_examples(data_->train.size());
  *state.mutable_data_digest() = digest_;
  for (const Parameters& array : trainer.optimizer_state) {
    CopyArray(array, *state.add_optimizer_state());
  }
  if (trainer.averages != nullptr) {
    CopyArray(*parameters_, *state.mutable_last_parameters());
  }
  *state.mutable_epoch_so_far() = ToProto(epoch_so_far_);
  *state.mutable_since_record() = ToProto(since_record_);
  if (plateau_.has_value()) {
    const PlateauState& plateau = plateau_->state();
    state.mutable_plateau()->set_best(plateau.best);
    state.mutable_plateau()->set_epochs_without_improvement(
        plateau.epochs_without_improvement);
    state.mutable_plateau()->set_factor(plateau.factor);
  }
  if (best_.has_value()) *state.mutable_best() = *best_;
  if (health_.only_answer.has_value()) {
    state.set_only_answer(*health_.only_answer);
  }
  LossCourseProto& course = *state.mutable_loss_course();
  if (loss_course_.first.has_value()) course.set_first(*loss_course_.first);
  if (loss_course_.lowest.has_value()) course.set_lowest(*loss_course_.lowest);
  course.set_begin(loss_course_.begin);
  state.set_gradient_norm_sum(norm_sum_);
  state.set_gradient_norm_steps(norm_steps_);
  state.set_finished_steps(step() == total_steps_ ? step() : finished_steps_);
  if (early_stopping_.has_value()) {
    EarlyStoppingStateProto& stopping = *state.mutable_early_stopping();
    stopping.set_metric(stopping_metric_->name());
    const EarlyStoppingState& now = early_stopping_->state();
    if (now.best.has_value()) stopping.set_best(*now.best);
    stopping.set_best_step(now.best_step);
    stopping.set_epochs_without_improvement(now.epochs_without_improvement);
  }
  return checkpoint;
}

}  // namespace lenslet
