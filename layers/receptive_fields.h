// The receptive fields of a network's layers: how much of the input they see.

#ifndef LENSLET_LAYERS_RECEPTIVE_FIELDS_H_
#define LENSLET_LAYERS_RECEPTIVE_FIELDS_H_

#include <optional>
#include <vector>

#include "lenslet/layers/graph.h"
#include "lenslet/ops/receptive_field.h"

namespace lenslet {

// Returns, for each value of the graph, the part of the graph's input that one
// position of the value depends on. nullopt where
// * this is the whole input, as after a linear layer over a flattened image;
// * the distance between positions varies: after adaptive windows that are not
//   alike, and where branches with different distances join;
// * the input has more than 3 spatial dimensions or is a scalar.
std::vector<std::optional<ReceptiveField>> ReceptiveFields(const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_RECEPTIVE_FIELDS_H_
