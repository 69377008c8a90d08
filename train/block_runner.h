// Takes blocks of a data set's images through a network and its loss: what a
// thread of the trainer or the evaluator does.

#ifndef LENSLET_TRAIN_BLOCK_RUNNER_H_
#define LENSLET_TRAIN_BLOCK_RUNNER_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/loss/loss_kernel.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/metrics.h"

namespace lenslet {

// Owns an executor and a loss of its backend. One thread at a time.
class BlockRunner {
 public:
  // For a graph that is a classifier (train/classifier.h). `parameters` must
  // outlive the runner and may not move. The backend decides on the layout.
  // ForwardBackward() changes images by `augmentation`. Errors: as
  // MakeLossKernel(), Executor::Create() and CheckAugmentation().
  static absl::StatusOr<std::unique_ptr<BlockRunner>> Create(
      const Graph& graph, const Parameters& parameters, const LossSpec& loss,
      const ExecutorOptions& options,
      const AugmentationSpec& augmentation = {});

  // Writes the scores of the images at `indices`, from 1 to options.images, to
  // `scores`: [indices.size(), classes].
  void Scores(const Dataset& dataset, absl::Span<const int64_t> indices,
              float* scores);

  // Loss and accuracy of such images.
  Metrics Forward(const Dataset& dataset, absl::Span<const int64_t> indices);

  // The same, and adds the gradient of the sum of their losses, times `scale`,
  // to `gradients`; to those of statistics, the changes that the images ask
  // for. Random numbers, those of augmentation too, come from `seed`.
  // options.training must be set.
  Metrics ForwardBackward(const Dataset& dataset,
                          absl::Span<const int64_t> indices, float scale,
                          uint64_t seed, absl::Span<float> gradients);

  // Seconds in the layers' kernels and the loss's, and in what a backend does
  // when parameters have changed; zero unless options.measure_time.
  double KernelSeconds() const;
  // The loss's part of it, gradient included.
  double LossSeconds() const { return loss_seconds_; }
  // Seconds in reading images and labels; zero unless options.measure_time.
  double ReadSeconds() const { return read_seconds_; }

  // The losses of the last block's images; of more images, if it had fewer than
  // options.images.
  absl::Span<const float> losses() const { return losses_; }

  // How the executor's input and output lie in memory.
  Layout layout() const { return layout_; }

  // For its ParametersChanged() and what it knows of its layers.
  Executor& executor() { return *executor_; }
  const Executor& executor() const { return *executor_; }

 private:
  BlockRunner(std::unique_ptr<Executor> executor,
              std::unique_ptr<LossKernel> loss, const ExecutorOptions& options)
      : executor_(std::move(executor)),
        loss_(std::move(loss)),
        layout_(options.layout),
        measure_time_(options.measure_time),
        labels_(options.images),
        losses_(options.images) {}

  void ReadImages(const Dataset& dataset, absl::Span<const int64_t> indices);
  void ReadAugmented(const Dataset& dataset, absl::Span<const int64_t> indices,
                     uint64_t seed);
  // Runs the network, and the loss with its gradient unless `dx` is null, for
  // as many images as were read.
  Metrics RunLoss(int64_t images, float scale, float* dx);

  const std::unique_ptr<Executor> executor_;
  const std::unique_ptr<LossKernel> loss_;
  const Layout layout_;
  const bool measure_time_;
  std::unique_ptr<Augmenter> augmenter_;  // Null: images are as they are.
  double read_seconds_ = 0;
  double loss_seconds_ = 0;
  std::vector<int32_t> labels_;
  std::vector<float> losses_;
  Tensor scores_;  // [images, classes]
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_BLOCK_RUNNER_H_
