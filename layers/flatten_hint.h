// Checks that a graph is a classifier, and notices that one lacks a layer that
// flattens.

#ifndef LENSLET_LAYERS_FLATTEN_HINT_H_
#define LENSLET_LAYERS_FLATTEN_HINT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

// Where to add a flatten layer to a graph whose output is no vector, as that of
// a classifier is:
//   linear layer "fc" transforms each position separately; add a flatten layer
//   before it
// Empty if the output is a vector, or if another layer than flatten may be
// missing.
std::string FlattenHint(const Graph& graph);

// Checks that the graph has one input, and outputs a vector of `classes`
// numbers. Errors: InvalidArgument, with FlattenHint().
absl::Status CheckOneScoreForEachClass(const Graph& graph, int64_t classes);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_FLATTEN_HINT_H_
