// Notices that a classifier lacks a layer that flattens.

#ifndef LENSLET_LAYERS_FLATTEN_HINT_H_
#define LENSLET_LAYERS_FLATTEN_HINT_H_

#include <string>

#include "lenslet/layers/graph.h"

namespace lenslet {

// Where to add a flatten layer to a graph whose output is no vector, as that of
// a classifier is:
//   linear layer "fc" transforms each position separately; add a flatten layer
//   before it
// Empty if the output is a vector, or if another layer than flatten may be
// missing.
std::string FlattenHint(const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_FLATTEN_HINT_H_
