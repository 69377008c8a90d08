// Describes a graph as a model: the inverse of BuildGraph(). This lets a
// network that was defined in code be saved, printed and drawn like any other.

#ifndef LENSLET_MODELS_GRAPH_MODEL_H_
#define LENSLET_MODELS_GRAPH_MODEL_H_

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/model.pb.h"

namespace lenslet {

// Returns a model without a name, from which BuildGraph() rebuilds the graph:
// the same inputs, layers, options and order. Fields are absent if they have
// their default. So are the inputs of layers that read the layer before them.
// Errors: Unimplemented, naming the first custom layer (layers/custom_layer.h),
// which a model cannot describe.
absl::StatusOr<ModelProto> ModelOf(const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_MODELS_GRAPH_MODEL_H_
