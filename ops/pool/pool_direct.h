// Pooling of images one after the other, with channels in the lanes of vectors:
// for inference with one or few images. One to three dimensions, all that the
// spec allows.

#ifndef LENSLET_OPS_POOL_POOL_DIRECT_H_
#define LENSLET_OPS_POOL_POOL_DIRECT_H_

#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// For blocks of any number of images. One input, no parameters. Without
// Backward().
std::unique_ptr<Kernel> MakePoolDirectKernel(const PoolGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_DIRECT_H_
