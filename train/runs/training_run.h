// A whole training run as described by a recipe, from the data to the last
// checkpoint. It can resume from its folder. The recipe names its model and its
// data, or a program has both in memory.
//
// With a folder, the run saves a checkpoint after each epoch, and more often if
// the recipe says so. A new run with the same recipe and folder resumes from
// the newest checkpoint. On CPUs with AVX2, AVX-512 or NEON, the result is
// bit-identical to an uninterrupted run.

#ifndef LENSLET_TRAIN_RUNS_TRAINING_RUN_H_
#define LENSLET_TRAIN_RUNS_TRAINING_RUN_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/sampling.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/train/early_stopping.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/health_check.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/reduce_on_plateau.h"
#include "lenslet/train/runs/event_file.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_data.h"
#include "lenslet/train/runs/run_directory.h"
#include "lenslet/train/runs/run_notes.h"
#include "lenslet/train/runs/start_from.h"
#include "lenslet/train/trainer.h"
#include "lenslet/train/warnings.h"

namespace lenslet {

struct TrainingRunOptions {
  // The kinds of data that the recipe may name (data/all_sources.h). Not for
  // data in memory.
  absl::Span<const DataSource> data_sources = {};
  int threads = 1;           // At least 1. The result does not depend on it.
  std::string run_dir = {};  // "": saves nothing.
  // A checkpoint file to write after each epoch, and also if no training is
  // left to do. "": none.
  std::string output = {};
  std::string argv0 = {};  // The program's own name, for finding data.
  // As in LoadDataOptions (data/load_data.h). Default: a folder in the run's.
  std::function<void(int64_t done, int64_t total)> data_progress = {};
  std::string image_cache = {};
  // Loads what the recipe's start_from names.
  CheckpointLoader load_start = LoadCheckpoint;
};

struct RunProgress {
  int64_t epoch = 0;          // The current one, from 0.
  int64_t step_in_epoch = 0;  // Steps done in this epoch.
  int64_t steps_per_epoch = 0;
  int64_t step = 0;  // Steps done in total.
  int64_t total_steps = 0;
  Metrics so_far;                  // Of the current epoch.
  double examples_per_second = 0;  // Of this session.
  double seconds_left = 0;  // Estimated from the speed, without evaluations.
};

// Receives the progress of a run, in the thread that calls Run().
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  // Called after each step.
  virtual void OnStep(const RunProgress& /*progress*/) {}
  // Called after each epoch, and after the last step if that does not end an
  // epoch.
  virtual void OnEpoch(const RunProgress& /*progress*/,
                       const MetricsRecord& /*record*/) {}
  // Called once for each warning of the training, before OnEpoch().
  virtual void OnWarning(const std::string& /*text*/) {}
  // The same for notes, which may well be no mistakes.
  virtual void OnNote(const std::string& /*text*/) {}
  // Called after each step. Returns whether to save and stop.
  virtual bool StopRequested() { return false; }
};

// A network and data that a program has in memory. All must outlive the run and
// may not move.
struct InMemoryRun {
  const Graph& graph;
  // The graph's model, for checkpoints. Unused without a folder and an output.
  const ModelProto& model;
  // Those to start with. The run trains them in place.
  Parameters& parameters;
  RunData data;
};

// Not thread-safe.
class TrainingRun {
 public:
  // Loads the data and the model, and resumes from the folder's newest
  // checkpoint if there is one. The recipe's paths must be absolute
  // (MakePathsAbsolute()). Errors: of the recipe (CheckRecipe()), its model
  // (LoadRecipeModel()), the data (LoadData()), the folder
  // (RunDirectory::Open() and LoadNewest()); FailedPrecondition, naming the
  // field, if the folder has a run of a different recipe. Only `epochs` or
  // `steps`, early_stopping, what is to be saved, and the place of the data may
  // differ. In another place, the data must have the same contents, by the
  // digests in the checkpoint.
  static absl::StatusOr<std::unique_ptr<TrainingRun>> Create(
      const RecipeProto& recipe, const TrainingRunOptions& options);

  // The same for a network and data in memory. `recipe` has no model, data and
  // start_from (MakeRecipe()). The run sets them: it writes the model and the
  // parameters that it starts with to its folder, and describes the data. On
  // resume, the parameters must be those that the run started with, or those of
  // the newest checkpoint. Errors: as Create() and CheckRunData();
  // FailedPrecondition, naming the parameter, for other parameters.
  static absl::StatusOr<std::unique_ptr<TrainingRun>> CreateInMemory(
      const RecipeProto& recipe, const InMemoryRun& in_memory,
      const TrainingRunOptions& options);

  // Warns of what a program found before the first step, unless the run has
  // warned of it before. A warning is then in warnings(), and either in
  // notes(). Errors: of writing the notes.
  absl::Status AddWarning(const TrainingWarning& warning) {
    return Warn(warning, nullptr);
  }

  // Trains to the end, or until early stopping ends the run, and returns true.
  // If the observer requests to stop, saves everything and returns false.
  // Errors: as Trainer::Step() and Evaluator::Evaluate(), and those of writing
  // files. Existing checkpoints stay.
  absl::StatusOr<bool> Run(RunObserver& observer);

  // The recipe with resolved defaults: absolute paths of model and data, and
  // the numbers of the normalization.
  const RecipeProto& recipe() const { return recipe_; }
  const Graph& graph() const { return *graph_; }
  const RunData& data() const { return *data_; }
  const Trainer& trainer() const { return *trainer_; }
  // For steps outside Run(). The run does not record them.
  Trainer& trainer() { return *trainer_; }
  Evaluator& evaluator() { return *evaluator_; }

  // The checkpoint that the run resumed from; "" if none.
  const std::string& resumed_from() const { return resumed_from_; }
  // Warnings about unusable checkpoints, and those of the recipe and the data
  // that the run has not given before.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // All that the run has to say (train/runs/run_notes.h), of all its sessions.
  const std::vector<RunNote>& notes() const { return notes_.notes(); }

  int64_t step() const { return trainer_->step(); }
  int64_t total_steps() const { return total_steps_; }
  int64_t steps_per_epoch() const { return steps_per_epoch_; }
  // Whether early stopping has ended the run. Run() then trains nothing.
  bool stopped_early() const {
    return early_stopping_.has_value() && early_stopping_->stopped();
  }
  // Why: "stopped early after epoch 7: validation_loss has not improved for 3
  // epochs since 0.41 after epoch 4". "" otherwise.
  std::string StoppedText() const;
  // The metrics by which best.ckpt is chosen and early stopping judges.
  const Metric& best_metric() const { return *best_metric_; }

  // Training time of all sessions, without loading and evaluation.
  double seconds() const { return seconds_; }
  // Training speed in this session.
  double examples_per_second() const;

  // The last record, for the metrics of the validation and test sets.
  const MetricsRecord& last_record() const { return last_record_; }

  // Makes a checkpoint of the current state, to use, save or report.
  CheckpointProto MakeCheckpoint() const;

 private:
  // Too few steps say nothing of a training.
  static constexpr int64_t kStepsBeforeWarnings = 50;
  // Of the note that tells why a run ended.
  static constexpr char kStoppedEarlyId[] = "stopped_early";

  TrainingRun(const RecipeProto& recipe, const TrainingRunOptions& options)
      : recipe_(recipe), options_(options) {}

  absl::Status LoadModelAndData();
  LoadDataOptions DataOptions() const;
  // Loads the checkpoint that the recipe starts from, unless the run resumes,
  // and takes its normalization.
  absl::Status LoadStart();
  // Sets the parameters that the recipe starts with.
  absl::Status MakeParameters();
  // What comes after model, data and parameters.
  absl::Status Prepare();
  // Keeps the normalization that the run was trained with. Changed data, which
  // the recipe may allow, would yield a different one.
  absl::Status KeepNormalization();
  absl::Status MakeTrainer();
  absl::Status MakeSampler();
  // What judges epochs.
  absl::Status MakeJudges();
  absl::Status OpenFolder();
  // Writes kModelName and kStartName.
  absl::Status WriteStart() const;
  // For a run in memory; `newest` is the checkpoint to resume from.
  absl::Status CheckSameStart(const CheckpointProto& newest) const;
  // "modified: batch_size: 256 -> 128", ...
  static std::vector<std::string> Differences(
      const google::protobuf::Message& before,
      const google::protobuf::Message& now, absl::Span<const int> ignored = {});
  absl::Status CheckSameRecipe(const RecipeProto& before);
  absl::Status CheckSameModel(const CheckpointProto& checkpoint) const;
  absl::Status CheckSameData(const CheckpointProto& checkpoint) const;
  absl::Status Resume(const CheckpointProto& checkpoint);
  absl::Status ResumeJudges(const TrainingStateProto& state);
  // The schedule of a finished run that is made longer.
  absl::Status ExtendSchedule();
  absl::Status OpenLogs();
  // Gives a warning or a note, unless the run has given it before. Without an
  // observer, warnings go to warnings(), and notes only to notes().
  absl::Status Warn(const std::optional<TrainingWarning>& warning,
                    RunObserver* observer);
  // Warns of what is known before the first step.
  absl::Status WarnAtStart();
  // Warns if the metric that `field` names is undefined after this epoch.
  absl::Status WarnOfUndefined(absl::string_view field, const Metric& metric,
                               absl::string_view consequence,
                               const MetricsRecord& record,
                               RunObserver& observer);
  // Whether there is a health check: makes it the first time.
  bool MakeHealthCheck();
  // The loss of its examples, for losses that have one of guessing
  // (LossOfGuessing()).
  std::optional<double> LossOfFew();
  // WhyUndefined() (train/warnings.h) of a metric of this run.
  std::string WhyUndefinedHere(const Metric& metric) const;
  // Warns of what shows after an epoch.
  absl::Status WarnAfterEpoch(const MetricsRecord& record,
                              RunObserver& observer);
  absl::Status Log(MetricsRecord record);
  // Measures, logs and saves at the end of an epoch or of the run.
  absl::Status EndEpoch(RunObserver& observer, bool whole);
  absl::Status Save(bool is_best);
  absl::Status WriteOutput() const;
  RunProgress Progress() const;
  // Of labels and values, their number.
  int64_t Classes() const {
    return static_cast<int64_t>(data_->train.target_names.size());
  }
  bool IsDone() const { return step() >= total_steps_ || stopped_early(); }
  // Whether CreateInMemory() made it; LoadData() rejects such recipes.
  bool IsInMemory() const { return recipe_.data().has_in_memory(); }
  // The examples of the current epoch.
  std::vector<int64_t> EpochOrder() const;
  int64_t EpochOfStep() const { return trainer_->step() / steps_per_epoch_; }

  RecipeProto recipe_;
  const TrainingRunOptions options_;
  ModelProto model_;
  std::optional<Graph> graph_;
  std::optional<LoadedData> loaded_;  // Not in memory.
  std::optional<RunData> data_;
  DataDigestProto digest_;
  bool data_moved_ = false;               // Since the last session.
  std::optional<CheckpointProto> start_;  // Until MakeParameters().
  std::vector<StartedLayer> started_layers_;
  std::vector<TrainingWarning> start_warnings_;
  std::optional<Parameters> own_parameters_;  // Not in memory.
  Parameters* parameters_ = nullptr;
  std::unique_ptr<Trainer> trainer_;
  std::unique_ptr<Evaluator> evaluator_;
  std::optional<Sampler> sampler_;
  std::optional<ReduceOnPlateau> plateau_;
  const Metric* best_metric_ = nullptr;
  const Metric* stopping_metric_ = nullptr;
  std::optional<EarlyStopping> early_stopping_;
  std::unique_ptr<RunDirectory> folder_;
  std::optional<HistoryWriter> history_;
  std::optional<EventFileWriter> events_;
  std::string resumed_from_;
  std::vector<std::string> warnings_;
  RunNotes notes_;
  std::optional<HealthCheck> health_check_;  // From the first time on.
  Health health_;                            // After the last epoch.
  LossSpec loss_;
  int64_t steps_per_epoch_ = 0;
  int64_t total_steps_ = 0;
  int64_t finished_steps_ = 0;  // As in TrainingStateProto.
  Metrics epoch_so_far_;
  Metrics since_record_;
  LossCourse loss_course_;  // Before the epoch ends.
  double norm_sum_ = 0;     // Of the gradients since the last record.
  int64_t norm_steps_ = 0;
  std::optional<BestProto> best_;
  MetricsRecord last_record_;
  double seconds_ = 0;
  double session_seconds_ = 0;
  int64_t session_examples_ = 0;
  double seconds_at_record_ = 0;
  int64_t session_examples_at_record_ = 0;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_TRAINING_RUN_H_
