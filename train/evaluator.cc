#include "lenslet/train/evaluator.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/layers/fastest_backend.h"
#include "lenslet/ops/loss/loss.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/train/check_fit.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<Evaluator>> Evaluator::Create(
    const Graph& graph, const Parameters& parameters,
    const EvaluatorOptions& options) {
  std::unique_ptr<Evaluator> evaluator(new Evaluator(graph, options));
  const InferenceBackends backends =
      BackendsForInference(options.backend, graph, options.block);
  LENSLET_ASSIGN_OR_RETURN(evaluator->pool_,
                           ThreadPool::Create(options.threads));
  for (int thread = 0; thread < options.threads; ++thread) {
    LENSLET_ASSIGN_OR_RETURN(
        std::unique_ptr<BlockRunner> runner,
        BlockRunner::Create(graph, parameters, options.loss, options.target,
                            {.backend = backends.backend,
                             .layer_backends = backends.layer_backends,
                             .substitutes = backends.substitutes,
                             .images = options.block,
                             .exact = options.exact}));
    evaluator->runners_.push_back(std::move(runner));
  }
  return evaluator;
}

absl::StatusOr<int64_t> Evaluator::BytesNeeded(
    const Graph& graph, const EvaluatorOptions& options) {
  const InferenceBackends backends =
      BackendsForInference(options.backend, graph, options.block);
  const Layout layout =
      backends.backend == Backend::kLanes ? Layout::kLanes : Layout::kImages;
  LENSLET_ASSIGN_OR_RETURN(
      const int64_t of_thread,
      Executor::BytesNeeded(graph, {.backend = backends.backend,
                                    .layer_backends = backends.layer_backends,
                                    .substitutes = backends.substitutes,
                                    .images = options.block,
                                    .layout = layout}));
  return MultiplySizes(of_thread, options.threads);
}

absl::Status Evaluator::ForEachBlock(
    const Dataset& dataset,
    absl::FunctionRef<absl::Status(BlockRunner&, int64_t,
                                   absl::Span<const int64_t>)>
        compute) {
  LENSLET_RETURN_IF_ERROR(CheckFit(graph_, dataset));
  if (dataset.examples->target().kind != options_.target) {
    return absl::InvalidArgumentError(
        absl::StrCat("the targets of the data set are ",
                     Name(dataset.examples->target().kind), "; expected ",
                     Name(options_.target)));
  }
  for (const std::unique_ptr<BlockRunner>& runner : runners_) {
    LENSLET_RETURN_IF_ERROR(runner->executor().ParametersChanged());
  }
  std::vector<int64_t> indices = AllIndices(dataset.size());
  dataset.examples->WillRead(indices);
  const Batches blocks(std::move(indices), options_.block);
  // The error of the first block that fails, whoever computes it: only blocks
  // after one that has failed are left out.
  std::vector<absl::Status> statuses(blocks.count());
  std::atomic<int64_t> failed = blocks.count();
  pool_->ParallelFor(blocks.count(), [&](int thread, int64_t i) {
    if (i > failed) return;
    FlushDenormals flush;
    statuses[i] = compute(*runners_[thread], i, blocks.batch(i));
    if (statuses[i].ok()) return;
    int64_t first = failed;
    while (i < first && !failed.compare_exchange_weak(first, i)) {
    }
  });
  for (const absl::Status& status : statuses) LENSLET_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

absl::StatusOr<Metrics> Evaluator::Evaluate(const Dataset& dataset) {
  const int64_t blocks = (dataset.size() + options_.block - 1) / options_.block;
  std::vector<Metrics> of_block(blocks);
  LENSLET_RETURN_IF_ERROR(ForEachBlock(
      dataset,
      [&](BlockRunner& runner, int64_t i, absl::Span<const int64_t> indices) {
        LENSLET_ASSIGN_OR_RETURN(of_block[i], runner.Forward(dataset, indices));
        return absl::OkStatus();
      }));
  // Added up in the order of the blocks, whoever computed them.
  Metrics metrics;
  for (const Metrics& m : of_block) metrics.Add(m);
  return metrics;
}

absl::StatusOr<Tensor> Evaluator::Outputs(const Dataset& dataset) {
  const Shape& output = graph_.ShapeOfValue(graph_.output_value());
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, output.WithOuter(dataset.size()));
  LENSLET_ASSIGN_OR_RETURN(Tensor outputs,
                           Tensor::Create(ElementType::kFloat32, shape));
  LENSLET_RETURN_IF_ERROR(ForEachBlock(
      dataset,
      [&](BlockRunner& runner, int64_t i, absl::Span<const int64_t> indices) {
        return runner.Outputs(
            dataset, indices,
            outputs.data() + i * options_.block * output.elements());
      }));
  return outputs;
}

absl::StatusOr<Tensor> Evaluator::Probabilities(const Dataset& dataset) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor scores, Outputs(dataset));
  return Softmax(scores);
}

}  // namespace lenslet
