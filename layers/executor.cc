#include "lenslet/layers/executor.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/check.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/random.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/layout_adapter.h"

namespace lenslet {
namespace {

absl::Status LayerError(const Graph::Node& node, const absl::Status& status) {
  return AtPlace(status, absl::StrCat("layer \"", node.name, "\""));
}

}  // namespace

absl::Status Executor::Plan() {
  if (options_.images < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a block of ", options_.images, " images; expected at least 1"));
  }
  const size_t nodes = graph_.nodes().size();
  LENSLET_CHECK(
      options_.layer_backends.empty() ||
      (options_.layer_backends.size() == nodes && !options_.training));
  layers_.resize(nodes);
  FuseLayers();
  FixLayouts();
  // Groups of lanes need no less room than as many images.
  const bool in_lanes =
      layout_ == Layout::kLanes ||
      std::find(options_.layer_backends.begin(), options_.layer_backends.end(),
                Backend::kLanes) != options_.layer_backends.end();
  LENSLET_ASSIGN_OR_RETURN(
      plan_,
      PlanMemory(graph_, {.images = RoomForImages(
                              in_lanes ? Layout::kLanes : Layout::kImages,
                              options_.images),
                          .training = options_.training,
                          .keep_outputs = options_.keep_outputs,
                          .input_gradients = options_.input_gradients,
                          .fused = fused_}));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Executor::BytesNeeded(const Graph& graph,
                                              const ExecutorOptions& options) {
  Executor executor(graph, /*parameters=*/nullptr, options);
  LENSLET_RETURN_IF_ERROR(executor.Plan());
  int64_t bytes = executor.plan_.size;
  if (executor.HasBoundary()) {
    int64_t of_image = 0;
    for (size_t i = 0; i < graph.inputs().size(); ++i) {
      const int64_t copies =
          options.training && options.input_gradients ? 2 : 1;
      of_image =
          AddSizes(of_image, copies * graph.inputs()[i].shape.elements());
    }
    of_image = AddSizes(
        of_image, (options.training ? 2 : 1) *
                      graph.ShapeOfValue(graph.output_value()).elements());
    const int64_t of_block =
        MultiplySizes(of_image, RoomForImages(options.layout, options.images));
    bytes = AddSizes(bytes, MultiplySizes(of_block, sizeof(float)));
  }
  return bytes;
}

absl::StatusOr<std::unique_ptr<Executor>> Executor::Create(
    const Graph& graph, const Parameters& parameters,
    const ExecutorOptions& options) {
  LENSLET_CHECK(static_cast<int64_t>(parameters.array().size()) ==
                graph.parameter_array_size());
  std::unique_ptr<Executor> executor(new Executor(graph, &parameters, options));
  LENSLET_RETURN_IF_ERROR(executor->Plan());
  // The arena comes first: it knows how much memory there is.
  LENSLET_RETURN_IF_ERROR(CheckMemory(
      executor->plan_.size,
      absl::StrCat("the activations of ", options.images, " images")));
  LENSLET_ASSIGN_OR_RETURN(
      executor->arena_,
      Tensor::Create(ElementType::kUint8, {executor->plan_.size}));
  LENSLET_RETURN_IF_ERROR(executor->MakeBoundary());
  for (int i = 0; i < executor->layer_count(); ++i) {
    const absl::Status status = executor->MakeLayer(i);
    if (!status.ok()) return LayerError(graph.nodes()[i], status);
  }
  return executor;
}

int Executor::OnlyUser(int i) const {
  const int value = graph_.ValueOfNode(i);
  if (value == graph_.output_value()) return -1;
  int user = -1;
  for (int j = i + 1; j < layer_count(); ++j) {
    for (int input : graph_.nodes()[j].inputs) {
      if (input != value) continue;
      if (user >= 0) return -1;
      user = j;
    }
  }
  return user;
}

void Executor::FuseLayers() {
  fused_.resize(graph_.nodes().size());
  if (options_.keep_outputs) return;
  // Kernels that turn out not to train are replaced by others that compute one
  // operator each.
  if (options_.training && !CanTrain(options_.backend)) return;
  const auto layer = [&](int i) -> const Layer& {
    return graph_.nodes()[i].layer;
  };
  for (int i = 0; i < layer_count(); ++i) {
    if (fused_[i] || FuseSum(i)) continue;
    const int next = OnlyUser(i);
    if (next < 0) continue;
    const int after_next = OnlyUser(next);
    const Epilogue one = EpilogueOf(layer(next));
    if (one.empty()) continue;
    const Epilogue both = {.activation = one.activation,
                           .pool = after_next < 0
                                       ? std::nullopt
                                       : EpilogueOf(layer(after_next)).pool};
    if (both.activation && both.pool && Fuse(i, both)) {
      fused_[next] = fused_[after_next] = true;
    } else if (Fuse(i, one)) {
      fused_[next] = true;
    }
  }
}

bool Executor::FuseSum(int i) {
  // A normalization without parameters that change would not run backward. A
  // sum right after it has no later second input.
  const int sum = OnlyUser(i);
  if (!options_.training || options_.backend != Backend::kLanes ||
      !graph_.ParametersChange(graph_.nodes()[i]) || sum != i + 1) {
    return false;
  }
  const std::vector<int>& inputs = graph_.nodes()[sum].inputs;
  if (!std::holds_alternative<BatchNormSpec>(graph_.nodes()[i].layer.spec()) ||
      !std::holds_alternative<AddLayer>(graph_.nodes()[sum].layer.spec()) ||
      inputs.size() != 2 || inputs[0] != graph_.ValueOfNode(i) ||
      graph_.ShapeOfValue(inputs[0]) != graph_.ShapeOfValue(inputs[1])) {
    return false;
  }
  const int next = OnlyUser(sum);
  Epilogue epilogue = {.add = true};
  if (next >= 0) {
    const Epilogue one = EpilogueOf(graph_.nodes()[next].layer);
    if (IsRelu(one.activation)) epilogue.activation = one.activation;
  }
  if (!Fuse(i, epilogue)) return false;
  layers_[i].sum = sum;
  fused_[sum] = true;
  if (epilogue.activation) fused_[next] = true;
  return true;
}

void Executor::FixLayouts() {
  const int values = graph_.value_count();
  value_layouts_.assign(values, layout_);
  fixed_layouts_.assign(values, options_.keep_outputs);
  fixed_layouts_[graph_.output_value()] = true;
  for (int i = layer_count() - 1; i >= 0; --i) {
    if (fixed_layouts_[graph_.ValueOfNode(i)] && SharesInput(i)) {
      fixed_layouts_[graph_.nodes()[i].inputs[0]] = true;
    }
  }
}

std::unique_ptr<Kernel> Executor::Adapt(int i, std::unique_ptr<Kernel> kernel) {
  const Graph::Node& node = graph_.nodes()[i];
  std::vector<Layout> inputs;
  for (int input : node.inputs) inputs.push_back(value_layouts_[input]);
  // The last node that the kernel computes.
  int last = i;
  for (int user = OnlyUser(i); user >= 0 && fused_[user];
       user = OnlyUser(user)) {
    last = user;
  }
  const int value = graph_.ValueOfNode(i);
  if (!options_.layer_backends.empty() && !fixed_layouts_[value]) {
    value_layouts_[value] = kernel->layout();
  }
  return AdaptLayouts(inputs, value_layouts_[value], std::move(kernel),
                      graph_.InputShapes(node), graph_.nodes()[last].output,
                      options_.images);
}

bool Executor::Fuse(int i, const Epilogue& epilogue) {
  const Graph::Node& node = graph_.nodes()[i];
  // Whatever is wrong, the kernel without the others will say.
  auto kernel =
      node.layer.MakeKernel(BackendOf(i), graph_.InputShapes(node),
                            options_.images, epilogue, options_.exact);
  if (!kernel.ok()) return false;
  layers_[i].kernel = *std::move(kernel);
  return true;
}

absl::Status Executor::MakeLayer(int i) {
  absl::Status status = MakeLayerOn(i, BackendOf(i));
  const auto make_instead = [&](Backend backend) {
    if (!absl::IsUnimplemented(status)) return;
    layers_[i].kernel = nullptr;
    status = MakeLayerOn(i, backend);
  };
  for (const Backend backend : options_.substitutes) make_instead(backend);
  make_instead(Backend::kReference);
  return status;
}

absl::Status Executor::MakeLayerOn(int i, Backend backend) {
  const Graph::Node& node = graph_.nodes()[i];
  LayerState& layer = layers_[i];
  layer.backend = backend;
  if (SharesInput(i)) {
    value_layouts_[graph_.ValueOfNode(i)] = value_layouts_[node.inputs[0]];
    return absl::OkStatus();
  }
  if (layer.kernel == nullptr) {
    LENSLET_ASSIGN_OR_RETURN(
        layer.kernel, node.layer.MakeKernel(backend, graph_.InputShapes(node),
                                            options_.images, /*epilogue=*/{},
                                            options_.exact));
  }
  layer.kernel = Adapt(i, std::move(layer.kernel));
  LENSLET_RETURN_IF_ERROR(layer.kernel->Bind(BuffersOf(i)));
  layer.parameter_gradients.resize(node.parameter_count);
  return layer.kernel->ParametersChanged();
}

KernelBuffers Executor::BuffersOf(int i) {
  const Graph::Node& node = graph_.nodes()[i];
  const int value = graph_.ValueOfNode(i);
  KernelBuffers buffers;
  buffers.training = options_.training;
  buffers.scratch = &scratch_;
  for (int input : node.inputs) {
    buffers.inputs.push_back(ValueBuffer(input));
  }
  const int sum = layers_[i].sum;
  if (sum >= 0) {
    buffers.inputs.push_back(ValueBuffer(graph_.nodes()[sum].inputs[1]));
  }
  buffers.output = ValueBuffer(value);
  for (int p = 0; p < node.parameter_count; ++p) {
    buffers.parameters.push_back(parameters_->buffer(node.first_parameter + p));
  }
  if (plan_.gradients[value].offset >= 0) {
    buffers.output_gradient = Floats(plan_.gradients[value].offset);
    for (int64_t offset : plan_.input_gradients[i]) {
      buffers.input_gradients.push_back(offset < 0 ? nullptr : Floats(offset));
    }
    if (sum >= 0) {
      const int64_t offset = plan_.input_gradients[sum][1];
      buffers.input_gradients.push_back(offset < 0 ? nullptr : Floats(offset));
    }
  }
  return buffers;
}

void Executor::Seed(uint64_t seed) {
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].kernel == nullptr) continue;
    layers_[i].kernel->Seed(Random(seed, /*stream=*/i).Bits());
  }
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

absl::Status Executor::MakeBoundary() {
  if (!HasBoundary()) return absl::OkStatus();
  const auto make = [&](int value, Tensor& tensor) {
    LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                             graph_.ShapeOfValue(value).WithOuter(RoomForImages(
                                 options_.layout, options_.images)));
    LENSLET_ASSIGN_OR_RETURN(tensor,
                             Tensor::Create(ElementType::kFloat32, shape));
    return absl::OkStatus();
  };
  const int inputs = static_cast<int>(graph_.inputs().size());
  boundary_.inputs.resize(inputs);
  boundary_.input_gradients.resize(inputs);
  for (int i = 0; i < inputs; ++i) {
    LENSLET_RETURN_IF_ERROR(make(i, boundary_.inputs[i]));
    if (options_.training && options_.input_gradients) {
      LENSLET_RETURN_IF_ERROR(make(i, boundary_.input_gradients[i]));
    }
  }
  LENSLET_RETURN_IF_ERROR(make(graph_.output_value(), boundary_.output));
  if (options_.training) {
    LENSLET_RETURN_IF_ERROR(
        make(graph_.output_value(), boundary_.output_gradient));
  }
  return absl::OkStatus();
}

View<float> Executor::BlockView(Layout layout, float* data,
                                const Shape& image) const {
  return View<float>(data,
                     *image.WithOuter(RoomForImages(layout, options_.images)));
}

View<float> Executor::ValueView(int value, int64_t offset, Tensor& boundary) {
  return BlockView(options_.layout,
                   HasBoundary() ? boundary.data() : Floats(offset),
                   graph_.ShapeOfValue(value));
}

void Executor::CopyIn(int64_t images, int value, const Tensor& boundary,
                      int64_t offset) {
  CopyToLayout(layout_, images, graph_.ShapeOfValue(value).elements(),
               boundary.data(), Floats(offset));
}

void Executor::CopyOut(int64_t images, int value, int64_t offset,
                       Tensor& boundary) {
  CopyToLayout(options_.layout, images, graph_.ShapeOfValue(value).elements(),
               Floats(offset), boundary.data());
}

std::string Executor::BackendNames() const {
  std::vector<absl::string_view> names;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].kernel == nullptr) continue;
    const absl::string_view name =
        KernelName(graph_.nodes()[i].layer, layers_[i].backend);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  const absl::string_view first = Name(options_.backend);
  if (names.empty()) names.push_back(first);
  std::stable_partition(names.begin(), names.end(),
                        [&](absl::string_view name) { return name == first; });
  return absl::StrJoin(names, ", ");
}

View<float> Executor::input(int i) {
  return ValueView(i, plan_.values[i],
                   HasBoundary() ? boundary_.inputs[i] : arena_);
}

void Executor::Forward(int64_t images) {
  LENSLET_CHECK(images >= 1 && images <= options_.images);
  for (size_t i = 0; i < graph_.inputs().size(); ++i) {
    const int value = static_cast<int>(i);
    if (HasBoundary()) {
      CopyIn(images, value, boundary_.inputs[i], plan_.values[i]);
    } else if (layout_ == Layout::kLanes) {
      ClearMissingLanes(images, graph_.ShapeOfValue(value).elements(),
                        Floats(plan_.values[i]));
    }
  }
  for (LayerState& layer : layers_) {
    if (layer.kernel == nullptr) continue;
    ScopedTimer timer(options_.measure_time ? &layer.forward_seconds : nullptr);
    layer.kernel->Forward(images);
  }
  if (HasBoundary()) {
    const int value = graph_.output_value();
    CopyOut(images, value, plan_.values[value], boundary_.output);
  }
}

View<const float> Executor::output() {
  const int value = graph_.output_value();
  return ValueView(value, plan_.values[value], boundary_.output);
}

View<float> Executor::output_gradient() {
  LENSLET_CHECK(options_.training);
  const int value = graph_.output_value();
  return ValueView(value, plan_.gradients[value].offset,
                   boundary_.output_gradient);
}

void Executor::AddGradientParts(int value, int64_t images) {
  const MemoryPlan::Gradient& gradient = plan_.gradients[value];
  const int64_t size =
      RoomForImages(layout_, images) * graph_.ShapeOfValue(value).elements();
  float* sum = Floats(gradient.offset);
  for (int64_t part_offset : gradient.parts) {
    const float* part = Floats(part_offset);
    for (int64_t i = 0; i < size; ++i) sum[i] += part[i];
  }
}

void Executor::Backward(int64_t images, absl::Span<float> parameter_gradients) {
  LENSLET_CHECK(options_.training && images >= 1 && images <= options_.images &&
                static_cast<int64_t>(parameter_gradients.size()) ==
                    graph_.parameter_array_size());
  const int output = graph_.output_value();
  const int64_t output_gradient = plan_.gradients[output].offset;
  if (HasBoundary()) {
    CopyIn(images, output, boundary_.output_gradient, output_gradient);
  } else if (layout_ == Layout::kLanes) {
    ClearMissingLanes(images, graph_.ShapeOfValue(output).elements(),
                      Floats(output_gradient));
  }
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
          WantsGradient(i, p)
              ? parameter_gradients.data() +
                    graph_.parameters()[node.first_parameter + p].offset
              : nullptr;
    }
    layer.kernel->Backward(images, layer.parameter_gradients);
  }
  if (!options_.input_gradients) return;
  for (size_t i = 0; i < graph_.inputs().size(); ++i) {
    const int value = static_cast<int>(i);
    AddGradientParts(value, images);
    if (HasBoundary()) {
      CopyOut(images, value, plan_.gradients[i].offset,
              boundary_.input_gradients[i]);
    }
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
  if (!options_.keep_outputs && value != graph_.output_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the output of layer \"", name, "\" was not kept: set keep_outputs"));
  }
  if (value == graph_.output_value()) return output();
  const Shape& shape = graph_.nodes()[node].output;
  if (HasBoundary()) {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape block,
        shape.WithOuter(RoomForImages(options_.layout, options_.images)));
    LENSLET_ASSIGN_OR_RETURN(boundary_.layer_output,
                             Tensor::Create(ElementType::kFloat32, block));
    CopyOut(options_.images, value, plan_.values[value],
            boundary_.layer_output);
  }
  return View<const float>(
      ValueView(value, plan_.values[value], boundary_.layer_output));
}

View<const float> Executor::InputGradient(int i) {
  LENSLET_CHECK(options_.training && options_.input_gradients);
  return ValueView(i, plan_.gradients[i].offset,
                   HasBoundary() ? boundary_.input_gradients[i] : arena_);
}

}  // namespace lenslet
