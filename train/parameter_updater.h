// The second half of a training step: updates the parameters from the gradients
// that the shards of a batch have summed.
//
//   g   <- (sum over the shards) * gradient_factor: the gradient of the batch's
//          mean loss
//   g   <- g min(1, clip_norm / |g|)            unless clip_norm is 0
//   w   <- the optimizer's update of w by g (train/optimizer.h)
//   avg <- d avg + (1 - d) w,                   unless average_decay is 0
//          d = min(average_decay, (1 + t) / (10 + t))
//
// where |g| is the Euclidean norm over all parameters that gradients change,
// and t counts updates from 0. The dependence on t makes avg forget the initial
// parameters quickly, as TensorFlow's tf.train.ExponentialMovingAverage does
// with num_updates. Statistics move by the mean of the updates that the images
// call for, and are averaged as well.
//
// Source of clipping: Pascanu, Mikolov and Bengio, "On the difficulty of
// training recurrent neural networks", 2013. Of averages: Polyak and Juditsky,
// "Acceleration of stochastic approximation by averaging", 1992.
//
// The work is split into parts that any thread may do. Neither the parts nor
// the order of any sum depends on the threads.
//
// An update that would make a number infinite or NaN is not applied. Parameters
// that start finite stay finite.

#ifndef LENSLET_TRAIN_PARAMETER_UPDATER_H_
#define LENSLET_TRAIN_PARAMETER_UPDATER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/thread_pool.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/train/batch_products.h"
#include "lenslet/train/optimizer.h"

namespace lenslet {

struct ParameterUpdaterOptions {
  OptimizerSpec optimizer = {};
  double clip_norm = 0;      // At least 0. 0: no clipping.
  double average_decay = 0;  // In [0, 1). 0: no averages.
  // Factors of the learning rate, at least 0: one for each of the graph's
  // parameters, or empty for all 1. A parameter with factor 0 does not change,
  // even if it is a statistic, and its gradient does not count in the norm. For
  // statistics, all other factors are the same as 1.
  std::vector<double> rate_factors = {};
  // Whether weight decay applies to all parameters. Otherwise it applies to
  // weights only, not to biases and the scales of normalization.
  bool decay_all = true;
  bool measure_norm = false;  // For gradient_norm().
  int threads = 1;            // Threads of the pool, at least 1.
  bool measure_time = false;
};

// The number of arrays that an updater allocates, each as large as the
// parameters.
int UpdaterArrays(const ParameterUpdaterOptions& options);

// Owns the optimizer's state and the averages. Calls must not overlap.
class ParameterUpdater {
 public:
  // `parameters` and `products` must outlive the updater and may not move. The
  // averages start as copies of the parameters. Errors: InvalidArgument for an
  // option out of its range, or if there is nothing to train;
  // ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<ParameterUpdater>> Create(
      const Graph& graph, const BatchProducts& products, Parameters& parameters,
      ParameterUpdaterOptions options);

  // Sets a shard's sums to zero, as far as Update() reads them.
  void Clear(absl::Span<float> gradients) const;

  // Why an update was not applied.
  struct Fault {
    // A clause that names a parameter. One of these, in order of precedence:
    //   the change of parameter "norm.running_mean" is inf
    //   the gradient of parameter "conv2.weight" is nan
    //   parameter "conv1.weight" would become -inf, from 0.5 by a gradient of
    //     3e+38
    //   the optimizer's state of parameter "conv1.weight" would become inf, by
    //     a gradient of 2e+19
    //   the average of parameter "conv1.weight" would become inf
    // A statistic's change comes first, because the forward pass computes it.
    // Of several gradients, the text names the last in the order of the
    // parameters, because the backward pass computes it first. The other
    // clauses occur only if all gradients are finite.
    std::string text;
    // Whether the cause is a gradient or a statistic's change, so that the
    // learning rate does not matter.
    bool gradient = false;
  };

  // Updates the parameters from the sums of one or more shards. The products
  // hold the remaining gradients, for a batch of `images` images. Overwrites
  // the first shard's sums. `gradient_factor` is positive: the shards hold the
  // gradient of the loss divided by it. `rate` is at least 0.
  //
  // Returns nullopt if all gradients and all updated values are finite.
  // Otherwise the parameters and updates_done() are unchanged. If only the norm
  // for clip_norm is not finite, the optimizer's state and the averages are
  // unchanged too. In all other cases they are unspecified until Restore() sets
  // them.
  std::optional<Fault> Update(absl::Span<Parameters> shards, int64_t images,
                              float gradient_factor, double rate,
                              ThreadPool& pool);

  // Changes the momentum (MomentumOf()) of the next Update(). The optimizer
  // must have one; `momentum` is in [0, 1).
  void set_momentum(double momentum);

  // The norm of the gradient in the last Update(), before clipping. Needs
  // options.measure_norm or a clip_norm. Does not change the update.
  double gradient_norm() const { return gradient_norm_; }

  int64_t updates_done() const { return updates_done_; }
  absl::Span<const Parameters> optimizer_state() const { return state_; }
  // Null without averages.
  const Parameters* averages() const {
    return averages_.has_value() ? &*averages_ : nullptr;
  }

  // Restores the values that the functions above returned earlier, and copies
  // the arrays. Errors: InvalidArgument for a wrong number or size of arrays,
  // or if updates_done < 0. Changes nothing on errors.
  absl::Status Restore(int64_t updates_done,
                       absl::Span<const Parameters> optimizer_state,
                       const Parameters* averages);

  // Seconds that all threads together have worked here, and the part of it
  // spent in a node's batch product (train/batch_products.h). Zero unless
  // options.measure_time.
  double BusySeconds() const;
  double ProductSeconds(int node) const;

 private:
  // Small enough to stay in the L1 cache while the shards are added up.
  static constexpr int64_t kChunk = 2048;

  // A part of the parameters, updated by one thread.
  struct Part {
    int64_t begin;
    int64_t end;
    const BatchProducts::Part* product = nullptr;  // Null: sums the shards.
    bool statistic = false;
    bool decay = true;
    double rate_factor = 1;
  };
  // Shared by all parts of an update.
  struct Step {
    absl::Span<Parameters> shards;
    int64_t images;
    double rate;
    double average_weight;  // 1 - d above.
  };

  ParameterUpdater(const BatchProducts& products, Parameters& parameters,
                   ParameterUpdaterOptions options)
      : products_(products),
        parameters_(parameters),
        options_(std::move(options)),
        optimizer_(options_.optimizer),
        optimizer_without_decay_(options_.optimizer) {
    optimizer_without_decay_.weight_decay = 0;
  }

  void Plan(const Graph& graph);
  // Splits `part`, whose gradients are in the shards, and adds the pieces.
  void PlanShardParts(const Part& part);
  // Computes a part's gradient into the first shard's array: a product, or the
  // sum of the shards in a tree, ((0 + 1) + (2 + 3)) + ...
  void Reduce(const Part& part, const Step& step, int thread);
  // Reduces all parts. Returns the norm of the gradients.
  double ReduceAll(const Step& step, ThreadPool& pool);
  // Records in faults_ the gradients whose squares are not finite.
  void NoteGradients(const Step& step);
  // Saves the old parameters in the first shard's array, and records non-finite
  // results in faults_.
  void Apply(int64_t part, const Step& step);
  // The same for elements [begin, end) of the part, at most kChunk.
  void ApplyChunk(int64_t part, int64_t begin, int64_t end, const Step& step);
  // Restores the old parameters. Call after Apply() of all parts.
  void Undo(const Step& step);
  // Describes the first non-finite number from element `begin` on. `before` has
  // the parameters before the update, or is empty without an update.
  Fault MakeFault(const Part& part, int64_t begin,
                  absl::Span<const float> gradients,
                  absl::Span<const float> before) const;
  // Returns the first fault in the order of Fault::text, and clears all faults.
  std::optional<Fault> TakeFault();
  // "parameter NAME" for the parameter that contains this element.
  std::string ParameterAt(int64_t element) const;
  double* BusySeconds(int thread) {
    return options_.measure_time ? &busy_seconds_[thread] : nullptr;
  }

  const BatchProducts& products_;
  Parameters& parameters_;
  const ParameterUpdaterOptions options_;
  OptimizerSpec optimizer_;
  OptimizerSpec optimizer_without_decay_;
  std::vector<Part> parts_;
  // For each part.
  std::vector<double> squares_;  // Sum of its gradient's squares.
  std::vector<std::optional<Fault>> faults_;
  int64_t updates_done_ = 0;
  double gradient_norm_ = 0;
  std::vector<Parameters> state_;
  std::optional<Parameters> averages_;
  // For each thread.
  std::vector<double> busy_seconds_;
  std::vector<std::vector<double>> product_seconds_;  // And of each node.
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_PARAMETER_UPDATER_H_
