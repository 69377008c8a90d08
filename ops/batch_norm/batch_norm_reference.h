// The definition of batch normalization, forward and backward.

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_REFERENCE_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_REFERENCE_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/batch_norm/batch_norm_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// `positions` are those of one image. One input; parameters as in
// MakeBatchNormKernel(). Computed in double.
std::unique_ptr<Kernel> MakeBatchNormReferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_REFERENCE_H_
