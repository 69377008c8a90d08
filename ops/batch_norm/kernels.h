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

// `positions` is the number of positions in one image. One input; parameters as
// in MakeBatchNormKernel(). Computes in double.
std::unique_ptr<Kernel> MakeBatchNormReferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions);

// Batch normalization with the images of a block in lanes.
//
// Sums over a block first add runs of 16 numbers in float, then add these
// partial sums in double. The order depends only on the block. The terms are
// differences from a channel's first value, then from its mean. So the error is
// about 16 * 2^-24 of a channel's standard deviation, regardless of the size of
// the map and of the channel's mean.

// `positions` is the number of positions in one image. One input; parameters as
// in MakeBatchNormKernel(). With `add`, adds a second input; such a kernel only
// trains. With `relu`, the output is then rectified.
std::unique_ptr<Kernel> MakeBatchNormLanesKernel(const BatchNormSpec& spec,
                                                 int64_t positions, bool add,
                                                 bool relu);

// Batch normalization by running statistics, of images one after the other: for
// inference. Networks with constant parameters do not need it: they can fold
// batch normalization into other layers (layers/fold_batch_norm.h).

// `positions` is the number of positions in one image. One input; parameters as
// in MakeBatchNormKernel(). With `relu`, the output is rectified. Bind()
// returns Unimplemented in training.
std::unique_ptr<Kernel> MakeBatchNormInferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions,
                                                     bool relu);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_KERNELS_H_
