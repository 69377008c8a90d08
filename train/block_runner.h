// Runs blocks of a data set's examples through a network and its loss. Each
// thread of the trainer or evaluator has one.

#ifndef LENSLET_TRAIN_BLOCK_RUNNER_H_
#define LENSLET_TRAIN_BLOCK_RUNNER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/loss/loss_kernel.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/metrics.h"

namespace lenslet {

// Owns an executor and a loss kernel of the same backend. Not thread-safe.
class BlockRunner {
 public:
  // For data sets with this kind of targets that fit the graph
  // (train/check_fit.h). `parameters` must
  // outlive the runner and may not move. The backend determines the layout.
  // ForwardBackward() applies `augmentation`, which must pass
  // CheckAugmentation(), to the examples. Errors: as MakeLossKernel() and
  // Executor::Create().
  static absl::StatusOr<std::unique_ptr<BlockRunner>> Create(
      const Graph& graph, const Parameters& parameters, const LossSpec& loss,
      TargetKind target, const ExecutorOptions& options,
      const AugmentationSpec& augmentation = {});

  // The functions below take 1 to options.images indices. Errors: those of
  // reading the examples; InvalidArgument, naming the example, for a class that
  // the data set has no name for.

  // Writes the outputs for the examples at `indices` to `outputs`, one after
  // the other: [indices.size(), classes].
  absl::Status Outputs(const Dataset& dataset,
                       absl::Span<const int64_t> indices, float* outputs);

  // Returns the metrics of the examples at `indices`.
  absl::StatusOr<Metrics> Forward(const Dataset& dataset,
                                  absl::Span<const int64_t> indices);

  // Does the same, and adds `scale` times the gradient of the sum of the losses
  // to `gradients`. For statistics, adds the updates that the examples call for
  // instead. `seed` determines all random numbers, including those of the
  // augmentation. options.training must be set.
  absl::StatusOr<Metrics> ForwardBackward(const Dataset& dataset,
                                          absl::Span<const int64_t> indices,
                                          float scale, uint64_t seed,
                                          absl::Span<float> gradients);

  // Seconds spent in the kernels of the layers and the loss, and in the
  // backend's work after parameters have changed. Zero unless
  // options.measure_time.
  double KernelSeconds() const;
  // The part of KernelSeconds() spent in the loss and its gradient.
  double LossSeconds() const { return loss_seconds_; }
  // Seconds spent reading inputs and targets. Zero unless options.measure_time.
  double ReadSeconds() const { return read_seconds_; }

  // The losses of the last block's images. Always has options.images elements:
  // after a smaller block, the rest are left over from earlier blocks.
  absl::Span<const float> losses() const { return losses_; }

  // The memory layout of the executor's input and output.
  Layout layout() const { return layout_; }

  // The outputs and the targets of the last Forward(), of labels or values: as
  // many of one as of the other, one example after the other.
  absl::Span<const float> outputs();
  absl::Span<const float> targets() const { return batch_.values(); }

  // Gives access to ParametersChanged() and to facts about the layers.
  Executor& executor() { return *executor_; }
  const Executor& executor() const { return *executor_; }

 private:
  BlockRunner(std::unique_ptr<Executor> executor,
              std::unique_ptr<LossKernel> loss, const LossSpec& loss_spec,
              TargetKind target, const ExecutorOptions& options)
      : executor_(std::move(executor)),
        loss_(std::move(loss)),
        loss_spec_(loss_spec),
        target_(target),
        layout_(options.layout),
        measure_time_(options.measure_time),
        losses_(options.images) {}

  // Of the inputs that have just been read; changed if there is a seed.
  absl::Status ReadTargets(const Dataset& dataset,
                           absl::Span<const int64_t> indices,
                           std::optional<uint64_t> seed);
  absl::Status ReadInputs(const Dataset& dataset,
                          absl::Span<const int64_t> indices);
  absl::Status Read(const Dataset& dataset, absl::Span<const int64_t> indices);
  absl::Status ReadAugmented(const Dataset& dataset,
                             absl::Span<const int64_t> indices, uint64_t seed);
  // The metrics of the first `images` outputs, except for the loss.
  Metrics Measure(int64_t images, View<const float> outputs) const;
  // The sum of the weights of the first `images` examples in the loss.
  double Weights(int64_t images) const;
  // Of mixtures of classes (data/mixing.h): adds the loss of the other classes
  // and its gradient.
  void MixLoss(int64_t images, float scale, float* dx);
  // Runs the network and the loss for the first `images` examples, which must
  // have been read. Also computes the loss's gradient unless `dx` is null.
  Metrics RunLoss(int64_t images, float scale, float* dx);

  const std::unique_ptr<Executor> executor_;
  const std::unique_ptr<LossKernel> loss_;
  const LossSpec loss_spec_;
  const TargetKind target_;
  const Layout layout_;
  const bool measure_time_;
  std::unique_ptr<Augmenter> augmenter_;  // Null: no augmentation.
  double read_seconds_ = 0;
  double loss_seconds_ = 0;
  ExampleBatch batch_;
  bool is_mixed_ = false;  // Whether the examples in batch_ are.
  std::vector<float> losses_;
  std::vector<float> other_losses_;
  Tensor other_dx_;
  // Those with the larger share.
  std::vector<int32_t> larger_classes_;
  Tensor outputs_;        // [images, ...], one after the other.
  Tensor target_values_;  // As outputs_, in the layout of the loss.
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_BLOCK_RUNNER_H_
