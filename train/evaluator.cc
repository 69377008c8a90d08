#include "train/evaluator.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/status_macros.h"
#include "data/batches.h"
#include "train/classifier.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<Evaluator>> Evaluator::Create(
    const Graph& graph, const Parameters& parameters,
    const EvaluatorOptions& options) {
  std::unique_ptr<Evaluator> evaluator(new Evaluator(graph, options));
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  for (int thread = 0; thread < options.threads; ++thread) {
    Worker worker;
    LENSLET_ASSIGN_OR_RETURN(worker.executor,
                             Executor::Create(graph, parameters,
                                              {.backend = options.backend,
                                               .images = options.block}));
    LENSLET_ASSIGN_OR_RETURN(
        worker.loss, MakeSoftmaxCrossEntropy(options.backend, output.elements(),
                                             options.block));
    worker.labels.resize(options.block);
    worker.losses.resize(options.block);
    evaluator->workers_.push_back(std::move(worker));
  }
  return evaluator;
}

Metrics Evaluator::EvaluateBlock(const Dataset& dataset,
                                 absl::Span<const int64_t> indices,
                                 Worker& worker) {
  const int64_t images = static_cast<int64_t>(indices.size());
  CopyImages(dataset, indices, worker.executor->input().data());
  CopyLabels(dataset, indices, worker.labels.data());
  worker.executor->Forward(images);
  const View<const float> scores = worker.executor->output();
  worker.loss->Run(images, scores.data(), worker.labels.data(), /*scale=*/1,
                   worker.losses.data(), /*dx=*/nullptr);
  return {.examples = images,
          .loss_sum = std::accumulate(worker.losses.begin(),
                                      worker.losses.begin() + images, 0.0),
          .correct = CountCorrect(
              scores, absl::MakeConstSpan(worker.labels).first(images))};
}

absl::StatusOr<Metrics> Evaluator::Evaluate(const Dataset& dataset) {
  LENSLET_RETURN_IF_ERROR(CheckClassifier(graph_, dataset));
  for (Worker& worker : workers_) {
    LENSLET_RETURN_IF_ERROR(worker.executor->ParametersChanged());
  }
  std::vector<int64_t> indices(dataset.size());
  std::iota(indices.begin(), indices.end(), 0);
  const Batches blocks(std::move(indices), options_.block);
  std::vector<Metrics> of_block(blocks.count());
  pool_.ParallelFor(blocks.count(), [&](int thread, int64_t i) {
    of_block[i] = EvaluateBlock(dataset, blocks.batch(i), workers_[thread]);
  });
  // Added up in the order of the blocks, whoever computed them.
  Metrics metrics;
  for (const Metrics& m : of_block) metrics.Add(m);
  return metrics;
}

}  // namespace lenslet
