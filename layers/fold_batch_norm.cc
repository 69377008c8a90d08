#include "lenslet/layers/fold_batch_norm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer.h"

namespace lenslet {
namespace {

// The same layer with a bias, if its parameters are a weight whose first
// dimension is the output's last, and maybe a bias [outputs]; else nothing.
std::optional<Layer> WithBias(const Layer& layer) {
  LayerSpec spec = layer.spec();
  if (auto* conv = std::get_if<ConvLayer>(&spec)) {
    // With connections, the weight has no dimension of output channels.
    if (!conv->spec.connections.empty()) return {};
    conv->spec.has_bias = true;
  } else if (auto* transpose = std::get_if<ConvTransposeLayer>(&spec)) {
    transpose->spec.has_bias = true;
  } else if (auto* linear = std::get_if<LinearLayer>(&spec)) {
    linear->spec.has_bias = true;
  } else {
    return {};
  }
  return Layer(std::move(spec));
}

// Of each node: the node that it is folded into, which may be folded itself;
// else -1.
std::vector<int> FindFolds(const Graph& graph) {
  std::vector<int> users(graph.value_count());
  for (const Graph::Node& node : graph.nodes()) {
    for (int value : node.inputs) ++users[value];
  }
  std::vector<int> folded_into(graph.nodes().size(), -1);
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Graph::Node& node = graph.nodes()[i];
    if (!std::holds_alternative<BatchNormSpec>(node.layer.spec())) continue;
    int before = graph.NodeOfValue(node.inputs[0]);
    if (before < 0 || users[node.inputs[0]] > 1) continue;
    if (folded_into[before] >= 0) before = folded_into[before];
    if (WithBias(graph.nodes()[before].layer)) {
      folded_into[i] = before;
    }
  }
  return folded_into;
}

absl::StatusOr<Graph> WithoutFolded(const Graph& graph,
                                    const std::vector<int>& folded_into) {
  std::vector<bool> gets_bias(graph.nodes().size());
  for (int into : folded_into) {
    if (into >= 0) gets_bias[into] = true;
  }
  const auto name_of = [&](int value) -> const std::string& {
    const int node = graph.NodeOfValue(value);
    if (node < 0) return graph.inputs()[value].name;
    return graph.nodes()[folded_into[node] < 0 ? node : folded_into[node]].name;
  };
  GraphBuilder builder;
  for (const Graph::Input& input : graph.inputs()) {
    builder.AddInput(input.name, input.shape);
  }
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    if (folded_into[i] >= 0) continue;
    const Graph::Node& node = graph.nodes()[i];
    std::vector<std::string> inputs;
    for (int value : node.inputs) inputs.push_back(name_of(value));
    builder.AddLayer(node.name,
                     gets_bias[i] ? *WithBias(node.layer) : node.layer, inputs);
  }
  return builder.Build();
}

// Puts a batch normalization into a weight and a bias.
void Fold(const Parameters& parameters, const Graph::Node& batch_norm,
          View<float> weight, View<float> bias) {
  const auto parameter = [&](int i) {
    return parameters.view(batch_norm.first_parameter + i);
  };
  const double epsilon =
      std::get<BatchNormSpec>(batch_norm.layer.spec()).epsilon;
  const int64_t inputs = weight.shape().inner_elements();
  for (int64_t c = 0; c < bias.size(); ++c) {
    const double factor =
        parameter(0)[c] / std::sqrt(parameter(3)[c] + epsilon);
    for (int64_t i = 0; i < inputs; ++i) {
      float& w = weight.data()[c * inputs + i];
      w = static_cast<float>(w * factor);
    }
    bias[c] = static_cast<float>(
        (static_cast<double>(bias[c]) - parameter(2)[c]) * factor +
        parameter(1)[c]);
  }
}

}  // namespace

absl::StatusOr<Graph> FoldedGraph(const Graph& graph) {
  return WithoutFolded(graph, FindFolds(graph));
}

absl::StatusOr<FoldedNetwork> FoldBatchNorm(const Graph& graph,
                                            const Parameters& parameters) {
  LENSLET_ASSIGN_OR_RETURN(Graph folded, FoldedGraph(graph));
  LENSLET_ASSIGN_OR_RETURN(Parameters values, Parameters::Create(folded));
  FoldedNetwork network = {.graph = std::move(folded),
                           .parameters = std::move(values)};
  UpdateFolded(graph, parameters, network);
  return network;
}

void UpdateFolded(const Graph& graph, const Parameters& parameters,
                  FoldedNetwork& folded) {
  const std::vector<int> folded_into = FindFolds(graph);
  Parameters& values = folded.parameters;
  // Of the nodes that are left, in their order: the first parameter.
  std::vector<int> first_parameter(graph.nodes().size());
  int left = 0;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    if (folded_into[i] >= 0) continue;
    const Graph::Node& node = graph.nodes()[i];
    const Graph::Node& to = folded.graph.nodes()[left++];
    LENSLET_CHECK(to.name == node.name);
    first_parameter[i] = to.first_parameter;
    for (int p = 0; p < node.parameter_count; ++p) {
      const absl::Span<const float> from =
          parameters.view(node.first_parameter + p).span();
      std::copy(from.begin(), from.end(),
                values.view(to.first_parameter + p).span().begin());
    }
    // A bias that is new comes last, and starts at zero.
    if (to.parameter_count > node.parameter_count) {
      const absl::Span<float> bias =
          values.view(to.first_parameter + node.parameter_count).span();
      std::fill(bias.begin(), bias.end(), 0.0f);
    }
  }
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    if (folded_into[i] < 0) continue;
    const int first = first_parameter[folded_into[i]];
    Fold(parameters, graph.nodes()[i], values.view(first),
         values.view(first + 1));
  }
}

}  // namespace lenslet
