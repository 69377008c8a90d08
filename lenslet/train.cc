#include "lenslet/train.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/recipe/make_recipe.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {
namespace {

// A number of threads as options state it.
int Threads(int threads) {
  return threads != 0 ? threads
                      : static_cast<int>(
                            std::max(1u, std::thread::hardware_concurrency()));
}

bool Same(const Normalization& a, const Normalization& b) {
  return a.mean == b.mean && a.deviation == b.deviation;
}

// The recipe of the options, without model and data.
absl::StatusOr<RecipeProto> RecipeOf(const TrainOptions& options) {
  if (options.threads < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads is ", options.threads, "; expected at least 0"));
  }
  if (!(options.learning_rate > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("learning_rate is ", options.learning_rate,
                     "; expected a positive number"));
  }
  if (options.schedule.base_rate != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("schedule.base_rate is ", options.schedule.base_rate,
                     "; expected 0; set learning_rate instead"));
  }
  if (options.keep_checkpoints < 1) {
    return absl::InvalidArgumentError(absl::StrCat("keep_checkpoints is ",
                                                   options.keep_checkpoints,
                                                   "; expected at least 1"));
  }
  ScheduleSpec schedule = options.schedule;
  schedule.base_rate = options.learning_rate;
  LENSLET_ASSIGN_OR_RETURN(RecipeProto recipe,
                           MakeRecipe({.epochs = options.epochs,
                                       .batch_size = options.batch_size,
                                       .schedule = schedule,
                                       .optimizer = options.optimizer,
                                       .loss = options.loss,
                                       .augmentation = options.augmentation,
                                       .seed = options.seed}));
  recipe.mutable_save()->set_every_steps(options.save_every_steps);
  recipe.mutable_save()->set_keep(options.keep_checkpoints);
  return recipe;
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
    if (!options_.on_epoch) return;
    // Drops a predictor of earlier parameters, and below the one that on_epoch
    // may have made.
    network_.mutable_parameters();
    options_.on_epoch({.epoch = progress.epoch + 1,
                       .epochs = options_.epochs,
                       .train = progress.so_far,
                       .record = record,
                       .seconds = run_.seconds(),
                       .network = &network_});
    network_.mutable_parameters();
  }

  bool StopRequested() override {
    return options_.stop_requested && options_.stop_requested();
  }

  // The metrics of the last epoch, in this session or before.
  Metrics last() const {
    if (last_.examples > 0) return last_;
    const MetricsRecord& record = run_.last_record();
    if (!record.train_loss || !record.train_accuracy) return {};
    const int64_t examples = run_.data().train.size();
    return {.examples = examples,
            .loss_sum = *record.train_loss * examples,
            .correct = std::llround(*record.train_accuracy * examples)};
  }

 private:
  const TrainOptions& options_;
  const TrainingRun& run_;
  Network& network_;
  Metrics last_;
};

// "epoch 1/20  train loss 0.693  train acc 0.512", without a line's end.
std::string TrainingText(const EpochResult& result) {
  return absl::StrFormat("epoch %d/%d  train loss %.3f  train acc %.3f",
                         result.epoch, result.epochs, result.train.loss(),
                         result.train.accuracy());
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
  LENSLET_RETURN_IF_ERROR(network.SetClassNames(data.class_names));
  if (options.on_warning) {
    for (const std::string& warning : run->warnings()) {
      options.on_warning(warning);
    }
  }
  EpochObserver observer(options, *run, network);
  LENSLET_ASSIGN_OR_RETURN(const bool finished, run->Run(observer));
  if (finished) return observer.last();
  return absl::CancelledError(absl::StrCat(
      "stopped after ", run->step(), " of ", run->total_steps(), " steps",
      options.run_dir.empty() ? ""
                              : absl::StrCat("; saved in ", options.run_dir,
                                             "; the same call resumes")));
}

absl::StatusOr<ClassificationReport> Evaluate(const Network& network,
                                              const Dataset& data,
                                              const EvaluateOptions& options) {
  if (!Same(data.normalization, network.normalization())) {
    return absl::InvalidArgumentError(
        "the data's normalization is not that of the network; expected the one "
        "that the network was trained with, network.normalization()");
  }
  if (data.class_names != network.class_names()) {
    return absl::InvalidArgumentError(
        "the data's class names are not those of the network, in the same "
        "order; expected network.class_names()");
  }
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Evaluator> evaluator,
      Evaluator::Create(network.graph(), network.parameters(),
                        {.threads = Threads(options.threads)}));
  LENSLET_ASSIGN_OR_RETURN(const Tensor probabilities,
                           evaluator->Probabilities(data));
  const absl::Span<const uint8_t> labels = data.labels.span<uint8_t>();
  return MakeClassificationReport(
      probabilities, std::vector<int32_t>(labels.begin(), labels.end()),
      data.class_names, options.report);
}

std::function<void(const EpochResult&)> PrintTo(std::ostream& out) {
  return [&out](const EpochResult& result) {
    out << TrainingText(result);
    for (const Metric& metric : kMetrics) {
      const std::optional<double> value = result.record.*metric.value;
      if (metric.split != MetricSplit::kTrain && metric.each_epoch && value) {
        out << absl::StrFormat("  %s %.3f", metric.short_name(), *value);
      }
    }
    out << std::endl;
  };
}

std::function<void(const EpochResult&)> PrintTo(std::ostream& out,
                                                const Dataset& test) {
  return [&out, &test](const EpochResult& result) {
    out << TrainingText(result);
    const absl::StatusOr<ClassificationReport> report =
        Evaluate(*result.network, test);
    if (report.ok()) {
      out << absl::StrFormat("  test acc %.3f", report->accuracy);
    } else {
      out << "  test: " << report.status().message();
    }
    out << std::endl;
  };
}

}  // namespace lenslet
