// Batch normalization with running averages, of images one after the other: for
// inference. Networks whose parameters stay as they are need none
// (layers/fold_batch_norm.h).

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_INFERENCE_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_INFERENCE_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/batch_norm/batch_norm_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// `positions` are those of one image. One input; parameters as in
// MakeBatchNormKernel(). Bind() returns Unimplemented in training.
std::unique_ptr<Kernel> MakeBatchNormInferenceKernel(const BatchNormSpec& spec,
                                                     int64_t positions);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_INFERENCE_H_
