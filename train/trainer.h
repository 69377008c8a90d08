// Trains a classifier by minibatch gradient descent, with the same result for
// any number of threads.
//
// A batch is cut into blocks, which go forward and backward through the network
// one by one; up to kMaxShards runs of consecutive blocks each add their
// gradients into an array of their own, and the arrays are added up in order.
// Gradients that are products of matrices with a row for each image, as those
// of linear layers, are made at the end, once for all blocks. All of this is
// decided by the batch alone: threads only decide who computes what.
// Augmentation and layers that draw random numbers draw them from the seed, the
// step's number and the block's number in its batch.
//
// Statistics, such as the running averages of batch normalization, move by the
// mean of the changes that the batch's images ask for. Parameters that are
// neither these nor trainable stay as they are.
//
// The optimizer's state (train/optimizer.h) is the trainer's: it begins with
// the trainer, as does the optimizer's count of steps; or both go on from those
// of another trainer, after which everything is as if that one went on.

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
  // The learning rate of each step, by the step's number.
  ScheduleSpec schedule = {.base_rate = 0.9};
  OptimizerSpec optimizer = {};  // Plain gradient descent.
  // What the gradient is of: the mean over a batch's images.
  LossSpec loss = {};
  // The rest of the update (train/parameter_updater.h): the norm that clips
  // gradients, and the decay of averages of the parameters, or 0 for none;
  // whether weight decay is for other parameters than weights; factors of the
  // learning rate, one for each of the graph's parameters or none.
  double clip_norm = 0;      // At least 0.
  double average_decay = 0;  // In [0, 1).
  bool decay_all = true;
  std::vector<double> rate_factors = {};  // At least 0. 0: it stays as it is.
  // Changes to the examples, drawn anew for each step.
  AugmentationSpec augmentation = {};
  // Of the order of the examples, and of the random numbers of augmentation and
  // layers.
  uint64_t seed = 0;
  // Images that go through the network together, at least 1. The result depends
  // on it: in rounding, and with batch normalization, whose means and variances
  // are those of a block (ops/batch_norm/batch_norm.h).
  int64_t block = 16;
  // Whether to measure times, for BusySeconds() and KernelSeconds().
  bool measure_time = false;
};

// What a checkpoint has to keep, beside the parameters, for training to go on
// as if it had not stopped.
struct TrainerState {
  int64_t step = 0;          // The number of the next one, at least 0.
  int64_t updates_done = 0;  // At least 0. What the optimizer counts.
  double rate_factor = 1;    // Finite, at least 0.
  // StateArrays() of the optimizer.
  absl::Span<const Parameters> optimizer_state = {};
  const Parameters* averages = nullptr;  // With options.average_decay.
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

  // What a trainer will need, part by part: the examples too, which the caller
  // has. Options in their range. Errors: Executor::BytesNeeded()'s.
  static absl::StatusOr<std::vector<MemoryPart>> MemoryNeeds(
      const Graph& graph, const Dataset& dataset,
      const TrainerOptions& options);

  // Updates the parameters by the gradient of the mean loss of these examples,
  // at least one and at most options.batch_size and dataset.size(). Returns
  // loss and accuracy from before the update. Errors: InvalidArgument for
  // another number of examples; ResourceExhausted; FailedPrecondition if a
  // number is not finite that must be: the loss, a gradient, the change of a
  // statistic, or what the update would make of a parameter, of its average or
  // of the optimizer's state. The text names the layer or the parameter where
  // it began (train/first_non_finite.h, ParameterUpdater::Fault).
  //
  // A step that fails leaves the parameters and step() as they were; so nothing
  // that is not finite gets into the parameters, whatever the backend. Unless
  // it was for the loss, the optimizer's state and the averages may have
  // changed to anything: Restore() makes the trainer usable again.
  //
  // Steps are numbered: from 0, and from epoch * steps of an epoch where
  // TrainEpoch() is called.
  absl::StatusOr<Metrics> Step(absl::Span<const int64_t> examples);

  // Goes once through all examples, in an order of the seed and the epoch's
  // number. After each step calls on_step with the sums since the epoch's
  // start. Returns the sums of the epoch. Errors: as Step().
  absl::StatusOr<Metrics> TrainEpoch(
      int64_t epoch, absl::FunctionRef<void(const Metrics& so_far)> on_step);

  // The number of the next step.
  int64_t step() const { return step_; }

  // The next step's learning rate: the schedule's times the factor, which
  // begins at 1 and is finite and at least 0.
  double LearningRate() const { return RateOfStep(step_); }
  double rate_factor() const { return rate_factor_; }
  void set_rate_factor(double factor);

  // The averages, with options.average_decay; else the parameters. What to
  // measure and to save for use. They begin as the parameters were at
  // Create(). Valid as long as the trainer.
  const Parameters& averages() const {
    const Parameters* averages = updater_->averages();
    return averages == nullptr ? parameters_ : *averages;
  }

  // Updates of the parameters, by this trainer and those it goes on from.
  int64_t updates_done() const { return updater_->updates_done(); }
  absl::Span<const Parameters> optimizer_state() const {
    return updater_->optimizer_state();
  }

  // All of it for a checkpoint. Refers to the trainer's own arrays, which the
  // next step changes.
  TrainerState state() const;

  // Goes on from the state of a trainer of the same graph, data and options but
  // for threads; the arrays are copied. The caller sets the parameters, before
  // or after. Errors: InvalidArgument for a state that does not fit; then
  // nothing has changed.
  absl::Status Restore(const TrainerState& state);

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
  double ProductSeconds(int node) const {
    return updater_->ProductSeconds(node);
  }

  // Seconds of it in kernels: BlockRunner::KernelSeconds(), and products for
  // whole batches.
  double KernelSeconds() const;

 private:
  Trainer(const Graph& graph, const Dataset& dataset, Parameters& parameters,
          const TrainerOptions& options)
      : graph_(graph),
        dataset_(dataset),
        parameters_(parameters),
        options_(options) {}

  int64_t LargestBatch() const {
    return std::min(options_.batch_size, dataset_.size());
  }
  // Of a block of the next step.
  uint64_t SeedOfBlock(int64_t block) const;
  // What Create() makes, but for the checks.
  absl::Status MakeAll();
  absl::StatusOr<std::unique_ptr<BlockRunner>> MakeRunner(
      bool keep_outputs) const;
  absl::Status TellExecutors();
  double RateOfStep(int64_t step) const;
  // Why the loss of the next step is not finite, after its blocks have run.
  absl::Status NonFiniteLoss(absl::Span<const int64_t> examples, double loss);
  // That something is not finite in the next step, which may come of the
  // learning rate.
  absl::Status NotFinite(std::string text, bool by_rate) const;
  // The first thing that is not finite in a block of the next step.
  absl::StatusOr<std::string> FirstNonFiniteInBlock(
      absl::Span<const int64_t> examples, int64_t block);
  // Null where time is not measured.
  double* BusySeconds(int thread) {
    return options_.measure_time ? &busy_seconds_[thread] : nullptr;
  }

  const Graph graph_;
  const Dataset& dataset_;
  Parameters& parameters_;
  const TrainerOptions options_;
  int64_t step_ = 0;  // The number of the next one.
  double rate_factor_ = 1;
  // Whether the parameters may be others than those the executors know.
  bool executors_are_stale_ = false;
  std::vector<std::unique_ptr<BlockRunner>> runners_;  // One for each thread.
  std::vector<Parameters> shard_gradients_;
  BatchProducts products_;
  std::unique_ptr<ParameterUpdater> updater_;
  std::vector<Metrics> block_metrics_;
  std::vector<double> busy_seconds_;  // Of each thread, but for the updater's.
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_TRAINER_H_
