// The gradients of maximum and average pooling, for backends that keep images
// one after the other.

#ifndef LENSLET_OPS_POOL_POOL_GRADIENT_H_
#define LENSLET_OPS_POOL_POOL_GRADIENT_H_

#include <cstdint>

#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// Writes dx [images, D, H, W, C] from dy [images, D', H', W', C]. Maximum
// pooling also reads x and y.
void WritePoolGradient(const PoolGeometry& geometry, int64_t images,
                       const float* x, const float* y, const float* dy,
                       float* dx);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_GRADIENT_H_
