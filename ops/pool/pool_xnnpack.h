// Pooling through XNNPACK's operators; the gradients are computed here. Maxima
// and averages in one or two spatial dimensions, global averages in three.

#ifndef LENSLET_OPS_POOL_POOL_XNNPACK_H_
#define LENSLET_OPS_POOL_POOL_XNNPACK_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// For blocks of up to `images` images. Errors: Unimplemented for what XNNPACK
// has not: minima, softmax pooling, windows of different sizes, dilated
// averages, dilated maxima over padding, averages that count padding or are of
// very many channels (ops/xnnpack_limits.h), and, but for averages of the whole
// input, three dimensions and windows of one tap.
absl::StatusOr<std::unique_ptr<Kernel>> MakePoolXnnpackKernel(
    const PoolGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_XNNPACK_H_
