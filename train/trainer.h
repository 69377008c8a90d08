// Trains a classifier by minibatch gradient descent, with the same result for
// any number of threads.
//
// A batch is cut into blocks, which go forward and backward through the network
// one by one; up to kMaxShards runs of consecutive blocks each add their
// gradients into an array of their own, and the arrays are added up in order.
// Gradients that are products of matrices with a row for each image, as those
// of linear layers, are made at the end, once for all blocks. All of this is
// decided by the batch alone: threads only decide who computes what. Layers
// that draw random numbers draw them from the seed, the step's number and the
// block's number in its batch.
//
// Statistics, such as the running averages of batch normalization, move by the
// mean of the changes that the batch's images ask for. Parameters that are
// neither these nor trainable stay as they are.
//
// The optimizer's state (train/optimizer.h) is the trainer's: it begins with
// the trainer, as does the optimizer's count of steps.

#ifndef LENSLET_TRAIN_TRAINER_H_
#define LENSLET_TRAIN_TRAINER_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/thread_pool.h"
#include "data/dataset.h"
#include "layers/graph.h"
#include "layers/parameters.h"
#include "ops/backend.h"
#include "train/batch_products.h"
#include "train/block_runner.h"
#include "train/metrics.h"
#include "train/optimizer.h"

namespace lenslet {

struct TrainerOptions {
  Backend backend = Backend::kLanes;
  int threads = 1;           // At least 1.
  int64_t batch_size = 256;  // At least 1.
  double learning_rate = 0.9;
  OptimizerSpec optimizer = {};  // Plain gradient descent.
  // Of the order of the examples, and of the random numbers of layers.
  uint64_t seed = 0;
  // Images that go through the network together, at least 1. The result depends
  // on it: in rounding, and with batch normalization, whose means and variances
  // are those of a block (ops/batch_norm/batch_norm_spec.h).
  int64_t block = 16;
  // Whether to measure times, for BusySeconds() and KernelSeconds().
  bool measure_time = false;
};

// Owns its threads, and an executor for each; one call at a time.
class Trainer {
 public:
  static constexpr int64_t kMaxShards = 8;

  // `dataset` and `parameters` must outlive the trainer and may not move;
  // training changes the parameters. Errors: InvalidArgument for options out of
  // their range and a data set that does not fit the graph, ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Trainer>> Create(
      const Graph& graph, const Dataset& dataset, Parameters& parameters,
      const TrainerOptions& options);

  // Updates the parameters by the gradient of the mean loss of these examples,
  // at least one and at most options.batch_size and dataset.size(). Returns
  // loss and accuracy from before the update. Errors: InvalidArgument for
  // another number of examples; FailedPrecondition, leaving the parameters as
  // they were, if the loss is not finite; ResourceExhausted. Steps are
  // numbered: from 0, and from epoch * steps of an epoch where TrainEpoch() is
  // called.
  absl::StatusOr<Metrics> Step(absl::Span<const int64_t> examples);

  // Goes once through all examples, in an order of the seed and the epoch's
  // number. After each step calls on_step with the sums since the epoch's
  // start. Returns the sums of the epoch. Errors: as Step().
  absl::StatusOr<Metrics> TrainEpoch(
      int64_t epoch, absl::FunctionRef<void(const Metrics& so_far)> on_step);

  // The backend that runs a node of the graph.
  Backend BackendOfLayer(int node) const {
    return runners_[0]->executor().BackendOfLayer(node);
  }

  // What a thread runs its blocks with, for what it measures.
  const BlockRunner& runner(int thread) const { return *runners_[thread]; }

  // Seconds that the threads have worked, all added up; what is left of the
  // wall-clock time is waiting for each other. With options.measure_time.
  double BusySeconds() const;

  // Seconds of it in the product for whole batches that a node's gradient is;
  // zero if it is none.
  double ProductSeconds(int node) const;

  // Seconds of it in kernels: BlockRunner::KernelSeconds(), and products for
  // whole batches.
  double KernelSeconds() const;

 private:
  Trainer(const Dataset& dataset, Parameters& parameters,
          const TrainerOptions& options)
      : dataset_(dataset), parameters_(parameters), options_(options) {}

  // Null where time is not measured.
  int64_t LargestBatch() const {
    return std::min(options_.batch_size, dataset_.size());
  }
  double* IfMeasured(double& seconds) const {
    return options_.measure_time ? &seconds : nullptr;
  }
  // A part of the parameters, updated by one thread.
  struct Update {
    int64_t begin;
    int64_t end;
    const BatchProducts::Part* product = nullptr;  // Null: shards are added up.
    bool statistic = false;
  };
  void PlanUpdates(const Graph& graph);
  // Of parameters [begin, end), whose gradients are the shards' sums.
  void AddShardUpdates(int64_t begin, int64_t end, bool statistic);
  // Of a block of the next step.
  uint64_t SeedOfBlock(int64_t block) const;
  void UpdateParameters(int64_t shards, int64_t examples);
  absl::Status TellExecutors();

  const Dataset& dataset_;
  Parameters& parameters_;
  const TrainerOptions options_;
  int64_t step_ = 0;          // The number of the next one.
  int64_t updates_done_ = 0;  // Of the parameters, by this trainer.
  std::vector<std::unique_ptr<BlockRunner>> runners_;  // One for each thread.
  std::vector<Parameters> shard_gradients_;
  std::vector<Parameters> optimizer_state_;
  BatchProducts products_;
  std::vector<Update> updates_;
  std::vector<Metrics> block_metrics_;
  // Of each thread.
  std::vector<double> busy_seconds_;
  std::vector<std::vector<double>> product_seconds_;  // And of each node.
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_TRAINER_H_
