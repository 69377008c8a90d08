// Which backend to run a network with when only speed matters.

#ifndef LENSLET_LAYERS_FASTEST_BACKEND_H_
#define LENSLET_LAYERS_FASTEST_BACKEND_H_

#include <cstdint>

#include "ops/backend.h"

namespace lenslet {

// The backend that takes the least time for blocks of `images` images, at least
// 1, forward only. By measurement of LeNet, which stands in
// docs/performance.md.
Backend FastestForInference(int64_t images);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_FASTEST_BACKEND_H_
