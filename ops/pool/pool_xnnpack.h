// Pooling through XNNPACK's operators; the gradients are computed here. One or
// two spatial dimensions.

#ifndef LENSLET_OPS_POOL_POOL_XNNPACK_H_
#define LENSLET_OPS_POOL_POOL_XNNPACK_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "ops/kernel.h"
#include "ops/pool/pool_spec.h"

namespace lenslet {

// For blocks of up to `images` images. Errors: Unimplemented for what XNNPACK
// has not: three dimensions, a window of one tap, dilated averages, dilated
// maxima over padding, averages that count padding.
absl::StatusOr<std::unique_ptr<Kernel>> MakePoolXnnpackKernel(
    const PoolGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_XNNPACK_H_
