#include "layers/executor.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/nearest_name.h"
#include "base/scoped_timer.h"
#include "base/status_macros.h"

namespace lenslet {
namespace {

absl::Status LayerError(const Graph::Node& node, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("layer \"", node.name,
                                                  "\": ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Executor>> Executor::Create(
    const Graph& graph, const Parameters& parameters,
    const ExecutorOptions& options) {
  if (options.images < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a block of ", options.images, " images, at least 1 is needed"));
  }
  LENSLET_CHECK(static_cast<int64_t>(parameters.array().size()) ==
                graph.parameter_array_size());
  std::unique_ptr<Executor> executor(new Executor(graph, parameters, options));
  LENSLET_ASSIGN_OR_RETURN(
      executor->plan_,
      PlanMemory(graph, {.images = options.images,
                         .training = options.training,
                         .keep_outputs = options.keep_outputs,
                         .input_gradients = options.input_gradients}));
  // The arena comes first: it knows how much memory there is.
  LENSLET_ASSIGN_OR_RETURN(
      executor->arena_,
      Tensor::Create(ElementType::kFloat32, {executor->plan_.size}));
  executor->layers_.resize(graph.nodes().size());
  for (int i = 0; i < executor->layer_count(); ++i) {
    absl::Status status = executor->MakeLayer(i, options.backend);
    if (absl::IsUnimplemented(status)) {
      status = executor->MakeLayer(i, Backend::kReference);
    }
    if (!status.ok()) return LayerError(graph.nodes()[i], status);
  }
  return executor;
}

absl::Status Executor::MakeLayer(int i, Backend backend) {
  const Graph::Node& node = graph_.nodes()[i];
  LayerState& layer = layers_[i];
  layer.backend = backend;
  if (node.layer->IsReshape()) return absl::OkStatus();
  LENSLET_ASSIGN_OR_RETURN(
      layer.kernel, node.layer->MakeKernel(backend, graph_.InputShapes(node),
                                           options_.images));
  LENSLET_RETURN_IF_ERROR(layer.kernel->Bind(BuffersOf(i)));
  layer.parameter_gradients.resize(node.parameter_count);
  return layer.kernel->ParametersChanged();
}

KernelBuffers Executor::BuffersOf(int i) {
  const Graph::Node& node = graph_.nodes()[i];
  const int value = graph_.ValueOfNode(i);
  float* arena = arena_.data();
  KernelBuffers buffers;
  for (int input : node.inputs) {
    buffers.inputs.push_back(arena + plan_.values[input]);
  }
  buffers.output = arena + plan_.values[value];
  for (int p = 0; p < node.parameter_count; ++p) {
    buffers.parameters.push_back(
        parameters_.view(node.first_parameter + p).data());
  }
  if (plan_.gradients[value].offset >= 0) {
    buffers.output_gradient = arena + plan_.gradients[value].offset;
    for (int64_t offset : plan_.input_gradients[i]) {
      buffers.input_gradients.push_back(offset < 0 ? nullptr : arena + offset);
    }
  }
  return buffers;
}

absl::Status Executor::ParametersChanged() {
  for (size_t i = 0; i < layers_.size(); ++i) {
    LayerState& layer = layers_[i];
    if (layer.kernel == nullptr) continue;
    ScopedTimer timer(options_.measure_time ? &layer.prepare_seconds : nullptr);
    if (absl::Status status = layer.kernel->ParametersChanged(); !status.ok()) {
      return LayerError(graph_.nodes()[i], status);
    }
  }
  return absl::OkStatus();
}

View<float> Executor::BlockView(int64_t offset, const Shape& image) {
  return View<float>(arena_.data() + offset, *image.WithOuter(options_.images));
}

View<float> Executor::input(int i) {
  return BlockView(plan_.values[i], graph_.inputs()[i].shape);
}

void Executor::Forward(int64_t images) {
  LENSLET_CHECK(images >= 1 && images <= options_.images);
  for (LayerState& layer : layers_) {
    if (layer.kernel == nullptr) continue;
    ScopedTimer timer(options_.measure_time ? &layer.forward_seconds : nullptr);
    layer.kernel->Forward(images);
  }
}

View<const float> Executor::output() {
  const int value = graph_.output_value();
  return BlockView(plan_.values[value], graph_.ShapeOfValue(value));
}

View<float> Executor::output_gradient() {
  LENSLET_CHECK(options_.training);
  const int value = graph_.output_value();
  return BlockView(plan_.gradients[value].offset, graph_.ShapeOfValue(value));
}

void Executor::AddGradientParts(int value, int64_t images) {
  const MemoryPlan::Gradient& gradient = plan_.gradients[value];
  const int64_t size = images * graph_.ShapeOfValue(value).elements();
  float* sum = arena_.data() + gradient.offset;
  for (int64_t part_offset : gradient.parts) {
    const float* part = arena_.data() + part_offset;
    for (int64_t i = 0; i < size; ++i) sum[i] += part[i];
  }
}

void Executor::Backward(int64_t images, absl::Span<float> parameter_gradients) {
  LENSLET_CHECK(options_.training && images >= 1 && images <= options_.images &&
                static_cast<int64_t>(parameter_gradients.size()) ==
                    graph_.parameter_array_size());
  for (int i = static_cast<int>(layers_.size()) - 1; i >= 0; --i) {
    if (!plan_.NodeHasBackward(graph_, i)) continue;
    LayerState& layer = layers_[i];
    ScopedTimer timer(options_.measure_time ? &layer.backward_seconds
                                            : nullptr);
    AddGradientParts(graph_.ValueOfNode(i), images);
    if (layer.kernel == nullptr) continue;
    const Graph::Node& node = graph_.nodes()[i];
    for (int p = 0; p < node.parameter_count; ++p) {
      layer.parameter_gradients[p] =
          parameter_gradients.data() +
          graph_.parameters()[node.first_parameter + p].offset;
    }
    layer.kernel->Backward(images, layer.parameter_gradients);
  }
  if (!options_.input_gradients) return;
  for (size_t i = 0; i < graph_.inputs().size(); ++i) {
    AddGradientParts(static_cast<int>(i), images);
  }
}

absl::StatusOr<View<const float>> Executor::LayerOutput(
    absl::string_view name) {
  const int node = graph_.FindNode(name);
  if (node < 0) {
    std::vector<std::string> names;
    for (const Graph::Node& n : graph_.nodes()) names.push_back(n.name);
    return absl::NotFoundError(absl::StrCat("there is no layer \"", name, "\"",
                                            DidYouMean(name, names)));
  }
  const int value = graph_.ValueOfNode(node);
  if (!options_.training && !options_.keep_outputs &&
      value != graph_.output_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the output of layer \"", name, "\" was not kept: set keep_outputs"));
  }
  return View<const float>(
      BlockView(plan_.values[value], graph_.nodes()[node].output));
}

View<const float> Executor::InputGradient(int i) {
  LENSLET_CHECK(options_.training && options_.input_gradients);
  return BlockView(plan_.gradients[i].offset, graph_.inputs()[i].shape);
}

}  // namespace lenslet
