#include "lenslet/models/build_graph.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/utf8.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/make_layer.h"
#include "lenslet/models/model_rules.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

constexpr int kMaxModelNameBytes = 128;

// The number of images is a dimension too.
constexpr int kMaxImageRank = Shape::kMaxRank - 1;

absl::Status CheckModelName(absl::string_view name) {
  if (name.size() > kMaxModelNameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model's name has ", name.size(),
                     " bytes; expected at most ", kMaxModelNameBytes));
  }
  if (!IsValidUtf8(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model's name ", QuotedName(name), " is not UTF-8"));
  }
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return absl::ascii_iscntrl(c); })) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model's name ", QuotedName(name),
                     " has control characters; expected none"));
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

// Reads one model, once.
class ModelReader {
 public:
  ModelReader(const ModelProto& model, const ModelGaps& gaps, int max_problems,
              std::vector<FieldProblem>& problems)
      : model_(model),
        gaps_(gaps),
        max_problems_(max_problems),
        problems_(problems) {}

  std::optional<Graph> Read();

 private:
  bool full() const { return problems_.size() >= max_problems_; }
  void Add(std::vector<FieldStep> path, absl::string_view message) {
    if (full()) return;
    problems_.push_back(
        {.path = std::move(path), .message = Printable(message)});
  }
  void AddToInput(int index, FieldStep field, absl::string_view reason) {
    Add({{ModelProto::kInputFieldNumber, index}, field},
        absl::StrCat(PartText("input", model_.input(index).name(), index), ": ",
                     reason));
  }
  // `path` starts from the layer.
  void AddToLayer(int index, const std::vector<FieldStep>& path,
                  absl::string_view reason) {
    std::vector<FieldStep> steps = {{ModelProto::kLayerFieldNumber, index}};
    steps.insert(steps.end(), path.begin(), path.end());
    Add(std::move(steps),
        absl::StrCat(PartText("layer", model_.layer(index).name(), index), ": ",
                     reason));
  }

  // Returns nothing after adding a problem.
  std::optional<Shape> ReadShape(int input);
  void ReadLayer(int index);
  // The names of what a layer reads, if they are known.
  std::optional<std::vector<std::string>> ReadSources(int layer);
  std::optional<Graph> Build();

  const ModelProto& model_;
  const ModelGaps& gaps_;
  const size_t max_problems_;
  std::vector<FieldProblem>& problems_;
  GraphBuilder builder_;
};

bool Contains(const std::vector<int>& numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

std::optional<Graph> ModelReader::Read() {
  if (absl::Status status = CheckModelName(model_.name()); !status.ok()) {
    Add({{.number = ModelProto::kNameFieldNumber}}, status.message());
  }
  if (model_.input_size() + int64_t{model_.layer_size()} >
      kMaxInputsAndLayers) {
    Add({},
        absl::StrCat("the model has ", CountText(model_.input_size(), "input"),
                     " and ", model_.layer_size(), " layers; expected at most ",
                     kMaxInputsAndLayers, " together"));
    return std::nullopt;
  }
  if (!gaps_.empty()) builder_.SetIncomplete();
  for (int i = 0; i < model_.input_size() && !full(); ++i) {
    const std::string& name = model_.input(i).name();
    if (Contains(gaps_.inputs, i)) {
      builder_.AddUnknownInput(name);
    } else if (const std::optional<Shape> shape = ReadShape(i)) {
      builder_.AddInput(name, *shape);
    } else {
      if (absl::Status status = GraphBuilder::CheckName(name); !status.ok()) {
        AddToInput(i, {InputProto::kNameFieldNumber}, status.message());
      }
      builder_.AddUnknownInput(name);
    }
  }
  for (int i = 0; i < model_.layer_size() && !full(); ++i) ReadLayer(i);
  if (full()) return std::nullopt;
  return Build();
}

std::optional<Shape> ModelReader::ReadShape(int input) {
  const InputProto& proto = model_.input(input);
  const FieldStep field = {.number = InputProto::kShapeFieldNumber};
  if (proto.shape_size() < 1 || proto.shape_size() > kMaxImageRank) {
    AddToInput(input, field,
               absl::StrCat("shape has ", CountText(proto.shape_size(), "size"),
                            "; expected 1 to ", kMaxImageRank,
                            ", such as [28, 28, 1]"));
    return std::nullopt;
  }
  const std::vector<FieldProblem> problems = CheckModelRules(proto);
  for (const FieldProblem& problem : problems) {
    AddToInput(input, problem.path[0], problem.message);
  }
  if (!problems.empty()) return std::nullopt;
  const absl::StatusOr<Shape> shape = Shape::Create(proto.shape());
  if (shape.ok()) return *shape;
  AddToInput(input, field, shape.status().message());
  return std::nullopt;
}

void ModelReader::ReadLayer(int index) {
  const LayerProto& proto = model_.layer(index);
  const bool has_gap = Contains(gaps_.layers, index);
  std::optional<Layer> layer;
  if (!has_gap) {
    std::vector<FieldProblem> problems;
    layer = MakeLayer(proto, problems);
    for (const FieldProblem& problem : problems) {
      AddToLayer(index, problem.path, problem.message);
    }
  }
  const std::optional<std::vector<std::string>> sources = ReadSources(index);
  if (layer && sources) {
    builder_.AddLayer(proto.name(), *std::move(layer), *sources);
    return;
  }
  if (layer) {
    const absl::Status status = layer->CheckForAnyShape(/*inputs=*/1);
    if (!status.ok()) AddToLayer(index, {}, status.message());
  }
  if (!has_gap) {
    const absl::Status status = GraphBuilder::CheckName(proto.name());
    if (!status.ok()) AddToLayer(index, {}, status.message());
  }
  builder_.AddUnknownLayer(proto.name(),
                           sources.value_or(std::vector<std::string>()));
}

std::optional<std::vector<std::string>> ModelReader::ReadSources(int layer) {
  const LayerProto& proto = model_.layer(layer);
  if (proto.input_size() > 0) {
    return std::vector<std::string>(proto.input().begin(), proto.input().end());
  }
  if (layer > 0) {
    return std::vector<std::string>{model_.layer(layer - 1).name()};
  }
  if (model_.input_size() == 1) {
    return std::vector<std::string>{model_.input(0).name()};
  }
  // A model without inputs is GraphBuilder's to report.
  if (model_.input_size() == 0) return std::nullopt;
  builder_.SetIncomplete();
  if (!gaps_.empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const InputProto& input : model_.input()) {
    names.push_back(QuotedName(input.name()));
  }
  AddToLayer(layer, {},
             absl::StrCat("it is the first layer and names no input; expected "
                          "at least one of ",
                          absl::StrJoin(names, ", ")));
  return std::nullopt;
}

std::optional<Graph> ModelReader::Build() {
  std::vector<GraphProblem> problems;
  std::optional<Graph> graph = builder_.Build(
      static_cast<int>(max_problems_ - problems_.size()), problems);
  for (const GraphProblem& problem : problems) {
    std::vector<FieldStep> path;
    switch (problem.about) {
      case GraphProblem::About::kGraph:
        break;
      case GraphProblem::About::kInput:
        path = {{ModelProto::kInputFieldNumber, problem.part}};
        break;
      case GraphProblem::About::kLayer:
        path = {{ModelProto::kLayerFieldNumber, problem.part}};
        // A layer that names no input reads the one before it.
        if (problem.layer_input >= 0 &&
            model_.layer(problem.part).input_size() > 0) {
          path.push_back({LayerProto::kInputFieldNumber, problem.layer_input});
        }
        break;
    }
    Add(std::move(path), problem.message);
  }
  if (!graph) return std::nullopt;
  if (absl::Status status = CheckTotalCost(*graph); !status.ok()) {
    Add({}, status.message());
    return std::nullopt;
  }
  if (!problems_.empty()) return std::nullopt;
  return graph;
}

}  // namespace

absl::Status CheckAsModel(const Graph& graph, absl::string_view name) {
  LENSLET_RETURN_IF_ERROR(CheckModelName(name));
  for (const Graph::Input& input : graph.inputs()) {
    if (input.shape.rank() < 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", QuotedName(input.name), ": shape has ",
          CountText(input.shape.rank(), "size"), "; expected 1 to ",
          kMaxImageRank, ", such as [28, 28, 1]"));
    }
  }
  return CheckTotalCost(graph);
}

std::optional<Graph> BuildGraph(const ModelProto& model, const ModelGaps& gaps,
                                std::vector<FieldProblem>& problems) {
  problems.clear();
  return ModelReader(model, gaps, kMaxProblems, problems).Read();
}

std::optional<Graph> BuildGraph(const ModelProto& model,
                                FieldProblem& problem) {
  std::vector<FieldProblem> problems;
  const ModelGaps none;
  std::optional<Graph> graph =
      ModelReader(model, none, /*max_problems=*/1, problems).Read();
  LENSLET_CHECK(graph.has_value() == problems.empty());
  if (!graph) problem = std::move(problems[0]);
  return graph;
}

absl::StatusOr<Graph> BuildGraph(const ModelProto& model) {
  FieldProblem problem;
  std::optional<Graph> graph = BuildGraph(model, problem);
  if (graph) return *std::move(graph);
  return absl::InvalidArgumentError(problem.message);
}

}  // namespace lenslet
