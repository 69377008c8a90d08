#include "train/block_runner.h"

#include <numeric>

#include "base/scoped_timer.h"
#include "base/status_macros.h"
#include "data/batches.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<BlockRunner>> BlockRunner::Create(
    const Graph& graph, const Parameters& parameters,
    const ExecutorOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Executor> executor,
                           Executor::Create(graph, parameters, options));
  const Shape& scores = graph.ShapeOfValue(graph.output_value());
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<SoftmaxCrossEntropy> loss,
      MakeSoftmaxCrossEntropy(options.backend, {.classes = scores.elements()},
                              scores, options.images));
  return std::unique_ptr<BlockRunner>(
      new BlockRunner(std::move(executor), std::move(loss), options));
}

Metrics BlockRunner::RunLoss(const Dataset& dataset,
                             absl::Span<const int64_t> indices, float scale,
                             float* dx) {
  const int64_t images = static_cast<int64_t>(indices.size());
  CopyImages(dataset, indices, executor_->input().data());
  CopyLabels(dataset, indices, labels_.data());
  executor_->Forward(images);
  const View<const float> scores = executor_->output();
  {
    ScopedTimer timer(measure_time_ ? &loss_seconds_ : nullptr);
    loss_->Run(images, scores.data(), labels_.data(), scale, losses_.data(),
               dx);
  }
  return {.examples = images,
          .loss_sum =
              std::accumulate(losses_.begin(), losses_.begin() + images, 0.0),
          .correct =
              CountCorrect(scores, absl::MakeConstSpan(labels_).first(images))};
}

Metrics BlockRunner::Forward(const Dataset& dataset,
                             absl::Span<const int64_t> indices) {
  return RunLoss(dataset, indices, /*scale=*/1, /*dx=*/nullptr);
}

Metrics BlockRunner::ForwardBackward(const Dataset& dataset,
                                     absl::Span<const int64_t> indices,
                                     float scale, absl::Span<float> gradients) {
  const Metrics metrics =
      RunLoss(dataset, indices, scale, executor_->output_gradient().data());
  executor_->Backward(static_cast<int64_t>(indices.size()), gradients);
  return metrics;
}

double BlockRunner::KernelSeconds() const {
  double seconds = loss_seconds_;
  for (int node = 0; node < executor_->layer_count(); ++node) {
    seconds += executor_->PrepareSeconds(node) +
               executor_->ForwardSeconds(node) +
               executor_->BackwardSeconds(node);
  }
  return seconds;
}

}  // namespace lenslet
