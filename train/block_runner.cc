#include "lenslet/train/block_runner.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/input_targets.h"
#include "lenslet/ops/loss/loss.h"
#include "lenslet/train/metrics/top_k.h"
#include "lenslet/train/quantity.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<BlockRunner>> BlockRunner::Create(
    const Graph& graph, const Parameters& parameters, const LossSpec& loss,
    TargetKind target, const ExecutorOptions& options,
    const AugmentationSpec& augmentation) {
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<LossKernel> loss_kernel,
      MakeLossKernel(options.backend, loss, output, options.images, target));
  ExecutorOptions executor_options = options;
  executor_options.layout = loss_kernel->layout();
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<Executor> executor,
      Executor::Create(graph, parameters, executor_options));
  std::unique_ptr<BlockRunner> runner(
      new BlockRunner(std::move(executor), std::move(loss_kernel), loss, target,
                      executor_options));
  LENSLET_ASSIGN_OR_RETURN(const Shape block, output.WithOuter(options.images));
  LENSLET_ASSIGN_OR_RETURN(runner->outputs_,
                           Tensor::Create(ElementType::kFloat32, block));
  if (target != TargetKind::kClasses) {
    LENSLET_ASSIGN_OR_RETURN(const Shape room,
                             output.WithOuter(RoomForImages(
                                 executor_options.layout, options.images)));
    LENSLET_ASSIGN_OR_RETURN(runner->target_values_,
                             Tensor::Create(ElementType::kFloat32, room));
  }
  if (!augmentation.empty()) {
    LENSLET_ASSIGN_OR_RETURN(
        runner->augmenter_,
        Augmenter::Create(augmentation, graph.inputs()[0].shape));
    if (target == TargetKind::kClasses &&
        (augmentation.mixup > 0 || augmentation.cutmix > 0)) {
      runner->other_losses_.resize(options.images);
      LENSLET_ASSIGN_OR_RETURN(const Shape room,
                               output.WithOuter(RoomForImages(
                                   executor_options.layout, options.images)));
      LENSLET_ASSIGN_OR_RETURN(runner->other_dx_,
                               Tensor::Create(ElementType::kFloat32, room));
    }
  }
  return runner;
}

absl::Status BlockRunner::ReadTargets(const Dataset& dataset,
                                      absl::Span<const int64_t> indices,
                                      std::optional<uint64_t> seed) {
  const Examples& examples = *dataset.examples;
  LENSLET_CHECK(examples.target().kind == target_);
  LENSLET_RETURN_IF_ERROR(examples.target_is_input()
                              ? TargetsFromInputs(examples, batch_)
                              : batch_.ReadTargets(examples, indices));
  is_mixed_ = false;
  if (seed.has_value()) {
    augmenter_->ChangeTargets(examples, *seed, batch_);
    is_mixed_ = !augmenter_->shares().empty();
  }
  if (target_ != TargetKind::kClasses) {
    const float* values = batch_.values().data();
    const int64_t count = static_cast<int64_t>(indices.size());
    const int64_t elements = outputs_.shape().inner_elements();
    if (layout_ == Layout::kLanes) {
      ImagesToLanes(count, elements, values, target_values_.data());
    } else {
      std::copy_n(values, count * elements, target_values_.data());
    }
    return absl::OkStatus();
  }
  const absl::Span<const int32_t> classes = batch_.classes();
  const uint32_t limit = static_cast<uint32_t>(dataset.target_names.size());
  const bool has_positions = dataset.examples->target().shape.rank() > 0;
  const auto bad = std::find_if(classes.begin(), classes.end(), [&](int32_t c) {
    return static_cast<uint32_t>(c) >= limit &&
           !(has_positions && c == kIgnoredClass);
  });
  if (bad == classes.end()) return absl::OkStatus();
  const size_t positions = classes.size() / indices.size();
  return absl::InvalidArgumentError(
      absl::StrCat("example ", indices[(bad - classes.begin()) / positions],
                   " of the data set has class ", *bad,
                   "; expected a number in [0, ", limit - 1, "]"));
}

absl::Status BlockRunner::ReadInputs(const Dataset& dataset,
                                     absl::Span<const int64_t> indices) {
  ScopedTimer timer(measure_time_ ? &read_seconds_ : nullptr);
  LENSLET_RETURN_IF_ERROR(batch_.ReadInputs(*dataset.examples, indices));
  CopyInputs(dataset, batch_, layout_, executor_->input().data());
  return absl::OkStatus();
}

absl::Status BlockRunner::Read(const Dataset& dataset,
                               absl::Span<const int64_t> indices) {
  LENSLET_RETURN_IF_ERROR(ReadInputs(dataset, indices));
  ScopedTimer timer(measure_time_ ? &read_seconds_ : nullptr);
  return ReadTargets(dataset, indices, std::nullopt);
}

absl::Status BlockRunner::ReadAugmented(const Dataset& dataset,
                                        absl::Span<const int64_t> indices,
                                        uint64_t seed) {
  if (augmenter_ == nullptr) return Read(dataset, indices);
  ScopedTimer timer(measure_time_ ? &read_seconds_ : nullptr);
  LENSLET_RETURN_IF_ERROR(batch_.ReadInputs(*dataset.examples, indices));
  augmenter_->CopyInputs(dataset, batch_, seed, layout_,
                         executor_->input().data());
  return ReadTargets(dataset, indices, seed);
}

absl::Status BlockRunner::Outputs(const Dataset& dataset,
                                  absl::Span<const int64_t> indices,
                                  float* outputs) {
  const int64_t images = static_cast<int64_t>(indices.size());
  const int64_t elements = outputs_.shape().inner_elements();
  LENSLET_RETURN_IF_ERROR(ReadInputs(dataset, indices));
  executor_->Forward(images);
  const float* output = executor_->output().data();
  if (layout_ == Layout::kLanes) {
    LanesToImages(images, elements, output, outputs);
  } else {
    std::copy_n(output, images * elements, outputs);
  }
  return absl::OkStatus();
}

Metrics BlockRunner::Measure(int64_t images, View<const float> outputs) const {
  Metrics metrics = {.examples = images,
                     .loss_sum = std::accumulate(
                         losses_.begin(), losses_.begin() + images, 0.0)};
  const int64_t elements = images * outputs.shape().inner_elements();
  const absl::Span<const int32_t> counted =
      is_mixed_ ? absl::MakeConstSpan(larger_classes_) : batch_.classes();
  switch (target_) {
    case TargetKind::kClasses: {
      metrics.predictions = CountCounted(counted);
      const int64_t classes = outputs.shape().dim(outputs.shape().rank() - 1);
      const TopCounts top = CountTop(outputs.span(), classes, counted, /*k=*/5);
      metrics.correct = top.first;
      if (classes >= kTop5Accuracy.min_classes) metrics.in_top_5 = top.top_k;
      if (const double weights = Weights(images);
          weights != static_cast<double>(images)) {
        metrics.weight_sum = weights;
      }
      break;
    }
    case TargetKind::kLabels: {
      const LabelMetrics labels =
          CountLabels(outputs.span().first(elements), batch_.values(),
                      outputs.shape().inner_elements(), /*threshold=*/0);
      metrics.labels = labels.micro();
      metrics.exact = labels.exact;
      break;
    }
    case TargetKind::kValues:
      metrics.values =
          SumValueErrors(outputs.span().first(elements), batch_.values());
      break;
  }
  return metrics;
}

double BlockRunner::Weights(int64_t images) const {
  const absl::Span<const int32_t> classes = batch_.classes();
  if (!is_mixed_) return SumOfWeights(loss_spec_, classes, images);
  const absl::Span<const int32_t> others = augmenter_->other_classes();
  const int64_t positions = static_cast<int64_t>(classes.size()) / images;
  double sum = 0;
  for (int64_t n = 0; n < images; ++n) {
    const double share = augmenter_->shares()[n];
    const int64_t first = n * positions;
    sum +=
        share * SumOfWeights(loss_spec_, classes.subspan(first, positions),
                             /*images=*/1) +
        (1 - share) * SumOfWeights(loss_spec_, others.subspan(first, positions),
                                   /*images=*/1);
  }
  return sum;
}

void BlockRunner::MixLoss(int64_t images, float scale, float* dx) {
  const absl::Span<const float> shares = augmenter_->shares();
  const absl::Span<const int32_t> others = augmenter_->other_classes();
  float* const other_dx = dx == nullptr ? nullptr : other_dx_.data();
  loss_->Run(images, executor_->output().data(), {.classes = others.data()},
             scale, other_losses_.data(), other_dx);
  for (int64_t n = 0; n < images; ++n) {
    losses_[n] = shares[n] * losses_[n] + (1 - shares[n]) * other_losses_[n];
  }
  const int64_t elements = outputs_.shape().inner_elements();
  // Where the numbers of an image are.
  const bool in_lanes = layout_ == Layout::kLanes;
  const int64_t stride = in_lanes ? kLanes : 1;
  for (int64_t n = 0; dx != nullptr && n < images; ++n) {
    const int64_t first =
        in_lanes ? n / kLanes * kLanes * elements + n % kLanes : n * elements;
    for (int64_t i = 0; i < elements; ++i) {
      const int64_t at = first + i * stride;
      dx[at] = shares[n] * dx[at] + (1 - shares[n]) * other_dx[at];
    }
  }
  const int64_t positions = static_cast<int64_t>(others.size()) / images;
  larger_classes_.assign(batch_.classes().begin(), batch_.classes().end());
  for (int64_t n = 0; n < images; ++n) {
    if (shares[n] >= 0.5f) continue;
    std::copy_n(others.begin() + n * positions, positions,
                larger_classes_.begin() + n * positions);
  }
}

absl::Span<const float> BlockRunner::outputs() {
  const View<const float> outputs = layout_ == Layout::kLanes
                                        ? View<const float>(outputs_.view())
                                        : executor_->output();
  return outputs.span().first(batch_.values().size());
}

Metrics BlockRunner::RunLoss(int64_t images, float scale, float* dx) {
  executor_->Forward(images);
  View<const float> outputs = executor_->output();
  const LossTargets targets = {.classes = batch_.classes().data(),
                               .values = target_ == TargetKind::kClasses
                                             ? nullptr
                                             : target_values_.data()};
  {
    ScopedTimer timer(measure_time_ ? &loss_seconds_ : nullptr);
    loss_->Run(images, outputs.data(), targets, scale, losses_.data(), dx);
    if (is_mixed_) MixLoss(images, scale, dx);
  }
  if (layout_ == Layout::kLanes) {
    LanesToImages(images, outputs_.shape().inner_elements(), outputs.data(),
                  outputs_.data());
    outputs = outputs_.view();
  }
  return Measure(images, outputs);
}

absl::StatusOr<Metrics> BlockRunner::Forward(
    const Dataset& dataset, absl::Span<const int64_t> indices) {
  LENSLET_RETURN_IF_ERROR(Read(dataset, indices));
  return RunLoss(static_cast<int64_t>(indices.size()), /*scale=*/1,
                 /*dx=*/nullptr);
}

absl::StatusOr<Metrics> BlockRunner::ForwardBackward(
    const Dataset& dataset, absl::Span<const int64_t> indices, float scale,
    uint64_t seed, absl::Span<float> gradients) {
  executor_->Seed(seed);
  batch_.set_crop_seed(seed);
  const absl::Status status = ReadAugmented(dataset, indices, seed);
  batch_.set_crop_seed(std::nullopt);
  LENSLET_RETURN_IF_ERROR(status);
  const int64_t images = static_cast<int64_t>(indices.size());
  const Metrics metrics =
      RunLoss(images, scale, executor_->output_gradient().data());
  executor_->Backward(images, gradients);
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
