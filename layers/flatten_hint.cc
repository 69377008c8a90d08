#include "lenslet/layers/flatten_hint.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "lenslet/layers/layer_spec.h"

namespace lenslet {

std::string FlattenHint(const Graph& graph) {
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  if (output.rank() <= 1) return "";
  for (const Graph::Node& node : graph.nodes()) {
    if (std::holds_alternative<LinearLayer>(node.layer.spec()) &&
        graph.ShapeOfValue(node.inputs[0]).rank() > 1) {
      return absl::StrCat("linear layer \"", node.name,
                          "\" transforms each position separately; add a "
                          "flatten layer before it");
    }
  }
  if (output.elements() != output.dim(output.rank() - 1)) return "";
  return absl::StrCat(
      "add a flatten layer after \"",
      graph.nodes()[graph.NodeOfValue(graph.output_value())].name, "\"");
}

absl::Status CheckOneScoreForEachClass(const Graph& graph, int64_t classes) {
  if (graph.inputs().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", graph.inputs().size(),
                     " inputs; expected one, the image"));
  }
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  if (output == Shape({classes})) return absl::OkStatus();
  const std::string hint = FlattenHint(graph);
  return absl::InvalidArgumentError(absl::StrCat(
      "the model's output, layer \"",
      graph.nodes()[graph.NodeOfValue(graph.output_value())].name,
      "\", has shape ", output.ToString(), "; expected ",
      classes == 0 ? "one dimension" : absl::StrCat("[", classes, "]"),
      ", a score for each class", hint.empty() ? "" : "; ", hint));
}

}  // namespace lenslet
