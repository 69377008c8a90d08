#include "lenslet/train.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/trainer.h"

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

}  // namespace

absl::StatusOr<Metrics> Train(Network& network, const Dataset& data,
                              const TrainOptions& options) {
  if (options.epochs < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("epochs is ", options.epochs, "; expected at least 1"));
  }
  if (options.threads < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads is ", options.threads, "; expected at least 0"));
  }
  if (options.schedule.base_rate != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("schedule.base_rate is ", options.schedule.base_rate,
                     "; expected 0; set learning_rate instead"));
  }
  ScheduleSpec schedule = options.schedule;
  schedule.base_rate = options.learning_rate;
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Trainer> trainer,
      Trainer::Create(network.graph(), data, network.mutable_parameters(),
                      {.threads = Threads(options.threads),
                       .batch_size = options.batch_size,
                       .schedule = schedule,
                       .optimizer = options.optimizer,
                       .loss = options.loss,
                       .augmentation = options.augmentation,
                       .seed = options.seed}));
  LENSLET_RETURN_IF_ERROR(network.SetNormalization(data.normalization));
  LENSLET_RETURN_IF_ERROR(network.SetClassNames(data.class_names));

  EpochResult result = {.epochs = options.epochs, .network = &network};
  for (int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    network.mutable_parameters();  // Drops the predictor of the last epoch.
    LENSLET_ASSIGN_OR_RETURN(result.train,
                             trainer->TrainEpoch(epoch, [](const Metrics&) {}));
    const std::chrono::duration<double> seconds =
        std::chrono::steady_clock::now() - start;
    result.epoch = epoch + 1;
    result.seconds += seconds.count();
    if (options.on_epoch) options.on_epoch(result);
  }
  return result.train;
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

std::function<void(const EpochResult&)> PrintTo(std::ostream& out,
                                                const Dataset& test) {
  return [&out, &test](const EpochResult& result) {
    out << absl::StrFormat("epoch %d/%d  train loss %.3f  train acc %.3f",
                           result.epoch, result.epochs, result.train.loss(),
                           result.train.accuracy());
    const absl::StatusOr<ClassificationReport> report =
        Evaluate(*result.network, test);
    if (report.ok()) {
      out << absl::StrFormat("  test acc %.3f\n", report->accuracy);
    } else {
      out << "  test: " << report.status().message() << "\n";
    }
    out.flush();
  };
}

}  // namespace lenslet
