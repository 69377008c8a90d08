#include "lenslet/inspect/graph_drawing.h"

#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>
#include <graphviz/gvplugin.h>

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/overloaded.h"
#include "lenslet/base/text_format.h"
#include "lenslet/inspect/sizes_text.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/tensor/shape.h"

extern "C" gvplugin_library_t gvplugin_core_LTX_library;
extern "C" gvplugin_library_t gvplugin_dot_layout_LTX_library;

namespace lenslet {
namespace {

constexpr absl::string_view kTimes = " \u00d7 ";

// What a box looks like: dark enough for white text, and light enough to be
// seen on black.
struct Look {
  absl::string_view name;
  absl::string_view color;
};

Look LookOf(const Layer& layer) {
  constexpr Look kConvolution = {"convolution", "#2b6cb0"};
  constexpr Look kPooling = {"pooling", "#2f7d4f"};
  constexpr Look kLinear = {"linear", "#6b46c1"};
  constexpr Look kNormalization = {"normalization", "#0f6f78"};
  constexpr Look kJoin = {"join", "#b83260"};
  constexpr Look kShape = {"shape", "#5a6577"};
  constexpr Look kActivation = {"activation", "#9c5713"};
  constexpr Look kCustom = {"custom", "#757118"};
  return std::visit(
      Overloaded{[&](const ConvLayer&) { return kConvolution; },
                 [&](const ConvTransposeLayer&) { return kConvolution; },
                 [&](const PoolLayer&) { return kPooling; },
                 [&](const AdaptivePoolLayer&) { return kPooling; },
                 [&](const GlobalPoolLayer&) { return kPooling; },
                 [&](const LinearLayer&) { return kLinear; },
                 [&](const BatchNormSpec&) { return kNormalization; },
                 [&](const LrnSpec&) { return kNormalization; },
                 [&](const LayerNormSpec&) { return kNormalization; },
                 [&](const DropoutSpec&) { return kNormalization; },
                 [&](const AddLayer&) { return kJoin; },
                 [&](const MulLayer&) { return kJoin; },
                 [&](const ConcatSpec&) { return kJoin; },
                 [&](const FlattenLayer&) { return kShape; },
                 [&](const ReshapeLayer&) { return kShape; },
                 [&](const PadSpec&) { return kShape; },
                 [&](const ResizeSpec&) { return kShape; },
                 [&](const ActivationSpec&) { return kActivation; },
                 [&](const CustomLayer&) { return kCustom; }},
      layer.spec());
}

// Graphviz measures text as if it were in Arial. Where there is no Arial, what
// takes its place is up to a fifth wider, so that lines are measured larger
// than they are in the end.
constexpr int kMeasuredSize = 12;
constexpr int kFinalSize = 10;
// Of the first line, the name. It is bold too, which nothing measures.
constexpr int kNameSize = 12;
constexpr double kSpacesForBold = 0.6;  // For each character.

// For labels in quotation marks.
std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"},
                                    {"<", "&lt;"},
                                    {">", "&gt;"},
                                    {"\"", "&quot;"},
                                    {"\\", "\\\\"}});
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
             .look = LookOf(node.layer),
             .lines = {node.layer.type()}};
  if (const std::string details = node.layer.Details(); !details.empty()) {
    absl::StrAppend(&box.lines[0], " ",
                    absl::StrReplaceAll(details, {{" x ", kTimes}}));
  }
  box.lines.push_back(SizesText(node.output, kTimes));
  if (std::string parameters = ParametersOf(graph, node); !parameters.empty()) {
    box.lines.push_back(std::move(parameters));
  }
  return box;
}

// "\\l" ends a line that starts at the left.
void AppendBox(const Box& box, std::string& dot) {
  const std::string name = Escaped(box.name);
  const int spaces = static_cast<int>(kSpacesForBold * box.name.size());
  absl::StrAppend(&dot, "  \"", name, "\" [class=\"", box.look.name,
                  "\" fillcolor=\"", box.look.color, "\" label=\"", name,
                  std::string(spaces, ' '), "\\l");
  for (const std::string& line : box.lines) {
    absl::StrAppend(&dot, Escaped(line), "\\l");
  }
  absl::StrAppend(&dot, "\"]\n");
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
  return absl::StrCat(
      Escaped(title), "\\n", WithCommas(graph.trainable_parameter_count()),
      " parameters, ", WithCommas(multiply_adds), " multiply-adds");
}

struct FreeContext {
  void operator()(GVC_t* context) const { gvFreeContext(context); }
};

struct CloseGraph {
  void operator()(Agraph_t* graph) const { agclose(graph); }
};

std::string FontSize(int size) {
  return absl::StrCat(" font-size=\"", size, ".00\"");
}

// Takes out what Graphviz writes before <svg>, with its version, and gives text
// its final size.
absl::StatusOr<std::string> Bare(absl::string_view svg) {
  constexpr absl::string_view kStart = "<svg ";
  const size_t start = svg.find(kStart);
  if (start == svg.npos) {
    return absl::InternalError("Graphviz has not written what was expected");
  }
  const std::string measured = FontSize(kMeasuredSize);
  const std::vector<std::string> groups =
      absl::StrSplit(svg.substr(start + kStart.size()), " class=\"node ");
  std::string bare = absl::StrCat(
      kStart, "class=\"network\" style=\"max-width: 100%; height: auto\" ",
      absl::StrReplaceAll(groups[0], {{measured, FontSize(kNameSize)}}));
  for (size_t i = 1; i < groups.size(); ++i) {
    // The first text of a box is its name; behind the last box are arrows.
    const size_t name = groups[i].find(measured);
    if (name == std::string::npos) {
      return absl::InternalError("Graphviz has drawn a box without a name");
    }
    absl::StrAppend(
        &bare, " class=\"node ", groups[i].substr(0, name),
        " font-weight=\"bold\"", FontSize(kNameSize),
        absl::StrReplaceAll(groups[i].substr(name + measured.size()),
                            {{measured, FontSize(kFinalSize)}}));
  }
  return bare;
}

// The type of gvRenderData()'s length: unsigned int or, in newer Graphviz,
// size_t.
template <typename Length>
Length LengthOf(int (*)(GVC_t*, graph_t*, const char*, char**, Length*));

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
  decltype(LengthOf(&gvRenderData)) size = 0;
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
      "fontname=\"Helvetica,Arial,sans-serif\" fontsize=\"",
      kMeasuredSize,
      "\" "
      "fontcolor=\"#808080\"]\n",
      "  node [shape=\"box\" style=\"rounded,filled\" penwidth=\"0\" "
      "margin=\"0.12,0.08\" width=\"1.6\" "
      "fontname=\"Helvetica,Arial,sans-serif\" fontsize=\"",
      kMeasuredSize,
      "\" "
      "fontcolor=\"#ffffff\"]\n",
      "  edge [color=\"#808080\" arrowsize=\"0.7\"]\n");
  if (!options.title.empty()) {
    absl::StrAppend(&dot, "  label=\"", TitleOf(graph, options.title), "\"\n");
  }
  for (const Graph::Input& input : graph.inputs()) {
    AppendBox({.name = input.name,
               .look = {"input", "#414b5c"},
               .lines = {SizesText(input.shape, kTimes)}},
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
