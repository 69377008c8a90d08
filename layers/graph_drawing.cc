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

struct FontSizes {
  int large;
  int small;
};

constexpr FontSizes kFontSizes = {.large = 12, .small = 10};

// Graphviz measures text as if it were in Arial. Where there is no Arial, what
// takes its place may be as much wider as these sizes are larger.
constexpr FontSizes kMeasuredFontSizes = {.large = 15, .small = 12};

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
  std::vector<std::string> lines;
};

Box BoxOf(const Graph& graph, const Graph::Node& node) {
  Box box = {.name = node.name,
             .look = LookOf(*node.layer),
             .lines = {std::string(node.layer->type())}};
  if (const std::string details = node.layer->Details(); !details.empty()) {
    absl::StrAppend(&box.lines[0], " ",
                    absl::StrReplaceAll(
                        details, {{" x ", absl::StrCat(" ", kTimes, " ")}}));
  }
  box.lines.push_back(SizesOf(node.output));
  if (std::string parameters = ParametersOf(graph, node); !parameters.empty()) {
    box.lines.push_back(std::move(parameters));
  }
  return box;
}

void AppendBox(const Box& box, const FontSizes& sizes, std::string& dot) {
  const std::string name = Escaped(box.name);
  absl::StrAppend(&dot, "  \"", name, "\" [class=\"", box.look.name,
                  "\" fillcolor=\"", box.look.color,
                  "\" label=<<table border=\"0\" cellborder=\"0\" "
                  "cellspacing=\"0\" cellpadding=\"1\"><tr><td "
                  "width=\"110\" align=\"left\"><b>",
                  name, "</b></td></tr>");
  for (const std::string& line : box.lines) {
    absl::StrAppend(&dot, "<tr><td align=\"left\"><font point-size=\"",
                    sizes.small, "\">", Escaped(line), "</font></td></tr>");
  }
  absl::StrAppend(&dot, "</table>>]\n");
}

std::string NameOfValue(const Graph& graph, int value) {
  const int node = graph.NodeOfValue(value);
  return Escaped(node < 0 ? graph.inputs()[value].name
                          : graph.nodes()[node].name);
}

// A label of two lines.
std::string TitleOf(const Graph& graph, absl::string_view title) {
  int64_t multiply_adds = 0;
  for (const Graph::Node& node : graph.nodes()) {
    multiply_adds += node.cost.multiply_adds;
  }
  return absl::StrCat(absl::StrReplaceAll(title, {{"&", "&amp;"},
                                                  {"<", "&lt;"},
                                                  {">", "&gt;"},
                                                  {"\"", "&quot;"},
                                                  {"\\", "\\\\"}}),
                      "\\n", WithCommas(graph.trainable_parameter_count()),
                      " parameters, ", WithCommas(multiply_adds),
                      " multiply-adds");
}

std::string ToDot(const Graph& graph, const GraphDrawingOptions& options,
                  const FontSizes& sizes) {
  std::string dot = "digraph network {\n";
  absl::StrAppend(
      &dot, "  graph [bgcolor=\"transparent\" rankdir=\"",
      options.direction == DrawingDirection::kDown ? "TB" : "LR",
      "\" nodesep=\"0.3\" ranksep=\"0.3\" labelloc=\"t\" "
      "fontname=\"Helvetica,Arial,sans-serif\" fontsize=\"",
      sizes.large,
      "\" "
      "fontcolor=\"#808080\"]\n",
      "  node [shape=\"box\" style=\"rounded,filled\" penwidth=\"0\" "
      "margin=\"0.08,0.04\" "
      "fontname=\"Helvetica,Arial,sans-serif\" fontsize=\"",
      sizes.large,
      "\" "
      "fontcolor=\"#ffffff\"]\n",
      "  edge [color=\"#808080\" arrowsize=\"0.7\"]\n");
  if (!options.title.empty()) {
    absl::StrAppend(&dot, "  label=\"", TitleOf(graph, options.title), "\"\n");
  }
  for (const Graph::Input& input : graph.inputs()) {
    AppendBox({.name = input.name,
               .look = {"input", "#414b5c"},
               .lines = {SizesOf(input.shape)}},
              sizes, dot);
  }
  for (const Graph::Node& node : graph.nodes()) {
    AppendBox(BoxOf(graph, node), sizes, dot);
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

struct FreeContext {
  void operator()(GVC_t* context) const { gvFreeContext(context); }
};

struct CloseGraph {
  void operator()(Agraph_t* graph) const { agclose(graph); }
};

// Takes out what Graphviz writes before <svg>, with its version, and turns
// measured font sizes into the final ones.
absl::StatusOr<std::string> Bare(absl::string_view svg) {
  constexpr absl::string_view kStart = "<svg ";
  const size_t start = svg.find(kStart);
  if (start == svg.npos) {
    return absl::InternalError("Graphviz has not written what was expected");
  }
  const auto attribute = [](int size) {
    return absl::StrCat(" font-size=\"", size, ".00\"");
  };
  return absl::StrCat(
      kStart, "class=\"network\" style=\"max-width: 100%; height: auto\" ",
      absl::StrReplaceAll(
          svg.substr(start + kStart.size()),
          {{attribute(kMeasuredFontSizes.large), attribute(kFontSizes.large)},
           {attribute(kMeasuredFontSizes.small),
            attribute(kFontSizes.small)}}));
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
  return ToDot(graph, options, kFontSizes);
}

absl::StatusOr<std::string> GraphToSvg(const Graph& graph,
                                       const GraphDrawingOptions& options) {
  if (graph.nodes().size() > kMaxDrawnLayers) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the network has ", graph.nodes().size(),
                     " layers; at most ", kMaxDrawnLayers, " can be drawn"));
  }
  return Render(ToDot(graph, options, kMeasuredFontSizes));
}

}  // namespace lenslet
