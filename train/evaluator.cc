#include "lenslet/train/evaluator.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
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
#include "lenslet/train/metrics/auc.h"
#include "lenslet/train/metrics/ratio.h"
#include "lenslet/train/metrics/value_errors.h"

namespace lenslet {
namespace {

// Adds up what R^2 needs in the order of the blocks, in whatever order they are
// computed. Keeps only those that wait for an earlier one.
class R2InOrder {
 public:
  explicit R2InOrder(int64_t columns) : columns_(columns), total_(columns) {}

  // Once for each block. Thread-safe.
  void Add(int64_t block, absl::Span<const float> outputs,
           absl::Span<const float> targets) {
    R2Sums sums(columns_);
    sums.Add(outputs, targets);
    std::lock_guard<std::mutex> lock(mutex_);
    waiting_.emplace(block, std::move(sums));
    for (auto next = waiting_.begin();
         next != waiting_.end() && next->first == added_;
         next = waiting_.erase(next)) {
      total_.Add(next->second);
      ++added_;
    }
  }

  // The mean over the columns that have one; after all blocks.
  std::optional<double> MeanR2() const { return MeanOfPresent(total_.r2()); }

 private:
  const int64_t columns_;
  std::mutex mutex_;
  int64_t added_ = 0;
  R2Sums total_;
  std::map<int64_t, R2Sums> waiting_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Evaluator>> Evaluator::Create(
    const Graph& graph, const Parameters& parameters,
    const EvaluatorOptions& options) {
  std::unique_ptr<Evaluator> evaluator(
      new Evaluator(graph, parameters, options));
  std::optional<FoldedNetwork>& folded = evaluator->folded_;
  LENSLET_ASSIGN_OR_RETURN(const Graph folded_graph, FoldedGraph(graph));
  if (folded_graph.nodes().size() < graph.nodes().size()) {
    LENSLET_ASSIGN_OR_RETURN(folded, FoldBatchNorm(graph, parameters));
  }
  const InferenceBackends backends =
      BackendsForInference(options.backend, folded_graph, options.block);
  LENSLET_ASSIGN_OR_RETURN(evaluator->pool_,
                           ThreadPool::Create(options.threads));
  for (int thread = 0; thread < options.threads; ++thread) {
    LENSLET_ASSIGN_OR_RETURN(
        std::unique_ptr<BlockRunner> runner,
        BlockRunner::Create(folded_graph,
                            folded ? folded->parameters : parameters,
                            options.loss, options.target,
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
    const Graph& unfolded, const EvaluatorOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, FoldedGraph(unfolded));
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

int64_t Evaluator::BytesOfSet(const Graph& graph,
                              const EvaluatorOptions& options,
                              int64_t examples) {
  if (options.target != TargetKind::kLabels) return 0;
  const int64_t labels = graph.ShapeOfValue(graph.output_value()).elements();
  constexpr int64_t kBytes = 2 * sizeof(float);
  return MultiplySizes(MultiplySizes(examples, kBytes),
                       labels + options.threads);
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
  if (folded_) UpdateFolded(graph_, parameters_, *folded_);
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
  const Shape& output = graph_.ShapeOfValue(graph_.output_value());
  const int64_t elements = output.elements();
  const bool labels = options_.target == TargetKind::kLabels;
  LENSLET_ASSIGN_OR_RETURN(const Shape all,
                           output.WithOuter(labels ? dataset.size() : 0));
  LENSLET_ASSIGN_OR_RETURN(Tensor scores,
                           Tensor::Create(ElementType::kFloat32, all));
  LENSLET_ASSIGN_OR_RETURN(Tensor targets,
                           Tensor::Create(ElementType::kFloat32, all));
  R2InOrder r2(options_.target == TargetKind::kValues ? elements : 1);
  LENSLET_RETURN_IF_ERROR(ForEachBlock(
      dataset,
      [&](BlockRunner& runner, int64_t i, absl::Span<const int64_t> indices) {
        LENSLET_ASSIGN_OR_RETURN(of_block[i], runner.Forward(dataset, indices));
        if (options_.target == TargetKind::kValues) {
          r2.Add(i, runner.outputs(), runner.targets());
        } else if (labels) {
          const int64_t first = i * options_.block * elements;
          const absl::Span<const float> outputs = runner.outputs();
          const absl::Span<const float> wanted = runner.targets();
          std::copy(outputs.begin(), outputs.end(), scores.data() + first);
          std::copy(wanted.begin(), wanted.end(), targets.data() + first);
        }
        return absl::OkStatus();
      }));
  // Added up in the order of the blocks, whoever computed them.
  Metrics metrics;
  for (const Metrics& m : of_block) metrics.Add(m);
  if (labels) metrics.auc = MeanAuc(scores, targets);
  if (options_.target == TargetKind::kValues) metrics.r2 = r2.MeanR2();
  return metrics;
}

std::optional<double> Evaluator::MeanAuc(const Tensor& scores,
                                         const Tensor& targets) {
  const int64_t labels = scores.shape().inner_elements();
  std::vector<std::optional<double>> of_label(labels);
  pool_->ParallelFor(labels, [&](int, int64_t label) {
    of_label[label] = AucOfLabel(scores.span(), targets.span(), labels, label);
  });
  return MeanOfPresent(of_label);
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
