#include "train/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/denormals.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/scoped_timer.h"
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
  return CheckOptimizer(options.optimizer);
}

int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The parameters' arrays each fit, but there are many: the values, a gradient
// for each shard, the optimizer's state, and what each thread's backend packs,
// forward and backward.
absl::Status CheckTrainingMemory(const Graph& graph, int64_t shards,
                                 const TrainerOptions& options) {
  const int64_t arrays = 1 + shards + StateArrays(options.optimizer.kind) +
                         2 * int64_t{options.threads};
  constexpr int64_t kMost = int64_t{1} << 48;  // Floats; far too many.
  return CheckMemory(std::min(graph.parameter_array_size(), kMost) * arrays *
                         static_cast<int64_t>(sizeof(float)),
                     "the parameters and their gradients");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Create(
    const Graph& graph, const Dataset& dataset, Parameters& parameters,
    const TrainerOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckOptions(options));
  LENSLET_RETURN_IF_ERROR(CheckClassifier(graph, dataset));
  if (graph.trainable_parameter_count() == 0) {
    return absl::InvalidArgumentError(
        graph.parameters().empty()
            ? "the model has no parameters: there is nothing to train"
            : "the model's parameters are all fixed: there is nothing to "
              "train");
  }
  const int64_t shards =
      std::min(kMaxShards, CeilDivide(options.batch_size, options.block));
  LENSLET_RETURN_IF_ERROR(CheckTrainingMemory(graph, shards, options));
  std::unique_ptr<Trainer> trainer(new Trainer(dataset, parameters, options));
  LENSLET_ASSIGN_OR_RETURN(trainer->pool_, ThreadPool::Create(options.threads));
  for (int thread = 0; thread < options.threads; ++thread) {
    LENSLET_ASSIGN_OR_RETURN(
        std::unique_ptr<BlockRunner> runner,
        BlockRunner::Create(graph, parameters,
                            {.backend = options.backend,
                             .images = options.block,
                             .training = true,
                             .measure_time = options.measure_time}));
    trainer->runners_.push_back(std::move(runner));
  }
  trainer->busy_seconds_.resize(options.threads);
  trainer->product_seconds_.assign(options.threads,
                                   std::vector<double>(graph.nodes().size()));
  LENSLET_ASSIGN_OR_RETURN(
      trainer->products_,
      BatchProducts::Create(graph, trainer->runners_[0]->executor(),
                            CeilDivide(trainer->LargestBatch(), options.block),
                            options.block));
  for (int64_t shard = 0; shard < shards; ++shard) {
    LENSLET_ASSIGN_OR_RETURN(Parameters gradients, Parameters::Create(graph));
    trainer->shard_gradients_.push_back(std::move(gradients));
  }
  for (int i = 0; i < StateArrays(options.optimizer.kind); ++i) {
    LENSLET_ASSIGN_OR_RETURN(Parameters state, Parameters::Create(graph));
    trainer->optimizer_state_.push_back(std::move(state));
  }
  trainer->PlanUpdates(graph);
  return trainer;
}

absl::StatusOr<Metrics> Trainer::Step(absl::Span<const int64_t> examples) {
  if (examples.empty()) {
    return absl::InvalidArgumentError("a step without examples");
  }
  const int64_t size = static_cast<int64_t>(examples.size());
  if (size > LargestBatch()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a step of ", size, " examples, at most ", LargestBatch(),
                     " are possible: the batch size, or all there are"));
  }
  const int64_t blocks = CeilDivide(size, options_.block);
  const int64_t shards = std::min<int64_t>(shard_gradients_.size(), blocks);
  const float scale = 1.0f / static_cast<float>(size);
  block_metrics_.assign(blocks, Metrics());
  pool_->ParallelFor(shards, [&](int thread, int64_t shard) {
    ScopedTimer timer(IfMeasured(busy_seconds_[thread]));
    FlushDenormals flush;
    const absl::Span<float> gradients = shard_gradients_[shard].array();
    for (const Update& update : updates_) {
      if (update.product != nullptr) continue;
      std::fill(gradients.begin() + update.begin,
                gradients.begin() + update.end, 0.0f);
    }
    for (int64_t block = shard * blocks / shards;
         block < (shard + 1) * blocks / shards; ++block) {
      products_.WriteBlock(block, runners_[thread]->executor());
      block_metrics_[block] = runners_[thread]->ForwardBackward(
          dataset_, examples.subspan(block * options_.block, options_.block),
          scale, SeedOfBlock(block), gradients);
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
  UpdateParameters(shards, size);
  ++step_;
  LENSLET_RETURN_IF_ERROR(TellExecutors());
  return metrics;
}

// In a sequence that nothing else uses.
uint64_t Trainer::SeedOfBlock(int64_t block) const {
  constexpr uint64_t kStream = ~uint64_t{0};
  const uint64_t of_run = Random(options_.seed, kStream).Bits();
  const uint64_t of_step =
      Random(of_run, /*stream=*/static_cast<uint64_t>(step_)).Bits();
  return Random(of_step, /*stream=*/static_cast<uint64_t>(block)).Bits();
}

void Trainer::PlanUpdates(const Graph& graph) {
  auto part = products_.parts().begin();
  for (const Graph::Parameter& parameter : graph.parameters()) {
    if (!Graph::Changes(parameter)) continue;
    const int64_t begin = parameter.offset;
    const int64_t end = begin + parameter.info.shape.elements();
    // Both are in the order of the parameters.
    if (part == products_.parts().end() || part->begin != begin) {
      AddShardUpdates(begin, end, IsStatistic(parameter.info.role));
      continue;
    }
    for (; part != products_.parts().end() && part->begin < end; ++part) {
      updates_.push_back(
          {.begin = part->begin, .end = part->end, .product = &*part});
    }
  }
}

void Trainer::AddShardUpdates(int64_t begin, int64_t end, bool statistic) {
  // Small enough to stay in the L1 cache while the shards are added up.
  constexpr int64_t kChunk = 2048;
  // More than lies between neighbouring parameters, and no more than one takes.
  constexpr int64_t kNoNeighbour = 16;
  for (int64_t i = begin; i < end; i += kChunk) {
    const int64_t chunk_end = std::min(end, i + kChunk);
    if (!updates_.empty()) {
      Update& last = updates_.back();
      if (last.product == nullptr && last.statistic == statistic &&
          i - last.end < kNoNeighbour && chunk_end - last.begin <= kChunk) {
        last.end = chunk_end;
        continue;
      }
    }
    updates_.push_back({.begin = i, .end = chunk_end, .statistic = statistic});
  }
}

void Trainer::UpdateParameters(int64_t shards, int64_t examples) {
  ++updates_done_;
  pool_->ParallelFor(updates_.size(), [&](int thread, int64_t i) {
    ScopedTimer timer(IfMeasured(busy_seconds_[thread]));
    FlushDenormals flush;
    const Update& update = updates_[i];
    const int64_t size = update.end - update.begin;
    const absl::Span<float> sum =
        shard_gradients_[0].array().subspan(update.begin, size);
    if (update.product != nullptr) {
      ScopedTimer product_timer(
          IfMeasured(product_seconds_[thread][update.product->node]));
      products_.Compute(*update.product, examples, shard_gradients_[0].array());
    } else {
      for (int64_t shard = 1; shard < shards; ++shard) {
        const float* part =
            shard_gradients_[shard].array().data() + update.begin;
        for (int64_t j = 0; j < size; ++j) sum[j] += part[j];
      }
    }
    const absl::Span<float> values =
        parameters_.array().subspan(update.begin, size);
    if (update.statistic) {
      const float scale = 1.0f / static_cast<float>(examples);
      for (int64_t j = 0; j < size; ++j) values[j] += scale * sum[j];
    } else {
      std::array<absl::Span<float>, kMaxStateArrays> state;
      for (size_t j = 0; j < optimizer_state_.size(); ++j) {
        state[j] = optimizer_state_[j].array().subspan(update.begin, size);
      }
      UpdateValues(
          options_.optimizer, options_.learning_rate, updates_done_, sum,
          absl::MakeConstSpan(state.data(), optimizer_state_.size()), values);
    }
  });
}

absl::Status Trainer::TellExecutors() {
  std::vector<absl::Status> statuses(runners_.size());
  pool_->ParallelFor(runners_.size(), [&](int thread, int64_t i) {
    ScopedTimer timer(IfMeasured(busy_seconds_[thread]));
    statuses[i] = runners_[i]->executor().ParametersChanged();
  });
  for (const absl::Status& status : statuses) LENSLET_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

absl::StatusOr<Metrics> Trainer::TrainEpoch(
    int64_t epoch, absl::FunctionRef<void(const Metrics&)> on_step) {
  const Batches batches(ShuffledIndices(dataset_.size(), options_.seed, epoch),
                        options_.batch_size);
  step_ = epoch * batches.count();
  Metrics so_far;
  for (int64_t i = 0; i < batches.count(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(const Metrics metrics, Step(batches.batch(i)));
    so_far.Add(metrics);
    on_step(so_far);
  }
  return so_far;
}

double Trainer::BusySeconds() const {
  return std::accumulate(busy_seconds_.begin(), busy_seconds_.end(), 0.0);
}

double Trainer::ProductSeconds(int node) const {
  double seconds = 0;
  for (const std::vector<double>& of_nodes : product_seconds_) {
    seconds += of_nodes[node];
  }
  return seconds;
}

double Trainer::KernelSeconds() const {
  double seconds = 0;
  for (const std::vector<double>& of_nodes : product_seconds_) {
    seconds += std::accumulate(of_nodes.begin(), of_nodes.end(), 0.0);
  }
  for (const std::unique_ptr<BlockRunner>& runner : runners_) {
    seconds += runner->KernelSeconds();
  }
  return seconds;
}

}  // namespace lenslet
