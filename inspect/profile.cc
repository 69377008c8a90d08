#include "lenslet/inspect/profile.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/random.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/block_runner.h"
#include "lenslet/train/check_fit.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

// More than an L2 cache holds; Fashion-MNIST has 47 MB.
constexpr int64_t kImageBytes = int64_t{16} << 20;
constexpr int64_t kMostImages = 60000;  // Of tiny ones there would be millions.
constexpr int64_t kMostClasses = 256;

absl::Status CheckAtLeast1(const std::string& name, int64_t value) {
  if (value >= 1) return absl::OkStatus();
  return BadValue(name, value, "at least 1");
}

// The inputs of other examples, with zeros as values to learn.
class ZeroTargets : public Examples {
 public:
  ZeroTargets(std::shared_ptr<const Examples> inputs, const Shape& target)
      : inputs_(std::move(inputs)), target_(target) {}

  int64_t size() const override { return inputs_->size(); }
  Shape shape() const override { return inputs_->shape(); }
  ElementType type() const override { return inputs_->type(); }
  TargetSpec target() const override {
    return {.kind = TargetKind::kValues, .shape = target_};
  }
  bool keeps_inputs() const override { return inputs_->keeps_inputs(); }
  int64_t bytes() const override { return inputs_->bytes(); }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    return inputs_->ReadInputs(indices, batch);
  }
  absl::Status ReadTargets(absl::Span<const int64_t>,
                           ExampleBatch& batch) const override {
    std::fill(batch.values().begin(), batch.values().end(), 0.0f);
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<const Examples> inputs_;
  const Shape target_;
};

// Scores of classes if the output is a vector, values otherwise.
absl::StatusOr<Dataset> RandomDataset(const Graph& graph, int64_t batch_size) {
  const Graph::Input& input = graph.inputs()[0];
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  const int64_t size = std::max(
      batch_size, std::min(kMostImages, kImageBytes / input.shape.elements()));
  LENSLET_ASSIGN_OR_RETURN(const Shape images, input.shape.WithOuter(size));
  ExampleArrays arrays;
  LENSLET_ASSIGN_OR_RETURN(arrays.inputs,
                           Tensor::Create(ElementType::kUint8, images));
  LENSLET_ASSIGN_OR_RETURN(arrays.targets,
                           Tensor::Create(ElementType::kUint8, {size}));
  Random random(/*seed=*/0);
  for (uint8_t& pixel : arrays.inputs.span<uint8_t>()) {
    pixel = static_cast<uint8_t>(random.Bits());
  }
  if (output.rank() != 1) {
    LENSLET_ASSIGN_OR_RETURN(Dataset dataset,
                             MakeDataset(std::move(arrays), {"none"}));
    dataset.examples =
        std::make_shared<ZeroTargets>(std::move(dataset.examples), output);
    LENSLET_RETURN_IF_ERROR(CheckFit(graph, dataset));
    return dataset;
  }
  // Labels are bytes: of more classes, only the first have images.
  const int64_t labels = std::min(output.elements(), kMostClasses);
  for (uint8_t& label : arrays.targets.span<uint8_t>()) {
    label = static_cast<uint8_t>(random.Below(labels));
  }
  LENSLET_ASSIGN_OR_RETURN(
      Dataset dataset, MakeDataset(std::move(arrays), std::vector<std::string>(
                                                          output.elements())));
  LENSLET_RETURN_IF_ERROR(CheckFit(graph, dataset));
  return dataset;
}

// What runs batches: a trainer, or the runner that an evaluator would have.
class Runner {
 public:
  static absl::StatusOr<std::unique_ptr<Runner>> Create(
      const Graph& graph, const ProfileOptions& options);

  // Seconds so far, of all images.
  Profile Seconds() const;
  absl::Status RunBatch(absl::Span<const int64_t> indices);
  int64_t dataset_size() const { return dataset_.size(); }

 private:
  Runner(Dataset dataset, Parameters parameters, int64_t block)
      : dataset_(std::move(dataset)),
        parameters_(std::move(parameters)),
        block_(block) {}

  const BlockRunner& runner() const {
    return trainer_ != nullptr ? trainer_->runner(0) : *forward_;
  }

  const Dataset dataset_;
  Parameters parameters_;
  const int64_t block_;
  double total_seconds_ = 0;
  std::unique_ptr<Trainer> trainer_;      // Null for inference,
  std::unique_ptr<BlockRunner> forward_;  // and this for training.
};

absl::StatusOr<std::unique_ptr<Runner>> Runner::Create(
    const Graph& graph, const ProfileOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(Dataset dataset,
                           RandomDataset(graph, options.batch_size));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  InitializeParameters(Initializer(), /*seed=*/0, parameters);
  std::unique_ptr<Runner> runner(
      new Runner(std::move(dataset), std::move(parameters), options.block));
  const TargetKind target = runner->dataset_.examples->target().kind;
  const LossSpec loss = {.kind = DefaultLoss(target)};
  if (options.training) {
    // A learning rate so small that the parameters stay as they are: random
    // labels teach nothing.
    LENSLET_ASSIGN_OR_RETURN(
        runner->trainer_,
        Trainer::Create(graph, runner->dataset_, runner->parameters_,
                        {.backend = options.backend,
                         .batch_size = options.batch_size,
                         .schedule = {.base_rate = 1e-6},
                         .loss = loss,
                         .block = options.block,
                         .measure_time = true}));
  } else {
    LENSLET_ASSIGN_OR_RETURN(
        runner->forward_,
        BlockRunner::Create(graph, runner->parameters_, loss, target,
                            {.backend = options.backend,
                             .images = options.block,
                             .measure_time = true}));
  }
  return runner;
}

absl::Status Runner::RunBatch(absl::Span<const int64_t> indices) {
  ScopedTimer timer(&total_seconds_);
  if (trainer_ != nullptr) return trainer_->Step(indices).status();
  for (size_t start = 0; start < indices.size(); start += block_) {
    LENSLET_RETURN_IF_ERROR(
        forward_->Forward(dataset_, indices.subspan(start, block_)).status());
  }
  return absl::OkStatus();
}

Profile Runner::Seconds() const {
  const Executor& executor = runner().executor();
  Profile profile = {.read_seconds = runner().ReadSeconds(),
                     .loss_seconds = runner().LossSeconds(),
                     .total_seconds = total_seconds_};
  for (int i = 0; i < executor.layer_count(); ++i) {
    profile.layers.push_back({.backend = executor.BackendOfLayer(i),
                              .fused = executor.IsFused(i),
                              .forward_seconds = executor.ForwardSeconds(i),
                              .backward_seconds = executor.BackwardSeconds(i)});
    if (trainer_ != nullptr) {
      profile.layers.back().backward_seconds += trainer_->ProductSeconds(i);
    }
    profile.prepare_seconds += executor.PrepareSeconds(i);
  }
  return profile;
}

// Of one image of a batch that ran between the two.
Profile Difference(const Profile& before, const Profile& after,
                   int64_t images) {
  const auto difference = [images](double from, double to) {
    return (to - from) / images;
  };
  Profile profile = after;
  for (size_t i = 0; i < profile.layers.size(); ++i) {
    const Profile::Layer& from = before.layers[i];
    Profile::Layer& layer = profile.layers[i];
    layer.forward_seconds =
        difference(from.forward_seconds, layer.forward_seconds);
    layer.backward_seconds =
        difference(from.backward_seconds, layer.backward_seconds);
  }
  profile.read_seconds = difference(before.read_seconds, after.read_seconds);
  profile.loss_seconds = difference(before.loss_seconds, after.loss_seconds);
  profile.prepare_seconds =
      difference(before.prepare_seconds, after.prepare_seconds);
  profile.total_seconds = difference(before.total_seconds, after.total_seconds);
  return profile;
}

void CountOperations(const Graph& graph, bool training, Profile& profile) {
  // Of each value, whether its gradient is wanted.
  std::vector<bool> wanted(graph.value_count());
  for (size_t i = 0; i < profile.layers.size(); ++i) {
    const Graph::Node& node = graph.nodes()[i];
    const bool input_wanted =
        std::any_of(node.inputs.begin(), node.inputs.end(),
                    [&](int value) { return wanted[value]; });
    const bool has_parameters = graph.ParametersChange(node);
    wanted[graph.ValueOfNode(static_cast<int>(i))] =
        input_wanted || has_parameters;
    const int64_t flops = 2 * node.cost.multiply_adds;
    profile.layers[i].forward_flops = flops;
    if (!training) continue;
    profile.layers[i].backward_flops =
        (has_parameters ? flops : 0) + (input_wanted ? flops : 0);
  }
}

}  // namespace

absl::StatusOr<Profile> MeasureProfile(const Graph& graph,
                                       const ProfileOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckAtLeast1("block", options.block));
  LENSLET_RETURN_IF_ERROR(CheckAtLeast1("batch size", options.batch_size));
  LENSLET_RETURN_IF_ERROR(CheckAtLeast1("repeats", options.repeats));
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Runner> runner,
                           Runner::Create(graph, options));
  std::optional<Profile> fastest;
  // The first batch only fills caches.
  for (int64_t i = 0; i <= options.repeats; ++i) {
    const std::vector<int64_t> order =
        ShuffledIndices(runner->dataset_size(), /*seed=*/0, i);
    const Profile before = runner->Seconds();
    LENSLET_RETURN_IF_ERROR(
        runner->RunBatch(absl::MakeConstSpan(order).first(options.batch_size)));
    const Profile batch =
        Difference(before, runner->Seconds(), options.batch_size);
    if (i == 0) continue;
    if (!fastest || batch.total_seconds < fastest->total_seconds) {
      fastest = batch;
    }
  }
  fastest->training = options.training;
  CountOperations(graph, options.training, *fastest);
  return *fastest;
}

}  // namespace lenslet
