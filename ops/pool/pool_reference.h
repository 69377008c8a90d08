// The definition of pooling and its gradients, as loops.

#ifndef LENSLET_OPS_POOL_POOL_REFERENCE_H_
#define LENSLET_OPS_POOL_POOL_REFERENCE_H_

#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// One input, no parameters. Sums are in double.
std::unique_ptr<Kernel> MakePoolReferenceKernel(const PoolGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_REFERENCE_H_
