// The peers' common network and its initial parameters, from Lenslet's own
// graph and initializer.

#ifndef LENSLET_BENCHMARKS_PEERS_NETWORK_H_
#define LENSLET_BENCHMARKS_PEERS_NETWORK_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/benchmarks/peers/workload.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet::peers {

inline constexpr int64_t kClasses = 10;

// The workload's model of the zoo, which has kClasses scores, or else LeNet
// with the workload's activation, width and image size. LeNet's layers are
// conv1, activation1, pool1, conv2, activation2, pool2, flatten, linear1,
// activation3, linear2, activation4, linear3.
absl::StatusOr<Graph> BuildNetwork(const Workload& workload);

// What all peers start from: Xavier-uniform weights of the workload's seed and
// biases of zero; weight and bias of conv1, conv2, linear1, linear2, linear3.
// Filters are [outputs, height, width, inputs], weights of linear layers
// [outputs, inputs], of which linear1's inputs are ordered [height, width,
// channels].
absl::StatusOr<Parameters> InitialParameters(const Graph& graph, uint64_t seed);

// Floating-point operations of a training step for one example: two for each
// multiply-add of the forward pass, the weight gradients and the data
// gradients, of which the first layer's is not needed. 2,263,920 for LeNet.
int64_t TrainingFlops(const Graph& graph);

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_NETWORK_H_
