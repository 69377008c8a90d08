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
  // Empty unless some layers run on `lanes` and some on `direct`.
  std::vector<Backend> layer_backends = {};
  // For layers that these do not support; the fastest first.
  std::vector<Backend> substitutes = {};
};

// Returns the backends that take the least time for blocks of `images` images,
// at least 1: `lanes` for some layers, and for the others the first of
// `direct`, `xnnpack` and `lanes` that supports it. Counts the time of the
// layers and of converting the values between layers of different layout, and
// chooses the least sum.
InferenceBackends FastestForInference(const Graph& graph, int64_t images);

// Returns only `backend` if it has a value; else FastestForInference().
InferenceBackends BackendsForInference(std::optional<Backend> backend,
                                       const Graph& graph, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_FASTEST_BACKEND_H_
