#include "lenslet/train/runs/training_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_specs.h"

namespace lenslet {
namespace {

// Records of the metrics in an epoch, beside the one at its end.
constexpr int64_t kRecordsPerEpoch = 10;

using Clock = std::chrono::steady_clock;

}  // namespace

absl::StatusOr<std::unique_ptr<TrainingRun>> TrainingRun::Create(
    const RecipeProto& recipe, const TrainingRunOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckRecipe({.recipe = recipe}));
  std::unique_ptr<TrainingRun> run(new TrainingRun(recipe, options));
  if (!options.output.empty()) {
    LENSLET_RETURN_IF_ERROR(CheckWritable(options.output));
  }
  LENSLET_RETURN_IF_ERROR(run->LoadModelAndData());
  LENSLET_RETURN_IF_ERROR(run->MakeParameters());
  LENSLET_RETURN_IF_ERROR(run->Prepare());
  return run;
}

absl::StatusOr<std::unique_ptr<TrainingRun>> TrainingRun::CreateInMemory(
    const RecipeProto& recipe, const InMemoryRun& in_memory,
    const TrainingRunOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckRunData(in_memory.graph, in_memory.data));
  RecipeProto whole = recipe;
  whole.set_model(kModelName);
  whole.set_start_from(kStartName);
  LENSLET_ASSIGN_OR_RETURN(const DataDigestProto digests,
                           DigestsOf(in_memory.data));
  *whole.mutable_data()->mutable_in_memory() =
      DescribeInMemory(in_memory.data, digests);
  if (!in_memory.data.train.normalization.empty()) {
    *whole.mutable_data()->mutable_normalization() =
        NormalizationToProto(in_memory.data.train.normalization);
  }
  LENSLET_RETURN_IF_ERROR(CheckRecipe({.recipe = whole}));
  std::unique_ptr<TrainingRun> run(new TrainingRun(whole, options));
  if (!options.output.empty()) {
    LENSLET_RETURN_IF_ERROR(CheckWritable(options.output));
  }
  run->model_ = in_memory.model;
  run->graph_ = in_memory.graph;
  run->parameters_ = &in_memory.parameters;
  run->data_.emplace(in_memory.data);
  run->digest_ = digests;
  LENSLET_RETURN_IF_ERROR(run->Prepare());
  return run;
}

absl::Status TrainingRun::Prepare() {
  LENSLET_RETURN_IF_ERROR(MakeTrainer());
  LENSLET_RETURN_IF_ERROR(MakeSampler());
  LENSLET_RETURN_IF_ERROR(MakeJudges());
  if (!options_.run_dir.empty()) LENSLET_RETURN_IF_ERROR(OpenFolder());
  return WarnAtStart();
}

std::vector<int64_t> TrainingRun::EpochOrder() const {
  if (sampler_.has_value()) {
    return sampler_->EpochOrder(data_->train, recipe_.seed(), EpochOfStep());
  }
  return data_->train.examples->EpochOrder(recipe_.seed(), EpochOfStep());
}

absl::StatusOr<bool> TrainingRun::Run(RunObserver& observer) {
  const int64_t record_steps =
      std::max<int64_t>(1, steps_per_epoch_ / kRecordsPerEpoch);
  const int64_t save_steps = recipe_.save().every_steps();
  // A process that was killed at its end may not have written it.
  if (IsDone()) LENSLET_RETURN_IF_ERROR(WriteOutput());
  if (step() == 0 && total_steps_ >= kStepsBeforeWarnings) {
    loss_course_.first = LossOfFew();
  }
  while (!IsDone()) {
    std::vector<int64_t> order = EpochOrder();
    data_->train.examples->WillRead(absl::MakeConstSpan(order).subspan(
        step() % steps_per_epoch_ * UpdateSize(recipe_)));
    const Batches batches(std::move(order), UpdateSize(recipe_));
    bool epoch_ends = false;
    while (!epoch_ends && step() < total_steps_) {
      const Clock::time_point start = Clock::now();
      const double rate = trainer_->LearningRate();
      const absl::StatusOr<Metrics> metrics =
          trainer_->Step(batches.batch(step() % steps_per_epoch_));
      if (!metrics.ok()) {
        if (folder_ == nullptr ||
            !RunDirectory::HasCheckpoint(folder_->path())) {
          return metrics.status();
        }
        return absl::Status(metrics.status().code(),
                            absl::StrCat(metrics.status().message(),
                                         "; the last checkpoint is ",
                                         folder_->File(kLatestName)));
      }
      last_record_.learning_rate = rate;
      const double seconds = SecondsSince(start);
      seconds_ += seconds;
      session_seconds_ += seconds;
      session_examples_ += metrics->examples;
      epoch_so_far_.Add(*metrics);
      since_record_.Add(*metrics);
      if (step() % steps_per_epoch_ == record_steps % steps_per_epoch_) {
        loss_course_.begin = since_record_.loss();
      }
      if (recipe_.record_gradient_norm()) {
        norm_sum_ += trainer_->gradient_norm();
        ++norm_steps_;
      }
      observer.OnStep(Progress());
      epoch_ends = step() % steps_per_epoch_ == 0;
      if (epoch_ends || step() == total_steps_) break;
      if (step() % record_steps == 0) {
        MetricsRecord record;
        SetMetrics(MetricSplit::kTrain, since_record_, record);
        LENSLET_RETURN_IF_ERROR(Log(record));
      }
      const bool stop = observer.StopRequested();
      if (stop || (save_steps > 0 && step() % save_steps == 0)) {
        LENSLET_RETURN_IF_ERROR(Save(/*is_best=*/false));
      }
      if (stop) return false;
    }
    LENSLET_RETURN_IF_ERROR(EndEpoch(observer, epoch_ends));
    if (!IsDone() && observer.StopRequested()) return false;
  }
  return true;
}

absl::Status TrainingRun::EndEpoch(RunObserver& observer, bool whole) {
  MetricsRecord record = {.end_of_epoch = whole};
  SetMetrics(MetricSplit::kTrain, epoch_so_far_, record);
  double loss = epoch_so_far_.loss();
  if (data_->validation.size() > 0) {
    LENSLET_ASSIGN_OR_RETURN(const Metrics metrics,
                             evaluator_->Evaluate(data_->validation));
    loss = metrics.loss();
    SetMetrics(MetricSplit::kValidation, metrics, record);
  }
  if (data_->test.size() > 0) {
    LENSLET_ASSIGN_OR_RETURN(const Metrics metrics,
                             evaluator_->Evaluate(data_->test));
    SetMetrics(MetricSplit::kTest, metrics, record);
  }
  const auto value_of = [&](const Metric& metric) {
    return (record.*metric.value).value_or(NAN);
  };
  LENSLET_RETURN_IF_ERROR(
      WarnOfUndefined("save.best_by", *best_metric_,
                      "until it is defined, best.ckpt is the newest checkpoint",
                      record, observer));
  if (stopping_metric_ != nullptr) {
    LENSLET_RETURN_IF_ERROR(
        WarnOfUndefined("early_stopping.metric", *stopping_metric_,
                        "an epoch without it counts as one without improvement",
                        record, observer));
  }
  if (whole && early_stopping_.has_value()) {
    early_stopping_->Update(value_of(*stopping_metric_), step());
    record.stopped_early = early_stopping_->stopped();
  }
  const RunProgress progress = Progress();
  if (whole) LENSLET_RETURN_IF_ERROR(WarnAfterEpoch(record, observer));
  if (whole) {
    const double mean = epoch_so_far_.loss();
    loss_course_.lowest = std::min(loss_course_.lowest.value_or(mean), mean);
  }
  if (record.stopped_early) {
    LENSLET_RETURN_IF_ERROR(notes_.Add(
        {.step = step(), .id = kStoppedEarlyId, .text = StoppedText()}));
  }
  LENSLET_RETURN_IF_ERROR(Log(record));
  // A run that is made longer goes on in the same epoch.
  if (whole) {
    epoch_so_far_ = {};
    if (plateau_.has_value()) {
      trainer_->set_rate_factor(plateau_->Update(loss));
    }
  }
  const double value = value_of(*best_metric_);
  const bool is_best = !best_.has_value() ||
                       IsBetter(*best_metric_, value, best_->value()) ||
                       (std::isnan(value) && std::isnan(best_->value()));
  if (is_best) {
    best_.emplace();
    best_->set_step(step());
    best_->set_value(value);
    best_->set_metric(best_metric_->name());
  }
  if (IsDone() && std::isnan(best_->value())) {
    LENSLET_RETURN_IF_ERROR(Warn(
        TrainingWarning{
            "best_undefined",
            absl::StrCat("save.best_by is ", best_metric_->name(),
                         ", which was undefined after every epoch, so "
                         "best.ckpt has the last parameters: ",
                         WhyUndefinedHere(*best_metric_))},
        &observer));
  }
  LENSLET_RETURN_IF_ERROR(Save(is_best));
  observer.OnEpoch(progress, last_record_);
  return absl::OkStatus();
}

double TrainingRun::examples_per_second() const {
  return session_seconds_ > 0 ? session_examples_ / session_seconds_ : 0;
}

RunProgress TrainingRun::Progress() const {
  // The last step of an epoch belongs to it, not to the next.
  const int64_t epoch = std::max<int64_t>(0, step() - 1) / steps_per_epoch_;
  const int64_t left = total_steps_ - step();
  const double speed = examples_per_second();
  return {.epoch = epoch,
          .step_in_epoch = step() - epoch * steps_per_epoch_,
          .steps_per_epoch = steps_per_epoch_,
          .step = step(),
          .total_steps = total_steps_,
          .so_far = epoch_so_far_,
          .examples_per_second = speed,
          .seconds_left = speed > 0
                              ? left *
                                    (static_cast<double>(data_->train.size()) /
                                     steps_per_epoch_) /
                                    speed
                              : 0};
}

}  // namespace lenslet
