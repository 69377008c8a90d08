// The definition of softmax with cross-entropy, as loops.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_REFERENCE_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_REFERENCE_H_

#include <memory>

#include "lenslet/ops/loss_kernel.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_spec.h"

namespace lenslet {

// Computed in double.
std::unique_ptr<LossKernel> MakeSoftmaxCrossEntropyReference(
    const SoftmaxCrossEntropySpec& spec);

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_REFERENCE_H_
