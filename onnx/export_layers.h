// Writes each kind of layer as ONNX nodes.
//
// ONNX has channels first: an image [H, W, C] is [batch, C, H, W] there, and
// likewise with other numbers of spatial dimensions. A vector is [batch,
// features] in both. Layers that ONNX has no operator for are composed of
// several; what cannot be composed is an error.

#ifndef LENSLET_ONNX_EXPORT_LAYERS_H_
#define LENSLET_ONNX_EXPORT_LAYERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/onnx/graph_writer.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// A value of Lenslet's graph in an ONNX graph.
struct OnnxValue {
  std::string name;
  Shape shape;  // Lenslet's, of one image.
  // If it is a vector of the numbers of an image [..., C] in the order that
  // they have in ONNX, channels first (onnx/export_order.h): that image's
  // shape. A scalar's shape if the order is Lenslet's.
  Shape unordered = {};
};

// Writes the nodes of a layer, with its parameters as constants. `inputs` are
// the values that the node reads; `in_order` is whether its output must have
// Lenslet's order (onnx/export_order.h). Returns its output, which may be one
// of the inputs. Errors, all starting with the layer: Unimplemented for a
// custom layer, and for a layer that needs a later operator set.
absl::StatusOr<OnnxValue> WriteLayer(const Graph::Node& node,
                                     const Parameters& parameters,
                                     std::vector<OnnxValue> inputs,
                                     bool in_order, GraphWriter& writer);

}  // namespace lenslet

#endif  // LENSLET_ONNX_EXPORT_LAYERS_H_
