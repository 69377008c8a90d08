// A network as a picture: a box for each input and layer, arrows along the flow
// of data, laid out by Graphviz (https://graphviz.org).

#ifndef LENSLET_INSPECT_GRAPH_DRAWING_H_
#define LENSLET_INSPECT_GRAPH_DRAWING_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

// Where the data flows to.
enum class DrawingDirection : uint8_t { kDown, kRight };

struct GraphDrawingOptions {
  // Valid UTF-8, to stand above the network, with its parameters and
  // multiply-adds. "": neither.
  std::string title = {};
  DrawingDirection direction = DrawingDirection::kDown;
};

// The longest network that is laid out, which may take seconds.
inline constexpr int kMaxDrawnLayers = 500;

// Returns the network in Graphviz's language, ending in '\n'. A box has a
// layer's name, type and details, its output's sizes and its parameters, and a
// class for style sheets: input, convolution, pooling, linear, activation,
// normalization, join, shape or other.
std::string GraphToDot(const Graph& graph,
                       const GraphDrawingOptions& options = {});

// Returns an element <svg>, a file of its own or a part of a page, which needs
// nothing from elsewhere, has no background, and is legible on white and on
// black. It is as large as it wants to be, but at most as wide as what it is
// in. The same graph gives the same text. Errors: ResourceExhausted for more
// than kMaxDrawnLayers layers; Internal, should Graphviz fail. Not for several
// threads at once: Graphviz has variables that they would share.
absl::StatusOr<std::string> GraphToSvg(const Graph& graph,
                                       const GraphDrawingOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_GRAPH_DRAWING_H_
