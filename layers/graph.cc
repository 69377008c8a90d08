#include "lenslet/layers/graph.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/check.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

// Parameters start at multiples of 64 bytes.
constexpr int64_t kAlignment = 16;
// A block of images has one dimension more than an image.
constexpr int kMaxImageRank = Shape::kMaxRank - 1;

// Names come from files: a message does not pass on what a terminal obeys.
std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::CHexEscape(name), "\"");
}

absl::Status LayerError(absl::string_view name, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("layer ", Quoted(name), ": ", reason));
}

absl::Status InputError(absl::string_view name, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("input ", Quoted(name), ": ", reason));
}

bool IsValidName(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.' ||
           c == '/';
  });
}

absl::Status CheckName(absl::string_view name) {
  if (IsValidName(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      name.empty() ? "it has no name"
                   : "its name has other characters than letters, digits and "
                     "_-./");
}

}  // namespace

const Shape& Graph::ShapeOfValue(int value) const {
  const int node = NodeOfValue(value);
  return node < 0 ? inputs_[value].shape : nodes_[node].output;
}

std::vector<Shape> Graph::InputShapes(const Node& node) const {
  std::vector<Shape> shapes;
  for (int value : node.inputs) shapes.push_back(ShapeOfValue(value));
  return shapes;
}

int Graph::FindNode(absl::string_view name) const {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

int64_t Graph::parameter_count() const {
  int64_t count = 0;
  for (const Parameter& parameter : parameters_) {
    count += parameter.info.shape.elements();
  }
  return count;
}

int64_t Graph::trainable_parameter_count() const {
  int64_t count = 0;
  for (const Parameter& parameter : parameters_) {
    if (parameter.info.trainable) count += parameter.info.shape.elements();
  }
  return count;
}

bool Graph::ParametersChange(const Node& node) const {
  const absl::Span<const Parameter> own =
      parameters().subspan(node.first_parameter, node.parameter_count);
  return std::any_of(own.begin(), own.end(), Changes);
}

void GraphBuilder::AddInput(const std::string& name, const Shape& shape) {
  inputs_.push_back({.name = name, .shape = shape});
}

void GraphBuilder::AddLayer(const std::string& name, Layer layer,
                            const std::vector<std::string>& inputs) {
  layers_.push_back(
      {.name = name, .layer = std::move(layer), .inputs = inputs});
}

absl::StatusOr<Graph> GraphBuilder::Build(int* failed_layer) const {
  int unused;
  int& failed = failed_layer == nullptr ? unused : *failed_layer;
  failed = -1;
  return BuildImpl(failed);
}

absl::Status GraphBuilder::CheckNames(int& failed_layer) const {
  std::set<std::string> names;
  for (const Graph::Input& input : inputs_) {
    if (absl::Status status = CheckName(input.name); !status.ok()) {
      return InputError(input.name, status.message());
    }
    if (!names.insert(input.name).second) {
      return InputError(input.name, "duplicate name");
    }
  }
  for (size_t i = 0; i < layers_.size(); ++i) {
    failed_layer = static_cast<int>(i);
    if (absl::Status status = CheckName(layers_[i].name); !status.ok()) {
      return LayerError(layers_[i].name, status.message());
    }
    if (!names.insert(layers_[i].name).second) {
      return LayerError(layers_[i].name, "duplicate name");
    }
  }
  failed_layer = -1;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<int>>> GraphBuilder::FindLayerInputs(
    int& failed_layer) const {
  // The graph's inputs are -1: always there.
  std::map<std::string, int> index_of;
  std::vector<std::string> names;
  for (const Graph::Input& input : inputs_) {
    index_of[input.name] = -1;
    names.push_back(input.name);
  }
  for (size_t i = 0; i < layers_.size(); ++i) {
    index_of[layers_[i].name] = static_cast<int>(i);
    names.push_back(layers_[i].name);
  }
  std::vector<std::vector<int>> layer_inputs(layers_.size());
  for (size_t i = 0; i < layers_.size(); ++i) {
    for (const std::string& input : layers_[i].inputs) {
      const auto found = index_of.find(input);
      if (found == index_of.end()) {
        failed_layer = static_cast<int>(i);
        return LayerError(
            layers_[i].name,
            absl::StrCat("there is no layer or input ", Quoted(input),
                         DidYouMean(input, names)));
      }
      if (found->second >= 0) layer_inputs[i].push_back(found->second);
    }
  }
  return layer_inputs;
}

absl::StatusOr<std::vector<int>> GraphBuilder::Sort(
    absl::Span<const std::vector<int>> layer_inputs, int& failed_layer) const {
  const int count = static_cast<int>(layers_.size());
  std::vector<std::vector<int>> users(count);
  std::vector<int> open_inputs(count);
  for (int i = 0; i < count; ++i) {
    open_inputs[i] = static_cast<int>(layer_inputs[i].size());
    for (int input : layer_inputs[i]) users[input].push_back(i);
  }
  // Of the layers whose inputs are there, the one that was added first is next.
  std::set<int> ready;
  for (int i = 0; i < count; ++i) {
    if (open_inputs[i] == 0) ready.insert(i);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(next);
    for (int user : users[next]) {
      if (--open_inputs[user] == 0) ready.insert(user);
    }
  }
  if (static_cast<int>(order.size()) == count) return order;

  // What is left leads into a circle: following open inputs meets a layer
  // twice.
  int at = 0;
  while (open_inputs[at] == 0) ++at;
  std::vector<int> path;
  while (std::find(path.begin(), path.end(), at) == path.end()) {
    path.push_back(at);
    at = *std::find_if(layer_inputs[at].begin(), layer_inputs[at].end(),
                       [&](int input) { return open_inputs[input] > 0; });
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), at));
  path.push_back(at);
  std::vector<std::string> names;
  for (int layer : path) names.push_back(layers_[layer].name);
  failed_layer = at;
  return LayerError(
      layers_[at].name,
      absl::StrCat("layers form a cycle: ", absl::StrJoin(names, " <- ")));
}

absl::StatusOr<Graph> GraphBuilder::BuildImpl(int& failed_layer) const {
  if (inputs_.empty()) {
    return absl::InvalidArgumentError("the model has no input");
  }
  if (layers_.empty()) {
    return absl::InvalidArgumentError("the model has no layers");
  }
  LENSLET_RETURN_IF_ERROR(CheckNames(failed_layer));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::vector<int>> layer_inputs,
                           FindLayerInputs(failed_layer));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int> order,
                           Sort(layer_inputs, failed_layer));

  Graph graph;
  graph.inputs_ = inputs_;
  std::map<std::string, int> value_of;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].shape.rank() > kMaxImageRank) {
      return InputError(
          inputs_[i].name,
          absl::StrCat("shape ", inputs_[i].shape.ToString(), " has ",
                       inputs_[i].shape.rank(), " dimensions; at most ",
                       kMaxImageRank, " are possible"));
    }
    if (inputs_[i].shape.elements() == 0) {
      return InputError(inputs_[i].name,
                        absl::StrCat("shape ", inputs_[i].shape.ToString(),
                                     " has no elements"));
    }
    value_of[inputs_[i].name] = static_cast<int>(i);
  }
  int64_t offset = 0;
  for (int index : order) {
    const Added& added = layers_[index];
    failed_layer = index;
    Graph::Node node = {
        .name = added.name,
        .layer = added.layer,
        .inputs = {},
        .output = {},
        .first_parameter = static_cast<int>(graph.parameters_.size()),
        .parameter_count = 0,
        .cost = {},
        .reach = Reach::kAll,
        .window = {}};
    for (const std::string& input : added.inputs) {
      node.inputs.push_back(value_of[input]);
    }
    absl::StatusOr<LayerInfo> info = added.layer.Infer(graph.InputShapes(node));
    if (!info.ok()) return LayerError(added.name, info.status().message());
    node.output = info->output;
    node.cost = info->cost;
    node.reach = info->reach;
    node.window = info->window;
    node.parameter_count = static_cast<int>(info->parameters.size());
    for (ParameterInfo& parameter : info->parameters) {
      const int64_t size = parameter.shape.elements();
      graph.parameters_.push_back(
          {.name = absl::StrCat(added.name, ".", parameter.name),
           .info = std::move(parameter),
           .offset = offset});
      if (__builtin_add_overflow(offset, size, &offset) ||
          __builtin_add_overflow(offset, kAlignment - 1, &offset)) {
        return LayerError(added.name,
                          "the model has more parameters than 64 bits can "
                          "count");
      }
      offset = offset / kAlignment * kAlignment;
    }
    value_of[added.name] = graph.value_count();
    graph.nodes_.push_back(std::move(node));
  }
  failed_layer = -1;
  graph.parameter_array_size_ = offset;

  std::vector<bool> used(graph.value_count());
  for (const Graph::Node& node : graph.nodes_) {
    for (int value : node.inputs) used[value] = true;
  }
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (!used[i]) {
      return InputError(inputs_[i].name, "unused input");
    }
  }
  std::vector<std::string> outputs;
  for (int i = 0; i < static_cast<int>(graph.nodes_.size()); ++i) {
    if (used[graph.ValueOfNode(i)]) continue;
    graph.output_value_ = graph.ValueOfNode(i);
    outputs.push_back(graph.nodes_[i].name);
  }
  if (outputs.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a model has one output, but no layer takes the outputs of ",
        absl::StrJoin(outputs, ", ")));
  }
  return graph;
}

}  // namespace lenslet
