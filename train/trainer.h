// Trains a classifier by minibatch gradient descent. The result does not depend
// on the number of threads. With the lanes backend, it has the same bits on all
// CPUs with fused multiply-adds (docs/architecture.md).
//
// A batch is split into blocks, which go forward and backward through the
// network one by one. Consecutive blocks form a shard, a single one if memory
// allows (MaxShards()). Each shard sums its gradients in a separate array, and
// the arrays are added in pairs, the pairs in pairs, and so on. Some gradients
// are matrix products with a row for each image, for example those of linear
// layers. They are computed at the end, once for all blocks. The batch and the
// model determine all of this; threads only determine who computes what. Random
// numbers, for augmentation and for layers, depend only on the seed, the step's
// number and the block's number in its batch.
//
// Statistics, such as the running statistics of batch normalization, move by
// the mean of the updates that the batch's images call for. Other parameters
// that are not trainable do not change.
//
// The trainer owns the optimizer's state (train/optimizer.h) and count of
// steps. Both start afresh, or are restored from another trainer. After a
// restore, training continues exactly as the other trainer would have
// continued.

#ifndef LENSLET_TRAIN_TRAINER_H_
#define LENSLET_TRAIN_TRAINER_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/thread_pool.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/batch_products.h"
#include "lenslet/train/block_runner.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/parameter_updater.h"
#include "lenslet/train/schedule.h"

namespace lenslet {

struct TrainerOptions {
  Backend backend = Backend::kLanes;
  int threads = 1;           // At least 1.
  int64_t batch_size = 256;  // At least 1.
  // The learning rate as a function of the step's number.
  ScheduleSpec schedule = {.base_rate = 0.9};
  OptimizerSpec optimizer = {};  // Plain gradient descent.
  // The loss to minimize: its mean over a batch's images.
  LossSpec loss = {};
  // The rest of the update, as in ParameterUpdaterOptions
  // (train/parameter_updater.h).
  double clip_norm = 0;      // At least 0. 0: no clipping.
  double average_decay = 0;  // In [0, 1). 0: no averages.
  // Whether weight decay also applies to parameters that are not weights.
  bool decay_all = true;
  // Factors of the learning rate, at least 0: one for each of the graph's
  // parameters, or empty for all 1. 0 freezes a parameter.
  std::vector<double> rate_factors = {};
  // Whether to measure gradient_norm(). Adds a pass over the gradients to a
  // step, and does not change the result.
  bool measure_norm = false;
  // Random changes to the examples, drawn anew for each step.
  AugmentationSpec augmentation = {};
  // Determines the order of the examples and the random numbers of augmentation
  // and layers.
  uint64_t seed = 0;
  // Images that the network processes together, at least 1. It affects the
  // result: the rounding, and the means and variances of batch normalization,
  // which are computed per block (ops/batch_norm/batch_norm.h).
  int64_t block = 16;
  // As in ExecutorOptions (layers/executor.h).
  bool exact = false;
  // Whether to measure times, for BusySeconds() and KernelSeconds().
  bool measure_time = false;
};

// What a checkpoint must keep, besides the parameters, to resume training as if
// it had not stopped.
struct TrainerState {
  int64_t step = 0;          // The number of the next step, at least 0.
  int64_t updates_done = 0;  // The optimizer's count, at least 0.
  double rate_factor = 1;    // Finite, at least 0.
  // The optimizer's StateArrays() arrays.
  absl::Span<const Parameters> optimizer_state = {};
  const Parameters* averages = nullptr;  // With options.average_decay.
};

// Owns its threads and one executor per thread. Calls must not overlap.
class Trainer {
 public:
  // The most shards of a batch: 64, but no more than fit in 32 MiB, and at
  // least 8. More threads than shards do not help.
  static int64_t MaxShards(const Graph& graph);

  // `dataset` and `parameters` must outlive the trainer and may not move;
  // training changes the parameters. Errors: InvalidArgument for options out of
  // their range or a data set that does not fit the graph; ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Trainer>> Create(
      const Graph& graph, const Dataset& dataset, Parameters& parameters,
      const TrainerOptions& options);

  // Returns the memory that a trainer needs, part by part, including the
  // examples that the caller holds. The options must be in their ranges.
  // Errors: as Executor::BytesNeeded().
  static absl::StatusOr<std::vector<MemoryPart>> MemoryNeeds(
      const Graph& graph, const Dataset& dataset,
      const TrainerOptions& options);

  // Updates the parameters by the gradient of the mean loss of these examples:
  // at least one, and at most options.batch_size and dataset.size(). Returns
  // loss and accuracy from before the update.
  //
  // Errors: InvalidArgument for a wrong number of examples, or for a class that
  // the data set has no name for; those of reading the examples;
  // ResourceExhausted;
  // FailedPrecondition if the loss, a gradient, a statistic's change, or an
  // updated parameter, average or element of the optimizer's state is not
  // finite. The text names the layer or parameter where the first such number
  // occurred (train/first_non_finite.h, ParameterUpdater::Fault).
  //
  // A failed step leaves the parameters and step() unchanged, so parameters
  // stay finite with every backend. If the loss was not finite, the rest is
  // unchanged, too. Otherwise the optimizer's state and the averages are
  // unspecified until Restore() sets them.
  //
  // Steps are numbered from 0. TrainEpoch() sets the number to epoch times the
  // steps per epoch.
  absl::StatusOr<Metrics> Step(absl::Span<const int64_t> examples);

  // Trains on each example once, in an order determined by the seed and the
  // epoch's number (Examples::EpochOrder()). Calls on_step after each step,
  // with the sums since the start of the epoch. Returns the sums of the epoch.
  // Errors: as Step().
  absl::StatusOr<Metrics> TrainEpoch(
      int64_t epoch, absl::FunctionRef<void(const Metrics& so_far)> on_step);

  // The number of the next step.
  int64_t step() const { return step_; }

  // The Euclidean norm of the gradient of the last step, before clipping. Needs
  // options.measure_norm or options.clip_norm.
  double gradient_norm() const { return updater_->gradient_norm(); }

  // The next step's learning rate: the schedule's rate times the factor. The
  // factor is finite and at least 0; it starts at 1.
  double LearningRate() const { return RateOfStep(step_); }
  // The same of any step, with today's factor.
  double RateOfStep(int64_t step) const;
  double rate_factor() const { return rate_factor_; }
  void set_rate_factor(double factor);

  // Changes the schedule from the next step on. It must pass Check().
  void set_schedule(const ScheduleSpec& schedule);

  // The parameters to evaluate and to deploy: the averages with
  // options.average_decay, else the parameters themselves. The averages start
  // as copies of the parameters at Create(). Valid as long as the trainer.
  const Parameters& averages() const {
    const Parameters* averages = updater_->averages();
    return averages == nullptr ? parameters_ : *averages;
  }

  // The number of updates of the parameters, including those of the trainer
  // whose state was restored.
  int64_t updates_done() const { return updater_->updates_done(); }
  absl::Span<const Parameters> optimizer_state() const {
    return updater_->optimizer_state();
  }

  // The state for a checkpoint. Refers to the trainer's arrays, which the next
  // step changes.
  TrainerState state() const;

  // Resumes from the state of a trainer with the same graph, data and options;
  // only the number of threads may differ. Copies the arrays. The caller must
  // also set the parameters, before or after. Errors: InvalidArgument for a
  // state that does not fit. Changes nothing on errors.
  absl::Status Restore(const TrainerState& state);

  // The backend that runs a node of the graph.
  Backend BackendOfLayer(int node) const {
    return runners_[0]->executor().BackendOfLayer(node);
  }

  // The runner of a thread, for its measurements.
  const BlockRunner& runner(int thread) const { return *runners_[thread]; }

  // Seconds that the threads have worked, summed over threads. The rest of
  // their wall-clock time is spent waiting for each other. Needs
  // options.measure_time.
  double BusySeconds() const;

  // The part of BusySeconds() spent in a node's batch product
  // (train/batch_products.h); zero if it has none.
  double ProductSeconds(int node) const {
    return updater_->ProductSeconds(node);
  }

  // The part of BusySeconds() spent in kernels: BlockRunner::KernelSeconds()
  // and batch products.
  double KernelSeconds() const;

 private:
  Trainer(const Graph& graph, const Dataset& dataset, Parameters& parameters,
          const TrainerOptions& options)
      : graph_(graph),
        dataset_(dataset),
        parameters_(parameters),
        options_(options),
        schedule_(options.schedule) {}

  int64_t LargestBatch() const {
    return std::min(options_.batch_size, dataset_.size());
  }
  // The seed of a block of the next step.
  uint64_t SeedOfBlock(int64_t block) const;
  // Create() without its checks.
  absl::Status MakeAll();
  absl::StatusOr<std::unique_ptr<BlockRunner>> MakeRunner(
      bool keep_outputs) const;
  absl::Status TellExecutors();
  // The error for a non-finite loss of the next step, after its blocks have
  // run.
  absl::Status NonFiniteLoss(absl::Span<const int64_t> examples, double loss);
  // The error for a non-finite number in the next step. `by_rate`: the learning
  // rate may be the cause.
  absl::Status NotFinite(std::string text, bool by_rate) const;
  // Describes the first non-finite number in a block of the next step.
  absl::StatusOr<std::string> FirstNonFiniteInBlock(
      absl::Span<const int64_t> examples, int64_t block);
  // Null unless options.measure_time.
  double* BusySeconds(int thread) {
    return options_.measure_time ? &busy_seconds_[thread] : nullptr;
  }

  const Graph graph_;
  const Dataset& dataset_;
  Parameters& parameters_;
  const TrainerOptions options_;
  ScheduleSpec schedule_;
  int64_t step_ = 0;  // The number of the next step.
  double rate_factor_ = 1;
  // Whether the parameters may have changed since the executors saw them.
  bool executors_are_stale_ = false;
  std::vector<std::unique_ptr<BlockRunner>> runners_;  // One for each thread.
  std::vector<Parameters> shard_gradients_;
  BatchProducts products_;
  std::unique_ptr<ParameterUpdater> updater_;
  std::vector<Metrics> block_metrics_;
  std::vector<double> busy_seconds_;  // Per thread, without the updater's.
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_TRAINER_H_
