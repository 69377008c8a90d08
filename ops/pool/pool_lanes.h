// Pooling with the images of a block in lanes: in one to three dimensions, all
// that the spec allows.

#ifndef LENSLET_OPS_POOL_POOL_LANES_H_
#define LENSLET_OPS_POOL_POOL_LANES_H_

#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// For blocks of any number of images. One input, no parameters.
std::unique_ptr<Kernel> MakePoolLanesKernel(const PoolGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_LANES_H_
