#include "lenslet/train/runs/training_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/util/message_differencer.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/file.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/version.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/data/split.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_model.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/recipe/start_problems.h"
#include "lenslet/train/runs/check_start.h"

namespace lenslet {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// Records of the metrics in an epoch, beside the one at its end.
constexpr int64_t kRecordsPerEpoch = 10;

// Too few steps say nothing of a training.
constexpr int64_t kStepsBeforeWarnings = 50;

// Of the note that tells why a run ended.
constexpr char kStoppedEarlyId[] = "stopped_early";

// The checkpoints to keep.
int64_t Keep(const RecipeProto& recipe) {
  return IntegerOrDefault(recipe.save(), SaveProto::kKeepFieldNumber);
}

// Where the parameters differ in a number: "parameter conv.weight, number 7:
// 0.1 -> 0.2". "" if nowhere.
std::string FirstDifference(const CheckpointProto& before,
                            const CheckpointProto& now) {
  for (int i = 0; i < now.parameter_size() && i < before.parameter_size();
       ++i) {
    const ParameterProto& is = now.parameter(i);
    const ParameterProto& was = before.parameter(i);
    for (int k = 0; k < is.value_size() && k < was.value_size(); ++k) {
      if (is.value(k) != was.value(k)) {
        return absl::StrCat("parameter ", is.name(), ", number ", k, ": ",
                            was.value(k), " -> ", is.value(k));
      }
    }
  }
  return "";
}

using Clock = std::chrono::steady_clock;

// The recipe without what a resumed run may do otherwise.
RecipeProto WithoutExtend(RecipeProto recipe) {
  recipe.mutable_schedule()->clear_extend();
  if (recipe.schedule().ByteSizeLong() == 0) recipe.clear_schedule();
  return recipe;
}

// The recipe without how data is read ahead, which changes no result. Whether
// images are read ahead at all tells how their digest is made.
RecipeProto WithoutReaders(RecipeProto recipe) {
  DataProto& data = *recipe.mutable_data();
  if (data.has_image_folders() && data.image_folders().has_read_ahead()) {
    data.mutable_image_folders()->mutable_read_ahead()->Clear();
  }
  if (data.has_image_table() && data.image_table().has_read_ahead()) {
    data.mutable_image_table()->mutable_read_ahead()->Clear();
  }
  if (data.has_image_masks() && data.image_masks().has_read_ahead()) {
    data.mutable_image_masks()->mutable_read_ahead()->Clear();
  }
  if (data.has_packed()) data.mutable_packed()->clear_read_ahead();
  return recipe;
}

// The recipe without the texts of its data source, most of which are paths:
// where the data is. The digests of the examples tell whether it is the same.
RecipeProto WithoutPlaces(RecipeProto recipe) {
  DataProto& data = *recipe.mutable_data();
  const google::protobuf::Reflection& reflection = *data.GetReflection();
  const google::protobuf::FieldDescriptor* source =
      reflection.GetOneofFieldDescriptor(
          data, DataProto::descriptor()->FindOneofByName("source"));
  if (source == nullptr) return recipe;
  Message& message = *reflection.MutableMessage(&data, source);
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (field->cpp_type() ==
        google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      message.GetReflection()->ClearField(&message, field);
    }
  }
  return recipe;
}

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
  warnings_.insert(warnings_.end(), loaded_->warnings.begin(),
                   loaded_->warnings.end());
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
  if (!started_layers_.empty() && started_layers_.back().reason.empty()) {
    started_classes_.assign(start_->class_name().begin(),
                            start_->class_name().end());
  }
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

absl::Status TrainingRun::OpenFolder() {
  LENSLET_ASSIGN_OR_RETURN(folder_, RunDirectory::Open(options_.run_dir));
  LENSLET_ASSIGN_OR_RETURN(const std::optional<RecipeProto> before,
                           folder_->ReadRecipe());
  if (before.has_value()) {
    LENSLET_RETURN_IF_ERROR(CheckSameRecipe(*before));
    LENSLET_ASSIGN_OR_RETURN(const std::optional<RunDirectory::Newest> newest,
                             folder_->LoadNewest(warnings_));
    if (newest.has_value()) {
      absl::Status status = CheckSameModel(newest->checkpoint);
      if (status.ok()) status = CheckSameStart(newest->checkpoint);
      if (status.ok()) status = Resume(newest->checkpoint);
      LENSLET_RETURN_IF_ERROR(AtPlace(status, newest->path));
      resumed_from_ = newest->path;
      // Checkpoints of earlier versions do not tell.
      if (finished_steps_ == 0 &&
          TotalSteps(*before, steps_per_epoch_) == step()) {
        finished_steps_ = step();
      }
      const bool is_best = best_.has_value() && best_->step() == step();
      LENSLET_RETURN_IF_ERROR(
          folder_->FinishSaving(newest->path, is_best, Keep(recipe_)));
    }
  }
  LENSLET_RETURN_IF_ERROR(folder_->WriteRecipe(recipe_));
  if (IsInMemory() && resumed_from_.empty()) {
    LENSLET_RETURN_IF_ERROR(WriteStart());
  }
  LENSLET_RETURN_IF_ERROR(OpenLogs());
  return ExtendSchedule();
}

absl::Status TrainingRun::ExtendSchedule() {
  if (finished_steps_ == 0 || finished_steps_ >= total_steps_ || IsDone()) {
    return absl::OkStatus();
  }
  ScheduleSpec before =
      MakeScheduleSpec(recipe_, steps_per_epoch_, finished_steps_);
  if (recipe_.schedule().extend() == ScheduleProto::HOLD_LAST_RATE) {
    before.hold_from = finished_steps_;
    trainer_->set_schedule(before);
    return absl::OkStatus();
  }
  return Warn(
      WarnOfRestart(before,
                    MakeScheduleSpec(recipe_, steps_per_epoch_, total_steps_),
                    finished_steps_, total_steps_),
      nullptr);
}

absl::Status TrainingRun::WriteStart() const {
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(folder_->File(kModelName), ProtoToText(model_)));
  CheckpointProto start;
  *start.mutable_model() = model_;
  CopyParameters(*parameters_, start);
  start.set_lenslet_version(kVersion);
  return SaveCheckpoint(folder_->File(kStartName), start);
}

absl::Status TrainingRun::CheckSameStart(const CheckpointProto& newest) const {
  if (!IsInMemory()) return absl::OkStatus();
  const absl::StatusOr<CheckpointProto> start =
      LoadCheckpoint(folder_->File(kStartName));
  // As above: it may be gone.
  if (absl::IsNotFound(start.status())) return absl::OkStatus();
  LENSLET_RETURN_IF_ERROR(start.status());
  CheckpointProto now;
  CopyParameters(*parameters_, now);
  // A program may train the network on that it trained before.
  std::string difference = FirstDifference(newest, now);
  if (!difference.empty()) difference = FirstDifference(*start, now);
  if (difference.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "its run began with other parameters; expected those, to resume it, or "
      "another folder (",
      difference, ")"));
}

std::vector<std::string> TrainingRun::Differences(
    const Message& before, const Message& now, absl::Span<const int> ignored) {
  MessageDifferencer differencer;
  for (const int number : ignored) {
    differencer.IgnoreField(before.GetDescriptor()->FindFieldByNumber(number));
  }
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  if (differencer.Compare(before, now)) return {};
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(differences, '\n')) {
    if (!line.empty() && !absl::StartsWith(line, "ignored: ")) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

absl::Status TrainingRun::CheckSameRecipe(const RecipeProto& before) {
  const auto differences_of = [](const RecipeProto& a, const RecipeProto& b) {
    return Differences(
        WithoutExtend(WithoutReaders(a)), WithoutExtend(WithoutReaders(b)),
        {RecipeProto::kNameFieldNumber, RecipeProto::kEpochsFieldNumber,
         RecipeProto::kStepsFieldNumber, RecipeProto::kSaveFieldNumber,
         RecipeProto::kEarlyStoppingFieldNumber,
         RecipeProto::kAllowChangedDataFieldNumber});
  };
  const std::vector<std::string> lines = differences_of(before, recipe_);
  if (lines.empty()) return absl::OkStatus();
  if (!IsInMemory() &&
      differences_of(WithoutPlaces(before), WithoutPlaces(recipe_)).empty()) {
    data_moved_ = true;
    return absl::OkStatus();
  }
  const std::string differences = absl::StrJoin(lines, "; ");
  return absl::FailedPreconditionError(
      IsInMemory()
          ? absl::StrCat(options_.run_dir,
                         ": has a run of other options or data; expected the "
                         "same, to resume it, or another run_dir (",
                         differences, ")")
          : absl::StrCat(options_.run_dir,
                         ": has a run of another recipe; expected the same "
                         "recipe, to resume it, or another --run_dir (changes "
                         "to its ",
                         kRecipeName, ": ", differences, ")"));
}

absl::Status TrainingRun::OpenLogs() {
  const int64_t step = resumed_from_.empty() ? -1 : trainer_->step();
  LENSLET_ASSIGN_OR_RETURN(
      history_,
      HistoryWriter::Create(options_.run_dir, step,
                            {.kind = data_->train.examples->target().kind,
                             .classes = Classes(),
                             .gradient_norm = recipe_.record_gradient_norm()}));
  LENSLET_ASSIGN_OR_RETURN(notes_, RunNotes::Open(options_.run_dir, step));
  if (!stopped_early()) {
    LENSLET_RETURN_IF_ERROR(notes_.Remove(kStoppedEarlyId));
  }
  // Each session has its own file; without training it would be empty.
  if (!IsDone()) {
    LENSLET_ASSIGN_OR_RETURN(events_,
                             EventFileWriter::Create(options_.run_dir, step));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<MetricsRecord> records,
                           ReadHistory(folder_->File(kMetricsJsonName)));
  if (!records.empty()) {
    last_record_ = records.back();
    seconds_ = seconds_at_record_ = last_record_.seconds;
  }
  return absl::OkStatus();
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
  if (!started_layers_.empty()) {
    LENSLET_RETURN_IF_ERROR(
        notes_.Add({.step = step(),
                    .id = "start_from",
                    .text = absl::StrCat("started from ", recipe_.start_from(),
                                         ": ", StartText(started_layers_))}));
    LENSLET_RETURN_IF_ERROR(Warn(
        WarnOfLittleStart(started_layers_, recipe_.start_from()), nullptr));
    LENSLET_RETURN_IF_ERROR(
        Warn(WarnOfOtherClasses(recipe_.start_from(), started_classes_,
                                data_->train.target_names),
             nullptr));
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

absl::Status TrainingRun::Log(MetricsRecord record) {
  const double seconds = seconds_ - seconds_at_record_;
  record.step = step();
  record.epoch = static_cast<double>(step()) / steps_per_epoch_;
  record.learning_rate = last_record_.learning_rate;
  if (norm_steps_ > 0) record.gradient_norm = norm_sum_ / norm_steps_;
  norm_sum_ = 0;
  norm_steps_ = 0;
  record.seconds = seconds_;
  // Both of this session: since_record_ has an earlier one's examples, too.
  const int64_t examples = session_examples_ - session_examples_at_record_;
  record.examples_per_second = seconds > 0 ? examples / seconds : 0;
  last_record_ = record;
  seconds_at_record_ = seconds_;
  session_examples_at_record_ = session_examples_;
  since_record_ = {};
  if (folder_ == nullptr) return absl::OkStatus();
  LENSLET_RETURN_IF_ERROR(history_->Append(record));
  return events_->Append(record);
}

absl::Status TrainingRun::Save(bool is_best) {
  if (folder_ == nullptr && options_.output.empty()) return absl::OkStatus();
  const CheckpointProto checkpoint = MakeCheckpoint();
  if (folder_ != nullptr) {
    // The records up to the checkpoint's step are not written again.
    LENSLET_RETURN_IF_ERROR(history_->Sync());
    LENSLET_RETURN_IF_ERROR(events_->Sync());
    LENSLET_RETURN_IF_ERROR(folder_->Save(checkpoint, is_best, Keep(recipe_)));
  }
  if (options_.output.empty()) return absl::OkStatus();
  return SaveCheckpoint(options_.output, checkpoint);
}

absl::Status TrainingRun::WriteOutput() const {
  if (options_.output.empty()) return absl::OkStatus();
  return SaveCheckpoint(options_.output, MakeCheckpoint());
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
