#include "train/evaluator.h"

#include <numeric>
#include <utility>

#include "base/denormals.h"
#include "base/status_macros.h"
#include "data/batches.h"
#include "train/classifier.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<Evaluator>> Evaluator::Create(
    const Graph& graph, const Parameters& parameters,
    const EvaluatorOptions& options) {
  std::unique_ptr<Evaluator> evaluator(new Evaluator(graph, options));
  LENSLET_ASSIGN_OR_RETURN(evaluator->pool_,
                           ThreadPool::Create(options.threads));
  for (int thread = 0; thread < options.threads; ++thread) {
    LENSLET_ASSIGN_OR_RETURN(
        std::unique_ptr<BlockRunner> runner,
        BlockRunner::Create(
            graph, parameters,
            {.backend = evaluator->backend_, .images = options.block}));
    evaluator->runners_.push_back(std::move(runner));
  }
  return evaluator;
}

absl::StatusOr<Metrics> Evaluator::Evaluate(const Dataset& dataset) {
  LENSLET_RETURN_IF_ERROR(CheckClassifier(graph_, dataset));
  for (const std::unique_ptr<BlockRunner>& runner : runners_) {
    LENSLET_RETURN_IF_ERROR(runner->executor().ParametersChanged());
  }
  std::vector<int64_t> indices(dataset.size());
  std::iota(indices.begin(), indices.end(), 0);
  const Batches blocks(std::move(indices), options_.block);
  std::vector<Metrics> of_block(blocks.count());
  pool_->ParallelFor(blocks.count(), [&](int thread, int64_t i) {
    FlushDenormals flush;
    of_block[i] = runners_[thread]->Forward(dataset, blocks.batch(i));
  });
  // Added up in the order of the blocks, whoever computed them.
  Metrics metrics;
  for (const Metrics& m : of_block) metrics.Add(m);
  return metrics;
}

}  // namespace lenslet
