#include "lenslet/models/model_problems.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using Path = std::vector<FieldStep>;

// Names of parts of models with one layer.
constexpr char kLayer[] = "layer";

std::string InputName(int index) { return absl::StrCat("input", index); }

std::string OtherName(absl::string_view name) {
  return name == "x" ? "y" : "x";
}

// "layer \"NAME\": message"
std::string Named(absl::string_view what, absl::string_view name,
                  absl::string_view message) {
  return Printable(absl::StrCat(what, " \"", name, "\": ", message));
}

class ProblemFinder {
 public:
  ProblemFinder(const ModelProto& model, const ModelGaps& gaps)
      : model_(model),
        gaps_(gaps),
        inputs_(model.input_size()),
        layers_(model.layer_size()),
        shapes_(inputs_ + layers_),
        sources_(layers_) {}

  std::vector<ModelProblem> Find();

 private:
  // What flows is numbered: inputs, then layers.
  static constexpr int kUnknown = -1;

  void Add(Path path, std::string message) {
    problems_.push_back(
        {.path = std::move(path), .message = std::move(message)});
  }
  void AddLayer(int layer, absl::string_view message) {
    Add({{ModelProto::kLayerFieldNumber, layer}},
        Named("layer", model_.layer(layer).name(), message));
  }
  bool IsGap(const std::vector<int>& gaps, int index) const {
    return std::find(gaps.begin(), gaps.end(), index) != gaps.end();
  }

  void FindInWhole();
  void FindInInputs();
  void FindInNames();
  // Sets sources_.
  void FindUnknownInputs();
  void FindCircles();
  void FindInLayers();
  void FindEnds();

  // The output of a layer, by itself, for inputs of these shapes. After an
  // error, `path` leads to the field.
  absl::StatusOr<Shape> Infer(int layer, absl::Span<const Shape> inputs,
                              Path& path) const;
  void FindInLayer(int layer);
  void FindInLayerOfAnyInput(int layer);
  void AddLayerError(int layer, Path path, const absl::Status& error);

  const ModelProto& model_;
  const ModelGaps& gaps_;
  const int inputs_;
  const int layers_;
  std::map<std::string, int> values_;
  std::vector<std::optional<Shape>> shapes_;
  std::vector<std::vector<int>> sources_;
  // Whether all of a model's connections are known.
  bool is_connected_ = true;
  std::vector<ModelProblem> problems_;
};

std::vector<ModelProblem> ProblemFinder::Find() {
  Path place;
  const absl::StatusOr<Graph> graph = BuildGraph(model_, place);
  if (graph.ok()) return {};
  const ModelProblem first = {.path = place,
                              .message = std::string(graph.status().message())};
  // Too long to be looked at.
  if (place.empty() && inputs_ + int64_t{layers_} > 10000) return {first};
  is_connected_ = gaps_.empty();
  FindInWhole();
  FindInInputs();
  FindInNames();
  FindUnknownInputs();
  if (is_connected_) FindEnds();
  FindCircles();
  FindInLayers();
  if (problems_.empty() && gaps_.empty()) problems_.push_back(first);
  return std::move(problems_);
}

void ProblemFinder::FindInWhole() {
  ModelProto name;
  name.set_name(model_.name());
  Path path;
  const absl::StatusOr<Graph> graph = BuildGraph(name, path);
  if (!path.empty()) Add(path, std::string(graph.status().message()));
  if (!gaps_.empty()) return;
  if (inputs_ == 0) Add({}, "the model has no input");
  if (layers_ == 0) Add({}, "the model has no layers");
}

void ProblemFinder::FindInInputs() {
  for (int i = 0; i < inputs_; ++i) {
    if (IsGap(gaps_.inputs, i)) continue;
    ModelProto model;
    *model.add_input() = model_.input(i);
    LayerProto& layer = *model.add_layer();
    layer.set_name(OtherName(model_.input(i).name()));
    layer.mutable_flatten();
    Path path;
    const absl::StatusOr<Graph> graph = BuildGraph(model, path);
    if (graph.ok()) {
      shapes_[i] = graph->inputs()[0].shape;
    } else if (!path.empty() &&
               path[0].number == ModelProto::kInputFieldNumber) {
      path[0].index = i;
      Add(path, std::string(graph.status().message()));
    } else if (absl::StartsWith(graph.status().message(), "input ")) {
      Add({{ModelProto::kInputFieldNumber, i}},
          std::string(graph.status().message()));
    }
  }
}

void ProblemFinder::FindInNames() {
  constexpr char kTwice[] = "duplicate name";
  for (int i = 0; i < inputs_; ++i) {
    const std::string& name = model_.input(i).name();
    if (!values_.emplace(name, i).second && !name.empty()) {
      Add({{ModelProto::kInputFieldNumber, i}}, Named("input", name, kTwice));
    }
  }
  for (int i = 0; i < layers_; ++i) {
    const std::string& name = model_.layer(i).name();
    if (!values_.emplace(name, inputs_ + i).second && !name.empty()) {
      AddLayer(i, kTwice);
      is_connected_ = false;
    }
  }
  // Parts without a name may be those that others mean.
  is_connected_ = is_connected_ && values_.erase("") == 0;
}

void ProblemFinder::FindUnknownInputs() {
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) names.push_back(name);
  const bool names_are_known =
      std::none_of(gaps_.inputs.begin(), gaps_.inputs.end(),
                   [&](int i) { return model_.input(i).name().empty(); }) &&
      std::none_of(gaps_.layers.begin(), gaps_.layers.end(),
                   [&](int i) { return model_.layer(i).name().empty(); });
  for (int i = 0; i < layers_; ++i) {
    const LayerProto& layer = model_.layer(i);
    for (int j = 0; j < layer.input_size(); ++j) {
      const auto found = values_.find(layer.input(j));
      sources_[i].push_back(found == values_.end() ? kUnknown : found->second);
      if (found != values_.end()) continue;
      is_connected_ = false;
      if (!names_are_known) continue;
      // Long names take long to compare.
      constexpr size_t kLongestTypo = 128;
      Add({{ModelProto::kLayerFieldNumber, i},
           {LayerProto::kInputFieldNumber, j}},
          Named("layer", layer.name(),
                absl::StrCat("there is no layer or input \"", layer.input(j),
                             "\"",
                             layer.input(j).size() > kLongestTypo
                                 ? ""
                                 : DidYouMean(layer.input(j), names))));
    }
    if (layer.input_size() > 0) continue;
    if (i > 0) {
      sources_[i].push_back(inputs_ + i - 1);
    } else if (inputs_ == 1) {
      sources_[i].push_back(0);
    } else {
      is_connected_ = false;
      sources_[i].push_back(kUnknown);
      if (inputs_ == 0 || !gaps_.empty()) continue;
      std::vector<std::string> quoted;
      for (const InputProto& input : model_.input()) {
        quoted.push_back(absl::StrCat("\"", input.name(), "\""));
      }
      AddLayer(0, absl::StrCat("it is the first and names no input; the model "
                               "has ",
                               inputs_, ": ", absl::StrJoin(quoted, ", ")));
    }
  }
}

void ProblemFinder::FindCircles() {
  // The round in which a layer was first met.
  std::vector<int> met(layers_, -1);
  std::vector<int> next_source(layers_, 0);
  for (int start = 0; start < layers_; ++start) {
    if (met[start] >= 0) continue;
    // Depth first, along inputs.
    std::vector<int> path = {start};
    met[start] = start;
    while (!path.empty()) {
      const int at = path.back();
      if (next_source[at] == static_cast<int>(sources_[at].size())) {
        path.pop_back();
        continue;
      }
      int& source = sources_[at][next_source[at]++];
      if (source < inputs_) continue;
      const int layer = source - inputs_;
      const auto on_path = std::find(path.begin(), path.end(), layer);
      if (on_path != path.end()) {
        std::vector<std::string> names;
        for (auto it = on_path; it != path.end(); ++it) {
          names.push_back(model_.layer(*it).name());
        }
        names.push_back(model_.layer(layer).name());
        AddLayer(layer, absl::StrCat("layers form a cycle: ",
                                     absl::StrJoin(names, " <- ")));
        // Open from here on.
        source = kUnknown;
      } else if (met[layer] < 0) {
        met[layer] = start;
        path.push_back(layer);
      }
    }
  }
}

void ProblemFinder::FindInLayers() {
  std::vector<bool> done(layers_);
  for (int start = 0; start < layers_; ++start) {
    // Inputs first; there are no circles any more.
    std::vector<int> open = {start};
    while (!open.empty()) {
      const int layer = open.back();
      const auto source = std::find_if(
          sources_[layer].begin(), sources_[layer].end(), [&](int value) {
            return value >= inputs_ && !done[value - inputs_];
          });
      if (!done[layer] && source != sources_[layer].end()) {
        open.push_back(*source - inputs_);
        continue;
      }
      open.pop_back();
      if (!done[layer]) FindInLayer(layer);
      done[layer] = true;
    }
  }
}

void ProblemFinder::FindInLayer(int layer) {
  if (IsGap(gaps_.layers, layer)) return;
  const LayerProto& proto = model_.layer(layer);
  // Its name alone, so that a wrong one does not hide what else is wrong.
  ModelProto named;
  InputProto& input = *named.add_input();
  input.set_name(OtherName(proto.name()));
  input.add_shape(1);
  LayerProto& relu = *named.add_layer();
  relu.set_name(proto.name());
  relu.mutable_relu();
  Path path;
  const absl::StatusOr<Graph> graph = BuildGraph(named, path);
  if (!graph.ok() && absl::StartsWith(graph.status().message(), "layer ")) {
    if (path.empty()) path = {{ModelProto::kLayerFieldNumber, 0}};
    path[0].index = layer;
    Add(path, std::string(graph.status().message()));
  }

  std::vector<Shape> shapes;
  for (int source : sources_[layer]) {
    if (source == kUnknown || !shapes_[source]) {
      FindInLayerOfAnyInput(layer);
      return;
    }
    shapes.push_back(*shapes_[source]);
  }
  const absl::StatusOr<Shape> output = Infer(layer, shapes, path);
  if (output.ok()) {
    shapes_[inputs_ + layer] = *output;
  } else {
    AddLayerError(layer, path, output.status());
  }
}

absl::StatusOr<Shape> ProblemFinder::Infer(int layer,
                                           absl::Span<const Shape> inputs,
                                           Path& path) const {
  ModelProto model;
  LayerProto& alone = *model.add_layer();
  alone = model_.layer(layer);
  alone.set_name(kLayer);
  alone.clear_input();
  for (size_t i = 0; i < inputs.size(); ++i) {
    InputProto& input = *model.add_input();
    input.set_name(InputName(static_cast<int>(i)));
    input.mutable_shape()->Add(inputs[i].dims().begin(),
                               inputs[i].dims().end());
    alone.add_input(input.name());
  }
  absl::StatusOr<Graph> graph = BuildGraph(model, path);
  if (!graph.ok()) return graph.status();
  return graph->nodes()[0].output;
}

void ProblemFinder::AddLayerError(int layer, Path path,
                                  const absl::Status& error) {
  if (path.empty() || path[0].number != ModelProto::kLayerFieldNumber) {
    path = {{ModelProto::kLayerFieldNumber, 0}};
  }
  path[0].index = layer;
  const std::string prefix = absl::StrCat("layer \"", kLayer, "\": ");
  Add(path, Named("layer", model_.layer(layer).name(),
                  absl::StripPrefix(error.message(), prefix)));
}

void ProblemFinder::FindInLayerOfAnyInput(int layer) {
  // What a layer says about an input's sizes names them. So what it says of two
  // different ones in the same words is not about them.
  for (int rank = 1; rank <= Shape::kMaxRank - 1; ++rank) {
    std::vector<absl::Status> errors;
    Path path;
    for (const int64_t size : {840, 1260}) {
      const absl::StatusOr<Shape> shape = Shape::Create(
          std::vector<int64_t>(rank, rank > 2 ? size / 10 : size));
      if (!shape.ok()) return;
      const std::vector<Shape> inputs(sources_[layer].size(), *shape);
      const absl::StatusOr<Shape> output = Infer(layer, inputs, path);
      if (output.ok()) return;
      errors.push_back(output.status());
    }
    if (errors[0] == errors[1]) {
      AddLayerError(layer, path, errors[0]);
      return;
    }
  }
}

void ProblemFinder::FindEnds() {
  std::vector<bool> used(inputs_ + layers_);
  for (const std::vector<int>& sources : sources_) {
    for (int source : sources) used[source] = true;
  }
  for (int i = 0; i < inputs_; ++i) {
    if (used[i]) continue;
    Add({{ModelProto::kInputFieldNumber, i}},
        Named("input", model_.input(i).name(), "unused input"));
  }
  std::vector<std::string> outputs;
  for (int i = 0; i < layers_; ++i) {
    if (!used[inputs_ + i]) outputs.push_back(model_.layer(i).name());
  }
  if (outputs.size() > 1) {
    Add({}, Printable(absl::StrCat(
                "a model has one output, but no layer takes the outputs of ",
                absl::StrJoin(outputs, ", "))));
  }
}

}  // namespace

std::vector<ModelProblem> FindModelProblems(const ModelProto& model,
                                            const ModelGaps& gaps) {
  return ProblemFinder(model, gaps).Find();
}

}  // namespace lenslet
