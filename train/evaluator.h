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
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/block_runner.h"
#include "lenslet/train/metrics.h"

namespace lenslet {

struct EvaluatorOptions {
  // Without: the fastest for blocks of that size.
  std::optional<Backend> backend = {};
  int threads = 1;  // At least 1.
  // Images that go through the network together, at least 1.
  int64_t block = 64;
  // The loss to report: a trainer's, smoothing and class weights included, so
  // that its number on other images can be compared with that of training.
  // Between different losses only the accuracy can be compared.
  LossSpec loss = {};
};

// Owns its threads and an executor for each. One call at a time.
class Evaluator {
 public:
  // `parameters` must outlive the evaluator and may not move. Errors:
  // InvalidArgument, ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Evaluator>> Create(
      const Graph& graph, const Parameters& parameters,
      const EvaluatorOptions& options);

  // The bytes that an evaluator will need for activations. Errors:
  // Executor::BytesNeeded()'s.
  static absl::StatusOr<int64_t> BytesNeeded(const Graph& graph,
                                             const EvaluatorOptions& options);

  // Loss and accuracy over all images, with the parameters' current values. The
  // result does not depend on the number of threads. Errors: InvalidArgument
  // for a data set that does not fit the graph, ResourceExhausted.
  absl::StatusOr<Metrics> Evaluate(const Dataset& dataset);

  // The scores that the model gives to the classes, for all images: float32
  // [dataset.size(), classes]. Otherwise as Evaluate().
  absl::StatusOr<Tensor> Scores(const Dataset& dataset);

  // The same through softmax: the classes' probabilities.
  absl::StatusOr<Tensor> Probabilities(const Dataset& dataset);

  // The names of the backends that compute: "lanes", or "direct, xnnpack".
  std::string BackendNames() const {
    return runners_[0]->executor().BackendNames();
  }

 private:
  Evaluator(const Graph& graph, const EvaluatorOptions& options)
      : graph_(graph), options_(options) {}

  // Lets threads compute, for the `i`th block of the data set's images,
  // compute(runner, i, indices of the block's images). Errors: as Evaluate().
  absl::Status ForEachBlock(
      const Dataset& dataset,
      absl::FunctionRef<void(BlockRunner&, int64_t, absl::Span<const int64_t>)>
          compute);

  const Graph graph_;
  const EvaluatorOptions options_;
  std::vector<std::unique_ptr<BlockRunner>> runners_;  // One for each thread.
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_EVALUATOR_H_
