// How a training run begins: its model, data, parameters and trainer.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_model.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/recipe/start_problems.h"
#include "lenslet/train/runs/check_start.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {

LoadDataOptions TrainingRun::DataOptions() const {
  LoadDataOptions options = {.argv0 = options_.argv0,
                             .seed = recipe_.seed(),
                             .threads = options_.threads,
                             .progress = options_.data_progress,
                             .image_cache = options_.image_cache};
  if (options_.run_dir.empty()) return options;
  if (options.image_cache.empty() &&
      RunDirectory::IsRunOrEmpty(options_.run_dir)) {
    options.image_cache = PathIn(options_.run_dir, kImageCacheName);
  }
  // A resumed run keeps the order of its classes.
  if (!recipe_.data().has_image_folders()) return options;
  const absl::StatusOr<CheckpointProto> checkpoint =
      LoadCheckpoint(PathIn(options_.run_dir, kLatestName));
  if (checkpoint.ok()) {
    options.class_names.assign(checkpoint->class_name().begin(),
                               checkpoint->class_name().end());
  }
  return options;
}

absl::Status TrainingRun::LoadModelAndData() {
  LENSLET_ASSIGN_OR_RETURN(RecipeModel model, LoadRecipeModel(recipe_));
  model_ = std::move(model.model);
  graph_ = std::move(model.graph);
  LENSLET_RETURN_IF_ERROR(KeepNormalization());
  const bool is_stated = !recipe_.data().normalization().mean().empty();
  LENSLET_RETURN_IF_ERROR(LoadStart());
  // The start's normalization is for data that fit the model.
  const bool is_taken =
      start_.has_value() && recipe_.data().has_normalization() && !is_stated;
  DataProto data = recipe_.data();
  if (is_taken) data.clear_normalization();
  absl::StatusOr<LoadedData> loaded =
      LoadData(data, options_.data_sources, DataOptions());
  if (absl::IsNotFound(loaded.status()) && !options_.run_dir.empty() &&
      RunDirectory::HasCheckpoint(options_.run_dir)) {
    return absl::NotFoundError(absl::StrCat(
        loaded.status().message(),
        "; if the data has moved, give its new place in the recipe's data: the "
        "run resumes if the contents are the same"));
  }
  LENSLET_RETURN_IF_ERROR(loaded.status());
  loaded_ = *std::move(loaded);
  if (is_taken) {
    LENSLET_RETURN_IF_ERROR(CheckRunData(*graph_, *loaded_));
    for (Dataset* dataset :
         {&loaded_->train, &loaded_->validation, &loaded_->test}) {
      dataset->normalization =
          NormalizationFromProto(recipe_.data().normalization());
    }
  }
  data_.emplace(*loaded_);
  LENSLET_ASSIGN_OR_RETURN(digest_, DigestsOf(*data_));
  if (recipe_.data().has_normalization()) {
    *recipe_.mutable_data()->mutable_normalization() =
        NormalizationToProto(data_->train.normalization);
  }
  return absl::OkStatus();
}

absl::Status TrainingRun::KeepNormalization() {
  const NormalizationProto& normalization = recipe_.data().normalization();
  const bool may_differ =
      recipe_.allow_changed_data() || !recipe_.start_from().empty();
  if (!may_differ || options_.run_dir.empty() ||
      !recipe_.data().has_normalization() || !normalization.mean().empty()) {
    return absl::OkStatus();
  }
  LENSLET_ASSIGN_OR_RETURN(const std::optional<RecipeProto> before,
                           RunDirectory::ReadRecipeOf(options_.run_dir));
  if (before.has_value()) {
    *recipe_.mutable_data()->mutable_normalization() =
        before->data().normalization();
  }
  return absl::OkStatus();
}

absl::Status TrainingRun::LoadStart() {
  // A resumed run does not need what it began with, which may be gone.
  if (recipe_.start_from().empty() ||
      (!options_.run_dir.empty() &&
       RunDirectory::HasCheckpoint(options_.run_dir))) {
    return absl::OkStatus();
  }
  LENSLET_ASSIGN_OR_RETURN(start_, options_.load_start(recipe_.start_from()));
  DataProto data = recipe_.data();
  LENSLET_RETURN_IF_ERROR(
      AtPlace(TakeNormalization(*start_, graph_->inputs()[0].shape, data),
              recipe_.start_from()));
  if (data.has_normalization()) *recipe_.mutable_data() = data;
  return absl::OkStatus();
}

absl::Status TrainingRun::MakeParameters() {
  LENSLET_ASSIGN_OR_RETURN(own_parameters_, Parameters::Create(*graph_));
  parameters_ = &*own_parameters_;
  InitializeParameters(MakeInitializer(recipe_), recipe_.seed(), *parameters_);
  if (!start_.has_value()) return absl::OkStatus();
  started_layers_ = StartFrom(*start_, *graph_, *parameters_);
  start_warnings_ =
      StartWarnings(*start_, started_layers_, recipe_.start_from(),
                    data_->train.target_names);
  start_.reset();
  for (const StartedLayer& layer : started_layers_) {
    if (layer.taken > 0) return absl::OkStatus();
  }
  return NothingTaken(recipe_.start_from());
}

absl::Status TrainingRun::MakeTrainer() {
  const std::vector<StartProblem> problems = CheckStart(
      recipe_, *graph_, *data_,
      {.threads = options_.threads,
       .saves = !options_.run_dir.empty() || !options_.output.empty()});
  if (!problems.empty()) return problems[0].status;
  steps_per_epoch_ = StepsPerEpoch(recipe_, data_->train.size());
  total_steps_ = TotalSteps(recipe_, steps_per_epoch_);
  std::vector<int64_t> counts;
  if (NeedsClassCounts(recipe_)) {
    LENSLET_ASSIGN_OR_RETURN(counts, ClassCounts(data_->train));
  }
  LENSLET_ASSIGN_OR_RETURN(
      const TrainerOptions options,
      MakeTrainerOptions(recipe_, *graph_, *data_, counts, options_.threads));
  loss_ = options.loss;
  LENSLET_ASSIGN_OR_RETURN(
      trainer_, Trainer::Create(*graph_, data_->train, *parameters_, options));
  LENSLET_ASSIGN_OR_RETURN(
      evaluator_, Evaluator::Create(*graph_, trainer_->averages(),
                                    EvaluatorOptionsOf(options, *data_)));
  if (recipe_.has_reduce_on_plateau()) {
    LENSLET_ASSIGN_OR_RETURN(
        plateau_, ReduceOnPlateau::Create(
                      MakePlateauOptions(recipe_.reduce_on_plateau())));
  }
  return absl::OkStatus();
}

absl::Status TrainingRun::MakeSampler() {
  if (!IsSampledByClass(recipe_)) return absl::OkStatus();
  absl::StatusOr<Sampler> sampler =
      Sampler::Create(data_->train, recipe_.sampling().class_weight());
  LENSLET_RETURN_IF_ERROR(AtPlace(sampler.status(), "sampling"));
  sampler_ = *std::move(sampler);
  return absl::OkStatus();
}

absl::Status TrainingRun::MakeJudges() {
  const auto find =
      [&](const std::string& name) -> absl::StatusOr<const Metric*> {
    LENSLET_ASSIGN_OR_RETURN(const NamedMetric named, MetricByName(name));
    return FindMetric(named, {.target = data_->train.examples->target().kind,
                              .classes = Classes(),
                              .has_validation = data_->validation.size() > 0,
                              .has_test = data_->test.size() > 0});
  };
  LENSLET_ASSIGN_OR_RETURN(best_metric_, find(recipe_.save().best_by()));
  if (!recipe_.has_early_stopping()) return absl::OkStatus();
  const EarlyStoppingProto& proto = recipe_.early_stopping();
  stopping_metric_ = best_metric_;
  if (!proto.metric().empty()) {
    LENSLET_ASSIGN_OR_RETURN(stopping_metric_, find(proto.metric()));
  }
  EarlyStoppingOptions options = MakeEarlyStoppingOptions(proto);
  options.higher_is_better = stopping_metric_->quantity->higher_is_better;
  LENSLET_ASSIGN_OR_RETURN(early_stopping_, EarlyStopping::Create(options));
  return absl::OkStatus();
}

}  // namespace lenslet
