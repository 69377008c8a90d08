// Networks that a fuzz target may run.

#ifndef LENSLET_FUZZ_SMALL_GRAPH_H_
#define LENSLET_FUZZ_SMALL_GRAPH_H_

#include "lenslet/layers/graph.h"

namespace lenslet {

// Whether an image's way through the network takes some milliseconds, even with
// sanitizers, and some megabytes: models may be larger than the machine.
bool IsSmall(const Graph& graph);

}  // namespace lenslet

#endif  // LENSLET_FUZZ_SMALL_GRAPH_H_
