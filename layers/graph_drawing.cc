#include "layers/graph_drawing.h"

#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>
#include <graphviz/gvplugin.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "base/number_text.h"
#include "layers/layer.h"
#include "tensor/shape.h"

extern "C" gvplugin_library_t gvplugin_core_LTX_library;
extern "C" gvplugin_library_t gvplugin_dot_layout_LTX_library;

namespace lenslet {
namespace {

constexpr absl::string_view kTimes = "\u00d7";

// What a box looks like: dark enough for white text, and light enough to be
// seen on black.
struct Look {
  absl::string_view name;
  absl::string_view color;
};

Look LookOf(const Layer& layer) {
  const absl::string_view type = layer.type();
  if (absl::StartsWith(type, "Conv")) return {"convolution", "#2b6cb0"};
  if (absl::StrContains(type, "Pool")) return {"pooling", "#2f7d4f"};
  if (type == "Linear") return {"linear", "#6b46c1"};
  if (type == "BatchNorm" || type == "Dropout") {
    return {"normalization", "#0f6f78"};
  }
  if (type == "Add" || type == "Concat") return {"join", "#b83260"};
  if (type == "Flatten" || type == "Reshape" || type == "Pad") {
    return {"shape", "#5a6577"};
  }
  for (absl::string_view activation : {"Sigmoid", "Tanh", "Relu", "LeakyRelu",
                                       "Elu", "Gelu", "Silu", "Softplus"}) {
    if (type == activation) return {"activation", "#9c5713"};
  }
  return {"other", "#5a6577"};
}

// For quoted strings and for Graphviz's labels that look like HTML alike.
std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"},
                                    {"<", "&lt;"},
                                    {">", "&gt;"},
                                    {"\"", "&quot;"},
                                    {"\\", "&#92;"}});
}

std::string SizesOf(const Shape& shape) {
  return shape.rank() == 0
             ? "1"
             : absl::StrJoin(shape.dims(), absl::StrCat(" ", kTimes, " "));
}

// "32 parameters, 16 statistics"; "" for none.
std::string ParametersOf(const Graph& graph, const Graph::Node& node) {
  int64_t trainable = 0;
  int64_t fixed = 0;
  int64_t statistics = 0;
  for (int i = 0; i < node.parameter_count; ++i) {
    const ParameterInfo& info =
        graph.parameters()[node.first_parameter + i].info;
    (IsStatistic(info.role) ? statistics
     : info.trainable       ? trainable
                            : fixed) += info.shape.elements();
  }
  std::vector<std::string> parts;
  for (const auto& [count, what] : {std::pair(trainable, " parameters"),
                                    {fixed, " fixed parameters"},
                                    {statistics, " statistics"}}) {
    if (count > 0) parts.push_back(absl::StrCat(WithCommas(count), what));
  }
  return absl::StrJoin(parts, ", ");
}

struct Box {
  std::string name;
  Look look;
  std::string output;
  std::vector<std::string> lines;
};

Box BoxOf(const Graph& graph, const Graph::Node& node) {
  Box box = {.name = node.name,
             .look = LookOf(*node.layer),
             .output = SizesOf(node.output),
             .lines = {std::string(node.layer->type())}};
  if (const std::string details = node.layer->Details(); !details.empty()) {
    absl::StrAppend(&box.lines[0], " ",
                    absl::StrReplaceAll(
                        details, {{" x ", absl::StrCat(" ", kTimes, " ")}}));
  }
  if (std::string parameters = ParametersOf(graph, node); !parameters.empty()) {
    box.lines.push_back(std::move(parameters));
  }
  return box;
}

void AppendBox(const Box& box, std::string& dot) {
  const std::string name = Escaped(box.name);
  absl::StrAppend(&dot, "  \"", name, "\" [class=\"", box.look.name,
                  "\" fillcolor=\"", box.look.color,
                  "\" label=<<table border=\"0\" cellborder=\"0\" "
                  "cellspacing=\"0\" cellpadding=\"1\"><tr><td "
                  "align=\"left\"><b>",
                  name, "</b>   </td><td align=\"right\">", box.output,
                  "</td></tr>");
  for (const std::string& line : box.lines) {
    absl::StrAppend(
        &dot, "<tr><td colspan=\"2\" align=\"left\"><font point-size=\"10\">",
        Escaped(line), "</font></td></tr>");
  }
  absl::StrAppend(&dot, "</table>>]\n");
}

std::string NameOfValue(const Graph& graph, int value) {
  const int node = graph.NodeOfValue(value);
  return Escaped(node < 0 ? graph.inputs()[value].name
                          : graph.nodes()[node].name);
}

std::string TitleOf(const Graph& graph, absl::string_view title) {
  int64_t multiply_adds = 0;
  for (const Graph::Node& node : graph.nodes()) {
    multiply_adds += node.cost.multiply_adds;
  }
  return absl::StrCat(
      "<b>", Escaped(title), "</b><br/><font point-size=\"10\">",
      WithCommas(graph.trainable_parameter_count()), " parameters, ",
      WithCommas(multiply_adds), " multiply-adds</font>");
}

struct FreeContext {
  void operator()(GVC_t* context) const { gvFreeContext(context); }
};

struct CloseGraph {
  void operator()(Agraph_t* graph) const { agclose(graph); }
};

// What Graphviz writes around and into <svg>: its version, and a fixed size.
absl::StatusOr<std::string> Bare(absl::string_view svg) {
  const size_t start = svg.find("<svg ");
  const size_t view_box =
      start == svg.npos ? svg.npos : svg.find("viewBox", start);
  if (view_box == svg.npos) {
    return absl::InternalError("Graphviz has not written what was expected");
  }
  // width="62pt" height="44pt", which a style sheet of its own overrides.
  return absl::StrCat(
      "<svg class=\"network\" style=\"max-width: 100%; height: auto\" ",
      svg.substr(start + 5));
}

absl::StatusOr<std::string> Render(const std::string& dot) {
  const lt_symlist_t plugins[] = {
      {"gvplugin_core_LTX_library", &gvplugin_core_LTX_library},
      {"gvplugin_dot_layout_LTX_library", &gvplugin_dot_layout_LTX_library},
      {nullptr, nullptr}};
  const std::unique_ptr<GVC_t, FreeContext> context(
      gvContextPlugins(plugins, /*demand_loading=*/0));
  const std::unique_ptr<Agraph_t, CloseGraph> graph(agmemread(dot.c_str()));
  if (context == nullptr || graph == nullptr ||
      gvLayout(context.get(), graph.get(), "dot") != 0) {
    return absl::InternalError("Graphviz cannot lay out the network");
  }
  char* data = nullptr;
  unsigned int size = 0;
  const int failed =
      gvRenderData(context.get(), graph.get(), "svg", &data, &size);
  absl::StatusOr<std::string> svg =
      failed != 0 || data == nullptr
          ? absl::InternalError("Graphviz cannot draw the network")
          : Bare({data, size});
  if (data != nullptr) gvFreeRenderData(data);
  gvFreeLayout(context.get(), graph.get());
  return svg;
}

}  // namespace

std::string GraphToDot(const Graph& graph, const GraphDrawingOptions& options) {
  std::string dot = "digraph network {\n";
  absl::StrAppend(
      &dot, "  graph [bgcolor=\"transparent\" rankdir=\"",
      options.direction == DrawingDirection::kDown ? "TB" : "LR",
      "\" nodesep=\"0.3\" ranksep=\"0.3\" labelloc=\"t\" "
      "fontname=\"Helvetica,Arial,sans-serif\" fontsize=\"14\" "
      "fontcolor=\"#808080\"]\n",
      "  node [shape=\"box\" style=\"rounded,filled\" penwidth=\"0\" "
      "margin=\"0.08,0.04\" height=\"0.3\" "
      "fontname=\"Helvetica,Arial,sans-serif\" fontsize=\"12\" "
      "fontcolor=\"#ffffff\"]\n",
      "  edge [color=\"#808080\" arrowsize=\"0.7\"]\n");
  if (!options.title.empty()) {
    absl::StrAppend(&dot, "  label=<", TitleOf(graph, options.title), ">\n");
  }
  for (const Graph::Input& input : graph.inputs()) {
    AppendBox({.name = input.name,
               .look = {"input", "#414b5c"},
               .output = SizesOf(input.shape),
               .lines = {}},
              dot);
  }
  for (const Graph::Node& node : graph.nodes()) {
    AppendBox(BoxOf(graph, node), dot);
  }
  for (const Graph::Node& node : graph.nodes()) {
    for (int value : node.inputs) {
      absl::StrAppend(&dot, "  \"", NameOfValue(graph, value), "\" -> \"",
                      Escaped(node.name), "\"\n");
    }
  }
  absl::StrAppend(&dot, "}\n");
  return dot;
}

absl::StatusOr<std::string> GraphToSvg(const Graph& graph,
                                       const GraphDrawingOptions& options) {
  if (graph.nodes().size() > kMaxDrawnLayers) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the network has ", graph.nodes().size(),
                     " layers; at most ", kMaxDrawnLayers, " can be drawn"));
  }
  return Render(GraphToDot(graph, options));
}

}  // namespace lenslet
