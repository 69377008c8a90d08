// Checks all gradients of a network: those by its parameters and by its inputs.

#ifndef LENSLET_LAYERS_TESTING_NETWORK_CHECK_H_
#define LENSLET_LAYERS_TESTING_NETWORK_CHECK_H_

#include "lenslet/layers/graph.h"
#include "lenslet/ops/backend.h"

namespace lenslet {

// Fails the test if a gradient is not what difference quotients of the
// network's own forward say. All layers must be smooth, or sums, averages or
// copies, and those with parameters have a weight and a bias.
void CheckNetworkGradients(const Graph& graph, Backend backend);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_TESTING_NETWORK_CHECK_H_
