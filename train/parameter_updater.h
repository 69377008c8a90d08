// The second half of a training step: from the gradients that the shards of a
// batch have added up to new parameters.
//
//   g   <- sum over the shards, which is the gradient of the batch's mean loss
//   g   <- g min(1, clip_norm / |g|)            unless clip_norm is 0
//   w   <- the optimizer's update of w by g (train/optimizer.h)
//   avg <- d avg + (1 - d) w,                   unless average_decay is 0
//          d = min(average_decay, (1 + t) / (10 + t))
//
// where |g| is the Euclidean norm over all parameters that gradients change,
// and t counts updates from 0, so that avg soon forgets the first parameters
// (as TensorFlow's tf.train.ExponentialMovingAverage with num_updates).
// Statistics move by the mean of the changes that images ask for, and are
// averaged as well.
//
// Source of clipping: Pascanu, Mikolov and Bengio, "On the difficulty of
// training recurrent neural networks", 2013. Of averages: Polyak and Juditsky,
// "Acceleration of stochastic approximation by averaging", 1992.
//
// All of it is done in parts, on any threads: the parts, and the order of every
// sum, do not depend on threads.
//
// An update that would make a number infinite or NaN is no update: parameters
// are always as finite as they were at first.

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
  double clip_norm = 0;      // At least 0. 0: gradients are as they are.
  double average_decay = 0;  // In [0, 1). 0: no averages.
  // Factors of the learning rate, one for each of the graph's parameters, at
  // least 0; none: all 1. A parameter with 0 stays as it is, even if it is a
  // statistic, and its gradient is no part of the norm. Other factors of
  // statistics do nothing.
  std::vector<double> rate_factors = {};
  // Whether weight decay is for all parameters, or for weights alone: not for
  // biases and the scales of normalization.
  bool decay_all = true;
  int threads = 1;  // Of the pool, at least 1.
  bool measure_time = false;
};

// Arrays of the size of the parameters that an updater makes.
int UpdaterArrays(const ParameterUpdaterOptions& options);

// Owns the optimizer's state and the averages. One call at a time.
class ParameterUpdater {
 public:
  // `parameters` and `products` must outlive the updater and may not move. The
  // averages begin as the parameters. Errors: InvalidArgument for an option out
  // of its range, or where nothing is left to train; ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<ParameterUpdater>> Create(
      const Graph& graph, const BatchProducts& products, Parameters& parameters,
      ParameterUpdaterOptions options);

  // Sets a shard's sums to zero, where they are used.
  void Clear(absl::Span<float> gradients) const;

  // Why there was no update.
  struct Fault {
    // A clause that names a parameter, one of
    //   the change of parameter "norm.running_mean" is inf
    //   the gradient of parameter "conv2.weight" is nan
    //   parameter "conv1.weight" would become -inf, from 0.5 by a gradient of
    //     3e+38
    //   the optimizer's state of parameter "conv1.weight" would become inf, by
    //     a gradient of 2e+19
    //   the average of parameter "conv1.weight" would become inf
    // in this order: a statistic's change, which the forward pass makes; then
    // the last gradient in the order of the parameters, where the backward pass
    // begins; then what comes of gradients that are finite.
    std::string text;
    // Whether a gradient or a change is to blame, whatever the rate.
    bool gradient = false;
  };

  // Updates the parameters by the sums of shards, at least one; the products
  // hold the rest of the gradients, of a batch of `images` images. Destroys the
  // first shard's sums. `rate` is at least 0.
  //
  // Returns nothing if all gradients and all that was updated are finite. Else
  // the parameters and updates_done() are as before. The optimizer's state and
  // the averages are too if it is the norm of clip_norm that is not finite;
  // otherwise they may have changed to anything, and Restore() makes them
  // usable again.
  std::optional<Fault> Update(absl::Span<Parameters> shards, int64_t images,
                              double rate, ThreadPool& pool);

  int64_t updates_done() const { return updates_done_; }
  absl::Span<const Parameters> optimizer_state() const { return state_; }
  // Null without averages.
  const Parameters* averages() const {
    return averages_.has_value() ? &*averages_ : nullptr;
  }

  // Goes on from there: copies arrays as those of the functions above. Errors:
  // InvalidArgument for other numbers or sizes of arrays, and for
  // updates_done < 0; then nothing has changed.
  absl::Status Restore(int64_t updates_done,
                       absl::Span<const Parameters> optimizer_state,
                       const Parameters* averages);

  // Seconds that a thread has worked here, and the part of it in a node's
  // product for whole batches; zero unless options.measure_time.
  double BusySeconds() const;
  double ProductSeconds(int node) const;

 private:
  // Small enough to stay in the L1 cache while the shards are added up.
  static constexpr int64_t kChunk = 2048;

  // A part of the parameters, updated by one thread.
  struct Part {
    int64_t begin;
    int64_t end;
    const BatchProducts::Part* product = nullptr;  // Null: shards are added up.
    bool statistic = false;
    bool decay = true;
    double rate_factor = 1;
  };
  // What all parts of an update have in common.
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
        optimizer_without_decay_(options_.optimizer) {
    optimizer_without_decay_.weight_decay = 0;
  }

  void Plan(const Graph& graph);
  // Adds parts like `part` for its elements, whose gradients are the shards'.
  void PlanShardParts(const Part& part);
  // Makes a part's gradient, in the first shard's array.
  void Reduce(const Part& part, const Step& step, int thread);
  // Reduces all parts. Returns the norm of the gradients.
  double ReduceAll(const Step& step, ThreadPool& pool);
  // Notes in faults_ the gradients whose squares are not finite.
  void NoteGradients(const Step& step);
  // Leaves the parameters as they were before in the first shard's array, and
  // in faults_ what is not finite.
  void Apply(int64_t part, const Step& step);
  // The same for elements [begin, end) of the part, at most kChunk.
  void ApplyChunk(int64_t part, int64_t begin, int64_t end, const Step& step);
  // After Apply() of all parts.
  void Undo(const Step& step);
  // The first number that is not finite in what begins at element `begin`.
  // `before` are the parameters before the update, or empty if there was none.
  Fault MakeFault(const Part& part, int64_t begin,
                  absl::Span<const float> gradients,
                  absl::Span<const float> before) const;
  // The parts' first fault, in the order of Fault::text. Forgets all.
  std::optional<Fault> TakeFault();
  // "parameter NAME", of the one with this element.
  std::string ParameterAt(int64_t element) const;
  double* BusySeconds(int thread) {
    return options_.measure_time ? &busy_seconds_[thread] : nullptr;
  }

  const BatchProducts& products_;
  Parameters& parameters_;
  const ParameterUpdaterOptions options_;
  OptimizerSpec optimizer_without_decay_;
  std::vector<Part> parts_;
  // Of each part.
  std::vector<double> squares_;  // The gradient's, added up.
  std::vector<std::optional<Fault>> faults_;
  int64_t updates_done_ = 0;
  std::vector<Parameters> state_;
  std::optional<Parameters> averages_;
  // Of each thread.
  std::vector<double> busy_seconds_;
  std::vector<std::vector<double>> product_seconds_;  // And of each node.
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_PARAMETER_UPDATER_H_
