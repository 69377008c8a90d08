// A whole training run: what a recipe says, from the data to the last
// checkpoint, in a folder that it can go on from.
//
// With a folder, the run saves a checkpoint after each epoch, and more often if
// the recipe says so. A run that is made anew with the same recipe and folder
// goes on from the newest one, and ends with the same bits as one that was
// never stopped, on the same type of CPU.

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
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/load_data.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/reduce_on_plateau.h"
#include "lenslet/train/runs/event_file.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_directory.h"
#include "lenslet/train/trainer.h"

namespace lenslet {

struct TrainingRunOptions {
  // The kinds of data that the recipe may name: data/all_sources.h.
  absl::Span<const DataSource> data_sources;
  int threads = 1;      // At least 1. The result does not depend on it.
  std::string run_dir;  // "": nothing is kept.
  // A checkpoint file to write after each epoch, and if there is nothing left
  // to train; or "".
  std::string output;
  std::string argv0;  // The program's own name, to find data with.
};

struct RunProgress {
  int64_t epoch = 0;          // The present one, from 0.
  int64_t step_in_epoch = 0;  // Steps of it that are done.
  int64_t steps_per_epoch = 0;
  int64_t step = 0;  // Of all that are done.
  int64_t total_steps = 0;
  Metrics so_far;                  // Of the present epoch.
  double examples_per_second = 0;  // Of this session.
  double seconds_left = 0;         // By that, without evaluations.
};

// What a run tells while it goes on, in the thread that runs it.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  // After each step.
  virtual void OnStep(const RunProgress& /*progress*/) {}
  // After each epoch, and after the last step if that does not end one.
  virtual void OnEpoch(const RunProgress& /*progress*/,
                       const MetricsRecord& /*record*/) {}
  // Asked after each step: whether to save and return.
  virtual bool StopRequested() { return false; }
};

// One thread at a time.
class TrainingRun {
 public:
  // Loads data and model, and goes on from the newest checkpoint in the folder
  // if there is one. The recipe's paths are absolute (MakePathsAbsolute()).
  // Errors: of the recipe (CheckRecipe()), its model (LoadRecipeModel()), the
  // data (LoadData()), the folder (RunDirectory::Open() and LoadNewest());
  // FailedPrecondition, naming the field, if the folder has a run of another
  // recipe. Only epochs, steps and what is to be saved may differ.
  static absl::StatusOr<std::unique_ptr<TrainingRun>> Create(
      const RecipeProto& recipe, const TrainingRunOptions& options);

  // Trains to the end, or until the observer wants to stop: then everything is
  // saved, and it returns false. Errors: Trainer::Step()'s,
  // Evaluator::Evaluate()'s and those of writing; checkpoints that are there
  // stay.
  absl::StatusOr<bool> Run(RunObserver& observer);

  // The recipe with its defaults as they were found: model and data as absolute
  // paths, normalization as numbers.
  const RecipeProto& recipe() const { return recipe_; }
  const Graph& graph() const { return *graph_; }
  const LoadedData& data() const { return data_; }
  const Trainer& trainer() const { return *trainer_; }
  // For steps beside Run(), of which the run itself knows nothing.
  Trainer& trainer() { return *trainer_; }
  Evaluator& evaluator() { return *evaluator_; }

  // The checkpoint that the run went on from; "" if it began anew.
  const std::string& resumed_from() const { return resumed_from_; }
  // About checkpoints that could not be used.
  const std::vector<std::string>& warnings() const { return warnings_; }

  int64_t step() const { return trainer_->step(); }
  int64_t total_steps() const { return total_steps_; }
  int64_t steps_per_epoch() const { return steps_per_epoch_; }
  // Of training, of all sessions; without loading and evaluating.
  double seconds() const { return seconds_; }
  // Examples trained in this session, for its seconds.
  double examples_per_second() const;

  // What the last record says of the data that is not trained on.
  const MetricsRecord& last_record() const { return last_record_; }

  // To use, to save and to report.
  CheckpointProto MakeCheckpoint() const;

 private:
  TrainingRun(const RecipeProto& recipe, const TrainingRunOptions& options)
      : recipe_(recipe), options_(options) {}

  absl::Status LoadModelAndData();
  // Changed data would have another normalization: a run that may resume with
  // them keeps what it was trained with.
  absl::Status KeepNormalization();
  absl::Status MakeTrainer();
  // Whether all that the run will need fits together: base/memory.h.
  absl::Status CheckMemoryNeeds(const TrainerOptions& training,
                                const EvaluatorOptions& evaluation) const;
  absl::Status OpenFolder();
  absl::Status CheckSameRecipe(const RecipeProto& before) const;
  absl::Status CheckSameData(const TrainingStateProto& state) const;
  absl::Status Resume(const CheckpointProto& checkpoint);
  absl::Status OpenLogs();
  absl::Status Log(MetricsRecord record);
  // Measures, logs and saves at the end of an epoch or of the run.
  absl::Status EndEpoch(RunObserver& observer, bool whole);
  absl::Status Save(bool is_best);
  absl::Status WriteOutput() const;
  RunProgress Progress() const;
  int64_t EpochOfStep() const { return trainer_->step() / steps_per_epoch_; }

  RecipeProto recipe_;
  const TrainingRunOptions options_;
  ModelProto model_;
  std::optional<Graph> graph_;
  LoadedData data_;
  DataDigestProto digest_;
  std::optional<Parameters> parameters_;
  std::unique_ptr<Trainer> trainer_;
  std::unique_ptr<Evaluator> evaluator_;
  std::optional<ReduceOnPlateau> plateau_;
  std::unique_ptr<RunDirectory> folder_;
  std::optional<HistoryWriter> history_;
  std::optional<EventFileWriter> events_;
  std::string resumed_from_;
  std::vector<std::string> warnings_;
  int64_t steps_per_epoch_ = 0;
  int64_t total_steps_ = 0;
  Metrics epoch_so_far_;
  Metrics since_record_;
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
