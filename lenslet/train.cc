#include "lenslet/train.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/train/check_fit.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/recipe/make_recipe.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/runs/metrics_record.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {
namespace {

// A number of threads as options state it.
int Threads(int threads) { return threads != 0 ? threads : CpuThreads(); }

// The recipe of the options, without model and data.
absl::StatusOr<RecipeProto> RecipeOf(const TrainOptions& options) {
  if (options.threads < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads is ", options.threads, "; expected at least 0"));
  }
  if (options.keep_checkpoints < 1) {
    return absl::InvalidArgumentError(absl::StrCat("keep_checkpoints is ",
                                                   options.keep_checkpoints,
                                                   "; expected at least 1"));
  }
  LENSLET_ASSIGN_OR_RETURN(
      RecipeProto recipe,
      MakeRecipe({.epochs = options.epochs,
                  .batch_size = options.batch_size,
                  .learning_rate = options.learning_rate,
                  .schedule = options.schedule,
                  .schedule_in_steps = options.schedule_in_steps,
                  .optimizer = options.optimizer,
                  .loss = options.loss,
                  .clip_norm = options.clip_norm,
                  .average_decay = options.average_decay,
                  .decay_all = options.decay_all,
                  .block = options.block,
                  .augmentation = options.augmentation,
                  .seed = options.seed}));
  recipe.mutable_save()->set_every_steps(options.save_every_steps);
  recipe.mutable_save()->set_keep(options.keep_checkpoints);
  recipe.mutable_save()->set_best_by(options.best_by);
  if (options.early_stopping_patience < 0) {
    return BadValue("early_stopping_patience", options.early_stopping_patience,
                    "at least 0");
  }
  if (options.early_stopping_patience > 0) {
    EarlyStoppingProto& stopping = *recipe.mutable_early_stopping();
    stopping.set_patience(options.early_stopping_patience);
    stopping.set_min_change(options.early_stopping_min_change);
  }
  return recipe;
}

// Gives the network the averages of its parameters, if the run makes them.
void UseAverages(const TrainingRun& run, Network& network) {
  const Parameters& averages = run.trainer().averages();
  Parameters& parameters = network.mutable_parameters();
  if (&averages == &parameters) return;
  std::copy(averages.array().begin(), averages.array().end(),
            parameters.array().begin());
}

// Passes a run's progress on to the options' functions.
class EpochObserver : public RunObserver {
 public:
  // All must outlive the observer.
  EpochObserver(const TrainOptions& options, const TrainingRun& run,
                Network& network)
      : options_(options), run_(run), network_(network) {}

  void OnEpoch(const RunProgress& progress,
               const MetricsRecord& record) override {
    last_ = progress.so_far;
    Call({.epoch = progress.epoch + 1, .train = last_, .record = record});
  }

  // For a run that has nothing left to train.
  void OnFinishedBefore() {
    Call({.epoch = std::llround(run_.last_record().epoch),
          .train = last(),
          .record = run_.last_record(),
          .trained_before = true});
  }

  void OnWarning(const std::string& text) override {
    if (options_.on_warning) options_.on_warning(text);
  }

  bool StopRequested() override {
    return options_.stop_requested && options_.stop_requested();
  }

  // The metrics of the last epoch, in this session or before.
  Metrics last() const {
    if (last_.examples > 0) return last_;
    const MetricsRecord& record = run_.last_record();
    if (!record.train_loss) return {};
    const int64_t examples = run_.data().train.size();
    Metrics metrics = {.examples = examples,
                       .loss_sum = *record.train_loss * examples};
    if (record.train_accuracy) {
      metrics.predictions = examples;
      metrics.correct = std::llround(*record.train_accuracy * examples);
    }
    return metrics;
  }

 private:
  void Call(EpochResult result) {
    // Drops a predictor of earlier parameters, and below the one that on_epoch
    // may have made.
    network_.mutable_parameters();
    if (!options_.on_epoch) return;
    const std::vector<float> last(network_.parameters().array().begin(),
                                  network_.parameters().array().end());
    UseAverages(run_, network_);
    result.epochs = options_.epochs;
    result.seconds = run_.seconds();
    result.network = &network_;
    options_.on_epoch(result);
    std::copy(last.begin(), last.end(),
              network_.mutable_parameters().array().begin());
  }

  const TrainOptions& options_;
  const TrainingRun& run_;
  Network& network_;
  Metrics last_;
};

// Labels and values need no names.
absl::Status CheckSameNames(const std::vector<std::string>& of_data,
                            const std::vector<std::string>& of_network) {
  const size_t count = std::min(of_data.size(), of_network.size());
  for (size_t i = 0; i < count; ++i) {
    if (of_data[i] == of_network[i]) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "class ", i, " is \"", Printable(of_data[i]), "\" in the data but \"",
        Printable(of_network[i]),
        "\" in the network; Train() or SetClassNames(data.target_names) sets "
        "them"));
  }
  return absl::OkStatus();
}

// For a data set whose classes and normalization are the network's.
absl::StatusOr<std::unique_ptr<Evaluator>> EvaluatorFor(const Network& network,
                                                        const Dataset& data,
                                                        int threads) {
  LENSLET_RETURN_IF_ERROR(CheckFit(network.graph(), data));
  const TargetKind kind = data.examples->target().kind;
  if (kind != network.targets().kind) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the data's targets are ", Name(kind), ", but the network outputs ",
        Name(network.targets().kind), "; Train() or SetTargets() sets them"));
  }
  LENSLET_RETURN_IF_ERROR(
      CheckSameNames(data.target_names, network.targets().names));
  if (data.normalization != network.normalization()) {
    return absl::InvalidArgumentError(
        "the data's normalization is not that of the network; expected the one "
        "that the network was trained with, network.normalization()");
  }
  return Evaluator::Create(network.graph(), network.parameters(),
                           {.threads = Threads(threads),
                            .loss = {.kind = DefaultLoss(kind)},
                            .target = kind});
}

void PrintTrainedBefore(const EpochResult& result, std::ostream& out) {
  if (result.trained_before) out << "the run was finished before:\n";
}

}  // namespace

absl::StatusOr<Metrics> Train(Network& network, const Dataset& data,
                              const TrainOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const RecipeProto recipe, RecipeOf(options));
  absl::StatusOr<ModelProto> model = ModelProto();
  if (!options.run_dir.empty()) model = network.Model();
  LENSLET_RETURN_IF_ERROR(model.status());
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<TrainingRun> run,
      TrainingRun::CreateInMemory(
          recipe,
          {.graph = network.graph(),
           .model = *model,
           .parameters = network.mutable_parameters(),
           .data = {options.data_name, data, options.validation, options.test}},
          {.threads = Threads(options.threads), .run_dir = options.run_dir}));
  LENSLET_RETURN_IF_ERROR(network.SetNormalization(data.normalization));
  LENSLET_RETURN_IF_ERROR(network.SetTargets(
      {.kind = data.examples->target().kind, .names = data.target_names}));
  network.SetTrainedInputs(TrainedInputsOf(data));
  if (options.on_warning) {
    for (const std::string& warning : run->warnings()) {
      options.on_warning(warning);
    }
  }
  EpochObserver observer(options, *run, network);
  if (run->step() == run->total_steps() || run->stopped_early()) {
    observer.OnFinishedBefore();
  }
  LENSLET_ASSIGN_OR_RETURN(const bool finished, run->Run(observer));
  UseAverages(*run, network);
  if (finished) return observer.last();
  return absl::CancelledError(absl::StrCat(
      "stopped after ", run->step(), " of ", run->total_steps(), " steps",
      options.run_dir.empty() ? ""
                              : absl::StrCat("; saved in ", options.run_dir,
                                             "; the same call resumes")));
}

absl::StatusOr<Metrics> Measure(const Network& network, const Dataset& data,
                                int threads) {
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Evaluator> evaluator,
                           EvaluatorFor(network, data, threads));
  return evaluator->Evaluate(data);
}

absl::StatusOr<ClassificationReport> Evaluate(const Network& network,
                                              const Dataset& data,
                                              const EvaluateOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Evaluator> evaluator,
                           EvaluatorFor(network, data, options.threads));
  LENSLET_ASSIGN_OR_RETURN(const Tensor probabilities,
                           evaluator->Probabilities(data));
  return MakeClassificationReport(probabilities, data, options.report);
}

std::function<void(const EpochResult&)> PrintTo(std::ostream& out) {
  return [&out](const EpochResult& result) {
    PrintTrainedBefore(result, out);
    out << EpochLine(result.record, result.epoch, result.epochs) << std::endl;
  };
}

std::function<void(const EpochResult&)> PrintTo(std::ostream& out,
                                                const Dataset& test) {
  return [&out, &test](const EpochResult& result) {
    const absl::StatusOr<Metrics> metrics = Measure(*result.network, test);
    MetricsRecord record = result.record;
    if (metrics.ok()) SetMetrics(MetricSplit::kTest, *metrics, record);
    PrintTrainedBefore(result, out);
    out << EpochLine(record, result.epoch, result.epochs);
    if (!metrics.ok()) out << "  test: " << metrics.status().message();
    out << std::endl;
  };
}

}  // namespace lenslet
