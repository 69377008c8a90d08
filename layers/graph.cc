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
#include "lenslet/base/text_format.h"

namespace lenslet {
namespace {

// Parameters start at multiples of 64 bytes.
constexpr int64_t kParameterAlignment = 16;
// Of the array of all parameters.
constexpr int64_t kUnitBytes = sizeof(float);

// Units of that array for so many elements.
int64_t UnitsFor(int64_t elements, ElementType type) {
  const int64_t per_unit = kUnitBytes / SizeOf(type);
  return elements / per_unit + (elements % per_unit > 0 ? 1 : 0);
}

// A block of images has one dimension more than an image.
constexpr int kMaxImageRank = Shape::kMaxRank - 1;

}  // namespace

const Shape& Graph::ShapeOfValue(int value) const {
  const int node = NodeOfValue(value);
  return node < 0 ? inputs_[value].shape : nodes_[node].output;
}

ElementType Graph::TypeOfValue(int value) const {
  const int node = NodeOfValue(value);
  return node < 0 ? inputs_[value].type : nodes_[node].type;
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

std::string QuotedName(absl::string_view name) {
  constexpr size_t kMax = GraphBuilder::kMaxNameBytes;
  return absl::StrCat("\"", absl::CHexEscape(name.substr(0, kMax)),
                      name.size() > kMax ? "...\"" : "\"");
}

std::string PartText(absl::string_view part, absl::string_view name, int index,
                     absl::string_view type) {
  if (!name.empty()) return absl::StrCat(part, " ", QuotedName(name));
  return absl::StrCat(part, " ", index + 1,
                      type.empty() ? "" : absl::StrCat(" (", type, ")"));
}

void GraphBuilder::AddInput(const std::string& name, const Shape& shape) {
  inputs_.push_back({.name = name, .shape = shape});
}

void GraphBuilder::AddLayer(const std::string& name, Layer layer,
                            const std::vector<std::string>& inputs) {
  layers_.push_back(
      {.name = name, .layer = std::move(layer), .inputs = inputs});
}

void GraphBuilder::AddUnknownInput(const std::string& name) {
  inputs_.push_back({.name = name, .shape = std::nullopt});
}

void GraphBuilder::AddUnknownLayer(const std::string& name,
                                   const std::vector<std::string>& inputs) {
  layers_.push_back({.name = name, .layer = std::nullopt, .inputs = inputs});
}

absl::Status GraphBuilder::CheckName(absl::string_view name) {
  if (name.empty()) {
    return absl::InvalidArgumentError("it has no name; expected name: \"...\"");
  }
  if (name.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("its name has ", name.size(),
                     " characters; expected at most ", kMaxNameBytes));
  }
  if (!std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.' ||
               c == '/';
      })) {
    return absl::InvalidArgumentError(
        "its name has invalid characters; expected only letters, digits and "
        "_-./");
  }
  return absl::OkStatus();
}

// Here, values are numbered in the order of adding: inputs, then layers.
class GraphBuilder::Assembly {
 public:
  Assembly(const GraphBuilder& parts, int max_problems,
           std::vector<GraphProblem>& problems)
      : parts_(parts),
        inputs_(static_cast<int>(parts.inputs_.size())),
        layers_(static_cast<int>(parts.layers_.size())),
        max_problems_(max_problems),
        problems_(problems),
        is_connected_(!parts.incomplete_),
        sources_(layers_),
        used_(inputs_ + layers_),
        shapes_(inputs_ + layers_) {}

  std::optional<Graph> Assemble();

 private:
  static constexpr int kUnknown = -1;

  bool full() const { return problems_.size() >= max_problems_; }
  void Add(GraphProblem problem) {
    if (!full()) problems_.push_back(std::move(problem));
  }
  void Add(std::string message) {
    Add(GraphProblem{.message = std::move(message)});
  }
  void AddToInput(int input, absl::string_view reason) {
    Add(GraphProblem{.about = GraphProblem::About::kInput,
                     .part = input,
                     .message = absl::StrCat(
                         PartText("input", parts_.inputs_[input].name, input),
                         ": ", reason)});
  }
  void AddToLayer(int layer, absl::string_view reason, int layer_input = -1) {
    const AddedLayer& added = parts_.layers_[layer];
    Add(GraphProblem{.about = GraphProblem::About::kLayer,
                     .part = layer,
                     .layer_input = layer_input,
                     .message = absl::StrCat(
                         PartText("layer", added.name, layer,
                                  added.layer ? added.layer->type() : ""),
                         ": ", reason)});
  }

  // Sets values_ and names_are_known_.
  void CheckNames();
  // Sets sources_, used_ and is_connected_.
  void FindSources();
  // Makes a source of each cycle unknown.
  void BreakCycles();
  void CheckInputs();
  // The layers, each after its sources.
  std::vector<int> Sort() const;
  // Infers a layer's output, and appends its node while there are no problems.
  void InferLayer(int layer);
  absl::Status AddNode(int layer, LayerInfo info);
  void FindOutput();

  const GraphBuilder& parts_;
  const int inputs_;
  const int layers_;
  const size_t max_problems_;
  std::vector<GraphProblem>& problems_;
  // Whether all connections are known.
  bool is_connected_;
  // Whether each part has its name: others may mean one that has none.
  bool names_are_known_ = true;
  std::map<absl::string_view, int> values_;
  // For each layer, the values that it reads.
  std::vector<std::vector<int>> sources_;
  // Of each value, whether a layer reads it.
  std::vector<bool> used_;
  std::vector<std::optional<Shape>> shapes_;
  Graph graph_;
  // For each layer, the number of its node's output.
  std::vector<int> graph_values_;
};

std::optional<Graph> GraphBuilder::Assembly::Assemble() {
  CheckNames();
  if (inputs_ == 0 && !parts_.incomplete_) Add("the model has no input");
  if (layers_ == 0 && !parts_.incomplete_) Add("the model has no layers");
  if (!full()) FindSources();
  if (!full()) BreakCycles();
  if (!full()) CheckInputs();
  if (full()) return std::nullopt;
  graph_values_.resize(layers_);
  for (int layer : Sort()) {
    InferLayer(layer);
    if (full()) return std::nullopt;
  }
  if (is_connected_) FindOutput();
  const bool is_known =
      std::all_of(shapes_.begin(), shapes_.end(),
                  [](const auto& shape) { return shape.has_value(); });
  if (!problems_.empty() || !is_known || parts_.incomplete_) {
    return std::nullopt;
  }
  return std::move(graph_);
}

void GraphBuilder::Assembly::CheckNames() {
  constexpr absl::string_view kDuplicate = "duplicate name";
  for (int i = 0; i < inputs_; ++i) {
    const AddedInput& input = parts_.inputs_[i];
    const absl::Status status = CheckName(input.name);
    if (!status.ok() && input.shape) AddToInput(i, status.message());
    if (input.name.empty()) names_are_known_ = false;
    if (!values_.emplace(input.name, i).second && !input.name.empty()) {
      AddToInput(i, kDuplicate);
      is_connected_ = false;
    }
  }
  for (int i = 0; i < layers_; ++i) {
    const AddedLayer& layer = parts_.layers_[i];
    const absl::Status status = CheckName(layer.name);
    if (!status.ok() && layer.layer) AddToLayer(i, status.message());
    if (layer.name.empty()) names_are_known_ = false;
    if (!values_.emplace(layer.name, inputs_ + i).second &&
        !layer.name.empty()) {
      AddToLayer(i, kDuplicate);
      is_connected_ = false;
    }
  }
  // Parts without a name may be those that others mean.
  if (values_.erase("") > 0) is_connected_ = false;
}

void GraphBuilder::Assembly::FindSources() {
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) names.emplace_back(name);
  for (int i = 0; i < layers_; ++i) {
    const std::vector<std::string>& inputs = parts_.layers_[i].inputs;
    for (size_t j = 0; j < inputs.size(); ++j) {
      const auto found = values_.find(inputs[j]);
      sources_[i].push_back(found == values_.end() ? kUnknown : found->second);
      if (found != values_.end()) {
        used_[found->second] = true;
        continue;
      }
      is_connected_ = false;
      if (!names_are_known_ || full()) continue;
      AddToLayer(
          i,
          inputs[j].size() > kMaxNameBytes
              ? absl::StrCat("the name of an input has ", inputs[j].size(),
                             " characters; expected at most ", kMaxNameBytes)
              : absl::StrCat("there is no layer or input ",
                             QuotedName(inputs[j]),
                             DidYouMean(inputs[j], names)),
          static_cast<int>(j));
    }
  }
}

void GraphBuilder::Assembly::BreakCycles() {
  enum class State : uint8_t { kNew, kOnPath, kDone };
  std::vector<State> states(layers_);
  std::vector<size_t> next_source(layers_);
  for (int start = 0; start < layers_; ++start) {
    if (states[start] != State::kNew) continue;
    // Depth first, along sources.
    std::vector<int> path = {start};
    states[start] = State::kOnPath;
    while (!path.empty() && !full()) {
      const int at = path.back();
      if (next_source[at] == sources_[at].size()) {
        states[at] = State::kDone;
        path.pop_back();
        continue;
      }
      int& source = sources_[at][next_source[at]++];
      if (source < inputs_) continue;
      const int layer = source - inputs_;
      if (states[layer] == State::kNew) {
        states[layer] = State::kOnPath;
        path.push_back(layer);
      } else if (states[layer] == State::kOnPath) {
        const auto first = std::find(path.begin(), path.end(), layer);
        std::vector<std::string> names;
        for (auto it = first; it != path.end(); ++it) {
          names.push_back(parts_.layers_[*it].name);
        }
        // A file can hold many long cycles.
        constexpr size_t kMaxNames = 20;
        if (names.size() > kMaxNames) {
          names.resize(kMaxNames);
          names.push_back("...");
        }
        names.push_back(parts_.layers_[layer].name);
        AddToLayer(layer, absl::StrCat("layers form a cycle: ",
                                       absl::StrJoin(names, " <- ")));
        source = kUnknown;
      }
    }
  }
}

void GraphBuilder::Assembly::CheckInputs() {
  for (int i = 0; i < inputs_; ++i) {
    const AddedInput& input = parts_.inputs_[i];
    if (!input.shape) continue;
    if (input.shape->rank() > kMaxImageRank) {
      AddToInput(i, absl::StrCat("shape ", input.shape->ToString(), " has ",
                                 CountText(input.shape->rank(), "dimension"),
                                 "; expected at most ", kMaxImageRank));
    } else if (input.shape->elements() == 0) {
      AddToInput(i, absl::StrCat("shape ", input.shape->ToString(),
                                 " has no elements"));
    } else {
      shapes_[i] = input.shape;
      graph_.inputs_.push_back({.name = input.name, .shape = *input.shape});
    }
  }
}

std::vector<int> GraphBuilder::Assembly::Sort() const {
  std::vector<std::vector<int>> users(layers_);
  std::vector<int> open_sources(layers_);
  for (int i = 0; i < layers_; ++i) {
    for (int source : sources_[i]) {
      if (source < inputs_) continue;
      ++open_sources[i];
      users[source - inputs_].push_back(i);
    }
  }
  // Of the layers whose sources are done, the one that was added first is next.
  std::set<int> ready;
  for (int i = 0; i < layers_; ++i) {
    if (open_sources[i] == 0) ready.insert(i);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(next);
    for (int user : users[next]) {
      if (--open_sources[user] == 0) ready.insert(user);
    }
  }
  return order;
}

void GraphBuilder::Assembly::InferLayer(int layer) {
  const AddedLayer& added = parts_.layers_[layer];
  if (!added.layer) return;
  std::vector<Shape> shapes;
  for (int source : sources_[layer]) {
    if (source != kUnknown && shapes_[source]) {
      shapes.push_back(*shapes_[source]);
    }
  }
  if (shapes.size() < sources_[layer].size()) {
    const absl::Status status =
        added.layer->CheckForAnyShape(static_cast<int>(sources_[layer].size()));
    if (!status.ok()) AddToLayer(layer, status.message());
    return;
  }
  absl::StatusOr<LayerInfo> info = added.layer->Infer(shapes);
  if (!info.ok()) {
    AddToLayer(layer, info.status().message());
    return;
  }
  shapes_[inputs_ + layer] = info->output;
  if (!problems_.empty()) return;
  const absl::Status status = AddNode(layer, *std::move(info));
  if (!status.ok()) AddToLayer(layer, status.message());
}

absl::Status GraphBuilder::Assembly::AddNode(int layer, LayerInfo info) {
  const AddedLayer& added = parts_.layers_[layer];
  Graph::Node node = {
      .name = added.name,
      .layer = *added.layer,
      .inputs = {},
      .output = info.output,
      .first_parameter = static_cast<int>(graph_.parameters_.size()),
      .parameter_count = static_cast<int>(info.parameters.size()),
      .cost = info.cost,
      .reach = info.reach,
      .window = info.window,
      .type = info.type};
  for (int source : sources_[layer]) {
    node.inputs.push_back(source < inputs_ ? source
                                           : graph_values_[source - inputs_]);
  }
  int64_t& size = graph_.parameter_array_size_;
  for (ParameterInfo& parameter : info.parameters) {
    const int64_t units = UnitsFor(parameter.shape.elements(), parameter.type);
    graph_.parameters_.push_back(
        {.name = absl::StrCat(added.name, ".", parameter.name),
         .info = std::move(parameter),
         .offset = size});
    if (__builtin_add_overflow(size, units, &size) ||
        __builtin_add_overflow(size, kParameterAlignment - 1, &size)) {
      return absl::InvalidArgumentError(
          "the model has more parameters than 64 bits can count");
    }
    size = size / kParameterAlignment * kParameterAlignment;
  }
  graph_values_[layer] = graph_.value_count();
  graph_.nodes_.push_back(std::move(node));
  return absl::OkStatus();
}

void GraphBuilder::Assembly::FindOutput() {
  for (int i = 0; i < inputs_; ++i) {
    if (!used_[i]) AddToInput(i, "unused input");
  }
  std::vector<std::string> outputs;
  for (int i = 0; i < layers_; ++i) {
    if (used_[inputs_ + i]) continue;
    outputs.push_back(parts_.layers_[i].name);
    graph_.output_value_ = graph_values_[i];
  }
  if (outputs.size() > 1) {
    Add(absl::StrCat("no layer reads the outputs of ", outputs.size(),
                     " layers: ", absl::StrJoin(outputs, ", "),
                     "; expected one such layer, whose output is the "
                     "network's"));
  }
}

absl::StatusOr<Graph> GraphBuilder::Build() const {
  std::vector<GraphProblem> problems;
  std::optional<Graph> graph = Build(/*max_problems=*/1, problems);
  if (graph) return *std::move(graph);
  LENSLET_CHECK(!problems.empty());
  return absl::InvalidArgumentError(problems[0].message);
}

std::optional<Graph> GraphBuilder::Build(
    int max_problems, std::vector<GraphProblem>& problems) const {
  problems.clear();
  return Assembly(*this, max_problems, problems).Assemble();
}

}  // namespace lenslet
