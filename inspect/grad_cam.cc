#include "lenslet/inspect/grad_cam.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/fastest_backend.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/layers/layers.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

bool IsSpatial(const Shape& shape) {
  return shape.rank() == 3 && shape.dim(0) * shape.dim(1) > 1;
}

// A layer that computes in training what `layer` computes in inference.
absl::StatusOr<Layer> AsInInference(const Layer& layer, const Shape& input) {
  if (std::holds_alternative<DropoutSpec>(layer.spec())) {
    return layers::Dropout(0);
  }
  if (!std::holds_alternative<BatchNormSpec>(layer.spec())) return layer;
  // With its statistics fixed, a factor and a summand for each channel.
  const int64_t channels = input.dim(input.rank() - 1);
  switch (input.rank()) {
    case 1:
      return layers::Linear(
          {.input_features = channels, .output_features = channels});
    case 2:
      return layers::Conv1d({.output_channels = channels,
                             .window = {.kernel = {1}},
                             .groups = channels});
    case 3:
      return layers::Conv2d({.output_channels = channels,
                             .window = {.kernel = {1, 1}},
                             .groups = channels});
    default:
      return layers::Conv3d({.output_channels = channels,
                             .window = {.kernel = {1, 1, 1}},
                             .groups = channels});
  }
}

// The parameters of the layer that AsInInference() returns for a batch
// normalization.
void CopyBatchNorm(const Parameters& from, const Graph::Node& node,
                   View<float> weight, View<float> bias) {
  const auto parameter = [&](int i) {
    return from.view(node.first_parameter + i);
  };
  const double epsilon = std::get<BatchNormSpec>(node.layer.spec()).epsilon;
  const int64_t channels = bias.size();
  const bool is_matrix = weight.size() > channels;
  for (int64_t c = 0; c < channels; ++c) {
    const double factor =
        parameter(0)[c] / std::sqrt(parameter(3)[c] + epsilon);
    weight[is_matrix ? c * channels + c : c] = static_cast<float>(factor);
    bias[c] = static_cast<float>(parameter(1)[c] - parameter(2)[c] * factor);
  }
}

struct Tail {
  Graph graph;
  std::vector<std::string> inputs;  // That of the chosen layer first.
};

const std::string& NameOfValue(const Graph& graph, int value) {
  const int node = graph.NodeOfValue(value);
  return node < 0 ? graph.inputs()[value].name : graph.nodes()[node].name;
}

// The layers after `node`, in the graph's order. Those before that they read
// become inputs: they do not depend on `node`.
absl::StatusOr<Tail> CutAfter(const Graph& graph, int node) {
  GraphBuilder builder;
  std::vector<std::string> inputs;
  const auto add_input = [&](int value) {
    const std::string& name = NameOfValue(graph, value);
    if (std::find(inputs.begin(), inputs.end(), name) != inputs.end()) return;
    inputs.push_back(name);
    builder.AddInput(name, graph.ShapeOfValue(value));
  };
  add_input(graph.ValueOfNode(node));
  for (size_t i = node + 1; i < graph.nodes().size(); ++i) {
    const Graph::Node& later = graph.nodes()[i];
    std::vector<std::string> names;
    for (const int value : later.inputs) {
      if (value < graph.ValueOfNode(node)) add_input(value);
      names.push_back(NameOfValue(graph, value));
    }
    LENSLET_ASSIGN_OR_RETURN(
        Layer layer,
        AsInInference(later.layer, graph.ShapeOfValue(later.inputs[0])));
    builder.AddLayer(later.name, std::move(layer), names);
  }
  LENSLET_ASSIGN_OR_RETURN(Graph tail, builder.Build());
  return Tail{.graph = std::move(tail), .inputs = std::move(inputs)};
}

absl::StatusOr<Parameters> ParametersOfTail(const Graph& graph,
                                            const Parameters& parameters,
                                            const Graph& tail) {
  LENSLET_ASSIGN_OR_RETURN(Parameters values, Parameters::Create(tail));
  for (const Graph::Node& node : tail.nodes()) {
    const Graph::Node& from = graph.nodes()[graph.FindNode(node.name)];
    if (std::holds_alternative<BatchNormSpec>(from.layer.spec())) {
      CopyBatchNorm(parameters, from, values.view(node.first_parameter),
                    values.view(node.first_parameter + 1));
      continue;
    }
    for (int p = 0; p < node.parameter_count; ++p) {
      const Graph::Parameter& parameter =
          graph.parameters()[from.first_parameter + p];
      const int64_t units = parameter.info.shape.elements();
      std::copy_n(parameters.array().begin() + parameter.offset, units,
                  values.array().begin() +
                      tail.parameters()[node.first_parameter + p].offset);
    }
  }
  return values;
}

absl::Status CheckNetwork(const Graph& graph) {
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  if (graph.inputs().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Grad-CAM needs a model with one input; this one has ",
                     graph.inputs().size()));
  }
  if (output.rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Grad-CAM needs a model with one row of scores, one for each class; "
        "the output of this one has shape ",
        output.ToString()));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> NodeFor(const Graph& graph, absl::string_view layer) {
  if (layer.empty()) {
    const int node = LastSpatialNode(graph);
    if (node >= 0) return node;
    return absl::InvalidArgumentError(
        "Grad-CAM needs a layer with an output of shape [height, width, "
        "channels] of more than one position; the model has none");
  }
  const int node = graph.FindNode(layer);
  if (node < 0) {
    std::vector<std::string> names;
    for (const Graph::Node& n : graph.nodes()) {
      if (IsSpatial(n.output)) names.push_back(n.name);
    }
    return absl::InvalidArgumentError(absl::StrCat("there is no layer \"",
                                                   layer, "\"; expected ",
                                                   OneOfNames(layer, names)));
  }
  if (!IsSpatial(graph.nodes()[node].output)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "layer \"", layer, "\" has an output of shape ",
        graph.nodes()[node].output.ToString(),
        "; Grad-CAM needs one of [height, width, channels] with more than one "
        "position"));
  }
  return node;
}

}  // namespace

int LastSpatialNode(const Graph& graph) {
  for (int i = static_cast<int>(graph.nodes().size()) - 1; i >= 0; --i) {
    if (IsSpatial(graph.nodes()[i].output)) return i;
  }
  return -1;
}

absl::StatusOr<std::unique_ptr<GradCam>> GradCam::Create(
    const Graph& graph, const Parameters& parameters, absl::string_view layer) {
  LENSLET_RETURN_IF_ERROR(CheckNetwork(graph));
  LENSLET_ASSIGN_OR_RETURN(const int node, NodeFor(graph, layer));
  std::unique_ptr<GradCam> cam(new GradCam(graph));
  cam->layer_ = graph.nodes()[node].name;
  InferenceBackends backends = FastestForInference(graph, /*images=*/1);
  LENSLET_ASSIGN_OR_RETURN(
      cam->whole_,
      Executor::Create(graph, parameters,
                       {.backend = backends.backend,
                        .layer_backends = std::move(backends.layer_backends),
                        .substitutes = std::move(backends.substitutes),
                        .images = 1,
                        .keep_outputs = true}));
  LENSLET_ASSIGN_OR_RETURN(Tail tail, CutAfter(graph, node));
  LENSLET_ASSIGN_OR_RETURN(Parameters values,
                           ParametersOfTail(graph, parameters, tail.graph));
  cam->tail_parameters_.emplace(std::move(values));
  cam->tail_inputs_ = std::move(tail.inputs);
  LENSLET_ASSIGN_OR_RETURN(cam->tail_,
                           Executor::Create(tail.graph, *cam->tail_parameters_,
                                            {.backend = Backend::kLanes,
                                             .images = 1,
                                             .training = true,
                                             .input_gradients = true}));
  LENSLET_ASSIGN_OR_RETURN(Parameters gradients,
                           Parameters::Create(tail.graph));
  cam->gradients_.emplace(std::move(gradients));
  return cam;
}

absl::StatusOr<Tensor> GradCam::Map(absl::Span<const float> input,
                                    int64_t label) {
  FlushDenormals flush;
  std::copy(input.begin(), input.end(), whole_->input().data());
  whole_->Forward(1);
  for (size_t i = 0; i < tail_inputs_.size(); ++i) {
    // The graph's input may have been overwritten.
    if (tail_inputs_[i] == graph_.inputs()[0].name) {
      std::copy(input.begin(), input.end(),
                tail_->input(static_cast<int>(i)).data());
      continue;
    }
    LENSLET_ASSIGN_OR_RETURN(const View<const float> value,
                             whole_->LayerOutput(tail_inputs_[i]));
    std::copy_n(value.data(), value.size(),
                tail_->input(static_cast<int>(i)).data());
  }
  const Shape& shape = graph_.nodes()[graph_.FindNode(layer_)].output;
  const int64_t channels = shape.dim(2);
  const int64_t positions = shape.dim(0) * shape.dim(1);
  std::vector<double> sums(positions);
  tail_->Forward(1);
  const View<float> dy = tail_->output_gradient();
  std::fill_n(dy.data(), dy.size(), 0.0f);
  dy[label] = 1;
  tail_->Backward(1, gradients_->array());
  const View<const float> gradient = tail_->InputGradient(0);
  LENSLET_ASSIGN_OR_RETURN(const View<const float> activations,
                           whole_->LayerOutput(layer_));
  for (int64_t k = 0; k < channels; ++k) {
    double weight = 0;
    for (int64_t p = 0; p < positions; ++p) {
      weight += gradient[p * channels + k];
    }
    weight /= static_cast<double>(positions);
    for (int64_t p = 0; p < positions; ++p) {
      sums[p] += weight * activations[p * channels + k];
    }
  }
  LENSLET_ASSIGN_OR_RETURN(
      Tensor map,
      Tensor::Create(ElementType::kFloat32, {shape.dim(0), shape.dim(1)}));
  for (int64_t p = 0; p < positions; ++p) {
    map.data()[p] = static_cast<float>(std::max(sums[p], 0.0));
  }
  return map;
}

}  // namespace lenslet
