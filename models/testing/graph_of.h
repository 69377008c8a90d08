// Models written in a test.

#ifndef LENSLET_MODELS_TESTING_GRAPH_OF_H_
#define LENSLET_MODELS_TESTING_GRAPH_OF_H_

#include "absl/strings/string_view.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

// The graph of a ModelProto's text (models/model.proto). Prints the error and
// aborts if that is no model.
Graph GraphOf(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_MODELS_TESTING_GRAPH_OF_H_
