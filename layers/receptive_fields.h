// How much of its input each part of a network sees.

#ifndef LENSLET_LAYERS_RECEPTIVE_FIELDS_H_
#define LENSLET_LAYERS_RECEPTIVE_FIELDS_H_

#include <optional>
#include <vector>

#include "lenslet/layers/graph.h"
#include "lenslet/ops/receptive_field.h"

namespace lenslet {

// Of each of the graph's values, the part of the graph's input that one
// position of it depends on. None where that is all of it, as after a linear
// layer over a flattened image, and where positions are different distances
// apart: in adaptive windows that are not alike, and where branches meet. None
// either for inputs without spatial dimensions that windows have, 1 to 3.
std::vector<std::optional<ReceptiveField>> ReceptiveFields(const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_RECEPTIVE_FIELDS_H_
