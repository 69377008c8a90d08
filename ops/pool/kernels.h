// The kernels of pooling. MakePoolKernel() (pool.h) chooses among them.

#ifndef LENSLET_OPS_POOL_KERNELS_H_
#define LENSLET_OPS_POOL_KERNELS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// The definition of pooling and its gradients, as loops.
//
// One input, no parameters. Sums are in double.
std::unique_ptr<Kernel> MakePoolReferenceKernel(const PoolGeometry& geometry);

// Pooling with the images of a block in lanes. Supports every spec, in one to
// three dimensions.
//
// For blocks of any number of images. One input, no parameters.
std::unique_ptr<Kernel> MakePoolLanesKernel(const PoolGeometry& geometry);

// Pooling of images one after the other, with channels in the lanes of vectors:
// for inference with one or few images. Supports every spec, in one to three
// dimensions.
//
// For blocks of any number of images. One input, no parameters. No Backward().
std::unique_ptr<Kernel> MakePoolDirectKernel(const PoolGeometry& geometry);

// Pooling through XNNPACK's operators. The gradients are our own code. Supports
// maxima and averages in one or two spatial dimensions, and global averages
// also in three.
//
// For blocks of up to `images` images. Errors: Unimplemented for cases that
// XNNPACK lacks: minima, softmax pooling, windows of different sizes, dilated
// averages, dilated maxima over padding, averages that count padding, and
// averages of very many channels (ops/xnnpack_limits.h). Except for averages of
// the whole input, also Unimplemented for three dimensions and for windows of
// one tap.
absl::StatusOr<std::unique_ptr<Kernel>> MakePoolXnnpackKernel(
    const PoolGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_KERNELS_H_
