// Draws a network: a box for each input and layer, and arrows along the flow of
// data. Graphviz (https://graphviz.org) does the layout.

#ifndef LENSLET_INSPECT_GRAPH_DRAWING_H_
#define LENSLET_INSPECT_GRAPH_DRAWING_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

// The direction of data flow in the drawing.
enum class DrawingDirection : uint8_t { kDown, kRight };

struct GraphDrawingOptions {
  // Valid UTF-8. Shown above the network, together with the numbers of
  // parameters and multiply-adds. "": shows none of these.
  std::string title = {};
  DrawingDirection direction = DrawingDirection::kDown;
};

// The largest network that is laid out. The layout may take seconds.
inline constexpr int kMaxDrawnLayers = 500;

// Returns the network in Graphviz's language, ending in '\n'. A box shows a
// layer's name, type, details, output sizes and parameters. Its class, for
// style sheets, is input, convolution, pooling, linear, activation,
// normalization, join, shape or other.
std::string GraphToDot(const Graph& graph,
                       const GraphDrawingOptions& options = {});

// Returns an <svg> element, for a separate file or for embedding in a page. It
// is self-contained, has no background, and is legible on white and on black.
// It has its natural width, but is never wider than its container. The same
// graph gives the same text. Errors: ResourceExhausted for more than
// kMaxDrawnLayers layers; Internal if Graphviz fails. Not thread-safe, because
// Graphviz has global variables.
absl::StatusOr<std::string> GraphToSvg(const Graph& graph,
                                       const GraphDrawingOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_GRAPH_DRAWING_H_
