#include "lenslet/models/build_graph.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/make_layer.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// What the search for a mistyped name can compare in a moment.
constexpr int kMaxInputsAndLayers = 10000;
constexpr int kMaxNameBytes = 128;

// The number of images is a dimension too.
constexpr int kMaxImageRank = Shape::kMaxRank - 1;

absl::Status CheckName(absl::string_view name) {
  if (name.empty()) return absl::InvalidArgumentError("it has no name");
  if (name.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("its name has ", name.size(), " characters, at most ",
                     kMaxNameBytes, " are possible"));
  }
  return absl::OkStatus();
}

// "layer "NAME": reason", as Graph has it.
absl::Status Named(absl::string_view what, absl::string_view name,
                   const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(
          what, " \"", name.substr(0, kMaxNameBytes),
          name.size() > kMaxNameBytes ? "...\": " : "\": ", status.message()));
}

// Reads one model, once.
class ModelReader {
 public:
  explicit ModelReader(const ModelProto& model) : model_(model) {}

  absl::StatusOr<Graph> Read();

  // After an error: the path to the field that it is about.
  const std::vector<FieldStep>& place() const { return place_; }

 private:
  absl::Status ReadInput(int index);
  absl::Status ReadLayer(int index);
  absl::StatusOr<std::vector<std::string>> ReadLayerInputs(int index);
  // Sets place_ to what GraphBuilder did not like about a layer.
  void FindFault(int layer);

  const ModelProto& model_;
  GraphBuilder builder_;
  std::vector<FieldStep> place_;
};

absl::Status CheckModelName(absl::string_view name) {
  if (name.size() > kMaxNameBytes ||
      std::any_of(name.begin(), name.end(),
                  [](char c) { return absl::ascii_iscntrl(c); }) ||
      !IsValidUtf8(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model's name has ", name.size(), " bytes; expected at most ",
        kMaxNameBytes, " of UTF-8, without control characters"));
  }
  return absl::OkStatus();
}

absl::Status CheckTotalCost(const Graph& graph) {
  int64_t multiply_adds = 0;
  int64_t bytes = 0;
  for (const Graph::Node& node : graph.nodes()) {
    if (__builtin_add_overflow(multiply_adds, node.cost.multiply_adds,
                               &multiply_adds) ||
        __builtin_add_overflow(bytes, node.cost.bytes(), &bytes)) {
      return absl::InvalidArgumentError(
          "all layers together need more multiply-adds or bytes than 64 bits "
          "can count");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Graph> ModelReader::Read() {
  place_ = {{.number = ModelProto::kNameFieldNumber}};
  LENSLET_RETURN_IF_ERROR(CheckModelName(model_.name()));
  place_.clear();
  if (model_.input_size() + int64_t{model_.layer_size()} >
      kMaxInputsAndLayers) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", model_.input_size(), " inputs and ",
                     model_.layer_size(), " layers; together at most ",
                     kMaxInputsAndLayers, " are possible"));
  }
  for (int i = 0; i < model_.input_size(); ++i) {
    LENSLET_RETURN_IF_ERROR(
        Named("input", model_.input(i).name(), ReadInput(i)));
  }
  for (int i = 0; i < model_.layer_size(); ++i) {
    LENSLET_RETURN_IF_ERROR(
        Named("layer", model_.layer(i).name(), ReadLayer(i)));
  }
  place_.clear();
  int failed_layer;
  absl::StatusOr<Graph> graph = builder_.Build(&failed_layer);
  if (!graph.ok()) {
    if (failed_layer >= 0) FindFault(failed_layer);
    return graph;
  }
  LENSLET_RETURN_IF_ERROR(CheckTotalCost(*graph));
  return graph;
}

absl::Status ModelReader::ReadInput(int index) {
  const InputProto& input = model_.input(index);
  const FieldStep here = {ModelProto::kInputFieldNumber, index};
  place_ = {here, {.number = InputProto::kNameFieldNumber}};
  LENSLET_RETURN_IF_ERROR(CheckName(input.name()));
  place_ = {here, {InputProto::kShapeFieldNumber, 0}};
  if (input.shape_size() < 1 || input.shape_size() > kMaxImageRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("shape has ", input.shape_size(), " sizes, expected 1 to ",
                     kMaxImageRank, ", such as [28, 28, 1]"));
  }
  for (int axis = 0; axis < input.shape_size(); ++axis) {
    place_.back().index = axis;
    if (input.shape(axis) < 1 || input.shape(axis) > kMaxAxisSize) {
      return absl::InvalidArgumentError(absl::StrCat(
          "shape [", absl::StrJoin(input.shape(), ", "), "] has ",
          input.shape(axis), "; expected a number in [1, ", kMaxAxisSize, "]"));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create(input.shape()));
  builder_.AddInput(input.name(), shape);
  return absl::OkStatus();
}

absl::Status ModelReader::ReadLayer(int index) {
  const LayerProto& layer = model_.layer(index);
  const FieldStep here = {ModelProto::kLayerFieldNumber, index};
  place_ = {here, {.number = LayerProto::kNameFieldNumber}};
  LENSLET_RETURN_IF_ERROR(CheckName(layer.name()));
  place_ = {here};
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::string> inputs,
                           ReadLayerInputs(index));
  LENSLET_ASSIGN_OR_RETURN(Layer made, MakeLayer(layer, place_));
  builder_.AddLayer(layer.name(), std::move(made), inputs);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ModelReader::ReadLayerInputs(
    int index) {
  const LayerProto& layer = model_.layer(index);
  for (int i = 0; i < layer.input_size(); ++i) {
    if (layer.input(i).size() > kMaxNameBytes) {
      place_.push_back({LayerProto::kInputFieldNumber, i});
      return absl::InvalidArgumentError(absl::StrCat(
          "the name of an input has ", layer.input(i).size(),
          " characters, at most ", kMaxNameBytes, " are possible"));
    }
  }
  if (layer.input_size() > 0) {
    return std::vector<std::string>(layer.input().begin(), layer.input().end());
  }
  if (index > 0)
    return std::vector<std::string>{model_.layer(index - 1).name()};
  if (model_.input_size() > 1) {
    std::vector<std::string> names;
    for (const InputProto& input : model_.input()) {
      names.push_back(absl::StrCat("\"", input.name(), "\""));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("it is the first and names no input; the model has ",
                     names.size(), ": ", absl::StrJoin(names, ", ")));
  }
  // Without any, GraphBuilder says so.
  std::vector<std::string> inputs;
  for (const InputProto& input : model_.input()) inputs.push_back(input.name());
  return inputs;
}

void ModelReader::FindFault(int layer) {
  place_ = {{ModelProto::kLayerFieldNumber, layer}};
  std::set<std::string> known;
  for (const InputProto& input : model_.input()) known.insert(input.name());
  for (const LayerProto& other : model_.layer()) known.insert(other.name());
  const LayerProto& failed = model_.layer(layer);
  for (int i = 0; i < failed.input_size(); ++i) {
    if (known.count(failed.input(i)) == 0) {
      place_.push_back({LayerProto::kInputFieldNumber, i});
      return;
    }
  }
}

}  // namespace

absl::StatusOr<Graph> BuildGraph(const ModelProto& model,
                                 std::vector<FieldStep>& place) {
  ModelReader reader(model);
  absl::StatusOr<Graph> graph = reader.Read();
  place = reader.place();
  if (graph.ok()) return graph;
  return absl::Status(graph.status().code(),
                      Printable(graph.status().message()));
}

absl::StatusOr<Graph> BuildGraph(const ModelProto& model) {
  std::vector<FieldStep> ignored;
  return BuildGraph(model, ignored);
}

absl::StatusOr<Graph> BuildGraph(const ModelText& text) {
  std::vector<FieldStep> place;
  absl::StatusOr<Graph> graph = BuildGraph(text.model, place);
  if (graph.ok()) return graph;
  return absl::Status(graph.status().code(),
                      absl::StrCat(PlaceOf(text.model, text.locations, place),
                                   ": ", graph.status().message()));
}

}  // namespace lenslet
