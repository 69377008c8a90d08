// Batch normalization with the images of a block in lanes.
//
// Sums over a block go through 16 additions of floats, and from there on
// through additions of doubles, in an order that depends on the block alone.
// They are sums of differences from a channel's first number, and then from its
// mean, so that their error is some 16 * 2^-24 of a channel's deviation,
// however large the map is and however far from zero its mean.

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/batch_norm/batch_norm_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// `positions` are those of one image. One input; parameters as in
// MakeBatchNormKernel().
std::unique_ptr<Kernel> MakeBatchNormLanesKernel(const BatchNormSpec& spec,
                                                 int64_t positions);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_LANES_H_
