// Chooses the fastest backends for inference with a network.
//
// The choice depends only on the network's shapes and the number of images. It
// is based on the measurements in docs/performance.md; nothing is measured at
// run time.

#ifndef LENSLET_LAYERS_FASTEST_BACKEND_H_
#define LENSLET_LAYERS_FASTEST_BACKEND_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "lenslet/layers/graph.h"
#include "lenslet/ops/backend.h"

namespace lenslet {

// The fields of ExecutorOptions (layers/executor.h) with the same names.
struct InferenceBackends {
  Backend backend = Backend::kDirect;
  // For layers that `backend` does not support; the fastest first.
  std::vector<Backend> substitutes = {};
};

// Returns the backends that take the least time for blocks of `images` images,
// at least 1. These are either `lanes` for all layers or, for each layer, the
// first of `direct`, `xnnpack` and `lanes` that supports it. Does not run
// single layers on `lanes` only because their kernels are faster there:
// converting their inputs and outputs usually takes longer than that saves.
InferenceBackends FastestForInference(const Graph& graph, int64_t images);

// Returns only `backend` if it has a value; else FastestForInference().
InferenceBackends BackendsForInference(std::optional<Backend> backend,
                                       const Graph& graph, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_FASTEST_BACKEND_H_
