#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/denormals.h"
#include "base/status_macros.h"
#include "data/batches.h"
#include "train/classifier.h"

namespace lenslet {
namespace {

absl::Status CheckOptions(const TrainerOptions& options) {
  if (options.threads < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "threads are ", options.threads, ", at least 1 is needed"));
  }
  if (options.batch_size < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "batch size is ", options.batch_size, ", at least 1 is needed"));
  }
  if (options.block < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("block is ", options.block, ", at least 1 is needed"));
  }
  if (!std::isfinite(options.learning_rate) || options.learning_rate <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("learning rate is ", options.learning_rate,
                     ", a positive number is needed"));
  }
  return absl::OkStatus();
}

}  // namespace

Trainer::Trainer(const Dataset& dataset, Parameters& parameters,
                 const TrainerOptions& options)
    : dataset_(dataset),
      parameters_(parameters),
      options_(options),
      optimizer_(options.learning_rate),
      pool_(options.threads) {}

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Create(
    const Graph& graph, const Dataset& dataset, Parameters& parameters,
    const TrainerOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckOptions(options));
  LENSLET_RETURN_IF_ERROR(CheckClassifier(graph, dataset));
  if (graph.parameters().empty()) {
    return absl::InvalidArgumentError(
        "the model has no parameters: there is nothing to train");
  }
  std::unique_ptr<Trainer> trainer(new Trainer(dataset, parameters, options));
  const int64_t classes = graph.ShapeOfValue(graph.output_value()).elements();
  for (int thread = 0; thread < options.threads; ++thread) {
    Worker worker;
    LENSLET_ASSIGN_OR_RETURN(
        worker.executor,
        Executor::Create(graph, parameters,
                         {.backend = options.backend,
                          .images = options.block,
                          .training = true,
                          .measure_time = options.measure_time}));
    LENSLET_ASSIGN_OR_RETURN(
        worker.loss,
        MakeSoftmaxCrossEntropy(options.backend, classes, options.block));
    worker.labels.resize(options.block);
    worker.losses.resize(options.block);
    trainer->workers_.push_back(std::move(worker));
  }
  for (int64_t shard = 0; shard < kShards; ++shard) {
    LENSLET_ASSIGN_OR_RETURN(Parameters gradients, Parameters::Create(graph));
    trainer->shard_gradients_.push_back(std::move(gradients));
  }
  return trainer;
}

Metrics Trainer::RunBlock(absl::Span<const int64_t> examples, float scale,
                          absl::Span<float> gradients, Worker& worker) {
  const int64_t images = static_cast<int64_t>(examples.size());
  Executor& executor = *worker.executor;
  CopyImages(dataset_, examples, executor.input().data());
  CopyLabels(dataset_, examples, worker.labels.data());
  executor.Forward(images);
  const View<const float> scores = executor.output();
  Metrics metrics = {
      .examples = images,
      .loss_sum = 0,
      .correct = CountCorrect(
          scores, absl::MakeConstSpan(worker.labels).first(images))};
  worker.loss->Run(images, scores.data(), worker.labels.data(), scale,
                   worker.losses.data(), executor.output_gradient().data());
  executor.Backward(images, gradients);
  metrics.loss_sum = std::accumulate(worker.losses.begin(),
                                     worker.losses.begin() + images, 0.0);
  return metrics;
}

absl::StatusOr<Metrics> Trainer::Step(absl::Span<const int64_t> examples) {
  const int64_t size = static_cast<int64_t>(examples.size());
  const int64_t blocks = (size + options_.block - 1) / options_.block;
  const int64_t shards = std::min(kShards, blocks);
  const float scale = 1.0f / static_cast<float>(size);
  block_metrics_.assign(blocks, Metrics());
  pool_.ParallelFor(shards, [&](int thread, int64_t shard) {
    FlushDenormals flush;
    const absl::Span<float> gradients = shard_gradients_[shard].array();
    std::fill(gradients.begin(), gradients.end(), 0.0f);
    for (int64_t block = shard * blocks / shards;
         block < (shard + 1) * blocks / shards; ++block) {
      block_metrics_[block] =
          RunBlock(examples.subspan(block * options_.block, options_.block),
                   scale, gradients, workers_[thread]);
    }
  });
  Metrics metrics;
  for (const Metrics& m : block_metrics_) metrics.Add(m);
  if (!std::isfinite(metrics.loss_sum)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the loss is ", metrics.loss_sum,
                     ": training has diverged; a smaller learning rate than ",
                     options_.learning_rate, " may help"));
  }
  UpdateParameters(shards);
  LENSLET_RETURN_IF_ERROR(TellExecutors());
  return metrics;
}

void Trainer::UpdateParameters(int64_t shards) {
  // Small enough to stay in the L1 cache while the shards are added up.
  constexpr int64_t kChunk = 2048;
  const int64_t size = parameters_.array().size();
  pool_.ParallelFor((size + kChunk - 1) / kChunk, [&](int, int64_t chunk) {
    FlushDenormals flush;
    const int64_t start = chunk * kChunk;
    const absl::Span<float> sum =
        shard_gradients_[0].array().subspan(start, kChunk);
    for (int64_t shard = 1; shard < shards; ++shard) {
      const float* part = shard_gradients_[shard].array().data() + start;
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
    }
    optimizer_.Update(sum, parameters_.array().subspan(start, kChunk));
  });
}

absl::Status Trainer::TellExecutors() {
  pool_.ParallelFor(workers_.size(), [&](int, int64_t i) {
    workers_[i].status = workers_[i].executor->ParametersChanged();
  });
  for (const Worker& worker : workers_) {
    LENSLET_RETURN_IF_ERROR(worker.status);
  }
  return absl::OkStatus();
}

absl::StatusOr<Metrics> Trainer::TrainEpoch(
    int64_t epoch, absl::FunctionRef<void(const Metrics&)> on_step) {
  const Batches batches(ShuffledIndices(dataset_.size(), options_.seed, epoch),
                        options_.batch_size);
  Metrics so_far;
  for (int64_t i = 0; i < batches.count(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(const Metrics metrics, Step(batches.batch(i)));
    so_far.Add(metrics);
    on_step(so_far);
  }
  return so_far;
}

double Trainer::KernelSeconds() const {
  double seconds = 0;
  for (const Worker& worker : workers_) {
    for (int node = 0; node < worker.executor->layer_count(); ++node) {
      seconds += worker.executor->PrepareSeconds(node) +
                 worker.executor->ForwardSeconds(node) +
                 worker.executor->BackwardSeconds(node);
    }
  }
  return seconds;
}

}  // namespace lenslet
