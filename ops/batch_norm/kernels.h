// The kernels of batch normalization. MakeBatchNormKernel() (batch_norm.h)
// chooses among them.

#ifndef LENSLET_OPS_BATCH_NORM_KERNELS_H_
#define LENSLET_OPS_BATCH_NORM_KERNELS_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/batch_norm/batch_norm.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// The definition of batch normalization, forward and backward.

// `positions` are those of one image. One input; parameters as in
// MakeBatchNormKernel(). Computed in double.
std::unique_ptr<Kernel> MakeBatchNormReferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions);

// Batch normalization with the images of a block in lanes.
//
// Sums over a block go through 16 additions of floats, and from there on
// through additions of doubles, in an order that depends on the block alone.
// They are sums of differences from a channel's first number, and then from its
// mean, so that their error is some 16 * 2^-24 of a channel's deviation,
// however large the map is and however far from zero its mean.

// `positions` are those of one image. One input; parameters as in
// MakeBatchNormKernel().
std::unique_ptr<Kernel> MakeBatchNormLanesKernel(const BatchNormSpec& spec,
                                                 int64_t positions);

// Batch normalization with running averages, of images one after the other: for
// inference. Networks whose parameters stay as they are need none
// (layers/fold_batch_norm.h).

// `positions` are those of one image. One input; parameters as in
// MakeBatchNormKernel(). Bind() returns Unimplemented in training.
std::unique_ptr<Kernel> MakeBatchNormInferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_KERNELS_H_
