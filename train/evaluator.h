// Measures a model on a data set.

#ifndef LENSLET_TRAIN_EVALUATOR_H_
#define LENSLET_TRAIN_EVALUATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/thread_pool.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/block_runner.h"
#include "lenslet/train/metrics.h"

namespace lenslet {

struct EvaluatorOptions {
  // Default: the fastest for blocks of size `block`.
  std::optional<Backend> backend = {};
  int threads = 1;  // At least 1.
  // Images that the network processes together, at least 1.
  int64_t block = 64;
  // As in ExecutorOptions (layers/executor.h).
  bool exact = false;
  // The loss to report. Use the trainer's, including label smoothing and class
  // weights, to compare losses with those of training. Between different
  // losses, only accuracies are comparable.
  LossSpec loss = {};
  // Of the data sets.
  TargetKind target = TargetKind::kClasses;
};

// Folds batch normalizations into the layers before them, as a Predictor does
// (layers/fold_batch_norm.h). Owns its threads and one executor per thread.
// Calls must not overlap.
class Evaluator {
 public:
  // `parameters` must outlive the evaluator and may not move. Errors:
  // InvalidArgument, ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Evaluator>> Create(
      const Graph& graph, const Parameters& parameters,
      const EvaluatorOptions& options);

  // The number of bytes that an evaluator needs for activations. Errors: as
  // Executor::BytesNeeded().
  static absl::StatusOr<int64_t> BytesNeeded(const Graph& graph,
                                             const EvaluatorOptions& options);

  // The number of bytes that Evaluate() needs beside them for a set of so many
  // examples. The AUC of labels needs all scores and targets at once, 8 bytes
  // for each label of each example, and 8 for each example on each thread;
  // other metrics are sums, and the set may be of any size.
  static int64_t BytesOfSet(const Graph& graph, const EvaluatorOptions& options,
                            int64_t examples);

  // Returns the metrics over all examples, those of whole sets included, for
  // the current parameter values. The result does not depend on the number of
  // threads. Errors: InvalidArgument for a data set that does not fit the
  // graph; those of reading it; ResourceExhausted.
  absl::StatusOr<Metrics> Evaluate(const Dataset& dataset);

  // Returns the model's outputs for all examples: float32 [dataset.size(),
  // ...]. Does not read the targets. Otherwise as Evaluate().
  absl::StatusOr<Tensor> Outputs(const Dataset& dataset);

  // Returns the softmax of Outputs(), which are scores of classes: the class
  // probabilities.
  absl::StatusOr<Tensor> Probabilities(const Dataset& dataset);

  // The names of the backends in use: "lanes", or "direct, xnnpack".
  std::string BackendNames() const {
    return runners_[0]->executor().BackendNames();
  }

 private:
  Evaluator(const Graph& graph, const Parameters& parameters,
            const EvaluatorOptions& options)
      : graph_(graph), parameters_(parameters), options_(options) {}

  // The mean AUC of labels, for scores and targets [N, labels].
  std::optional<double> MeanAuc(const Tensor& scores, const Tensor& targets);

  // Calls compute(runner, i, indices) for each block of images, on all threads,
  // where `i` is the block's number and `indices` are its images. Errors: as
  // Evaluate().
  absl::Status ForEachBlock(
      const Dataset& dataset,
      absl::FunctionRef<absl::Status(BlockRunner&, int64_t,
                                     absl::Span<const int64_t>)>
          compute);

  const Graph graph_;
  const Parameters& parameters_;
  const EvaluatorOptions options_;
  std::optional<FoldedNetwork> folded_;  // If there is something to fold.
  std::vector<std::unique_ptr<BlockRunner>> runners_;  // One for each thread.
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_EVALUATOR_H_
