// Which backends to run a network on when only speed matters, forward only.
//
// The choice is a function of shapes, by measurements that stand in
// docs/performance.md; nothing is measured when it is made.

#ifndef LENSLET_LAYERS_FASTEST_BACKEND_H_
#define LENSLET_LAYERS_FASTEST_BACKEND_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "lenslet/layers/graph.h"
#include "lenslet/ops/backend.h"

namespace lenslet {

// As ExecutorOptions has them.
struct InferenceBackends {
  Backend backend = Backend::kDirect;
  // For layers that `backend` lacks, the fastest first.
  std::vector<Backend> substitutes = {};
};

// Those that take the least time for blocks of `images` images, at least 1:
// `lanes` for all layers, or for each of them the first that has it of
// `direct`, `xnnpack` and `lanes`. Lanes are chosen for a whole network: to
// copy a layer's input and output from one layout to the other mostly takes
// longer than the faster kernel saves.
InferenceBackends FastestForInference(const Graph& graph, int64_t images);

// `backend` alone if there is one, else the fastest.
InferenceBackends BackendsForInference(std::optional<Backend> backend,
                                       const Graph& graph, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_FASTEST_BACKEND_H_
