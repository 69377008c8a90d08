// The definition of softmax with cross-entropy, as loops.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_REFERENCE_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_REFERENCE_H_

#include <cstdint>
#include <memory>

#include "ops/softmax_cross_entropy/softmax_cross_entropy_kernel.h"

namespace lenslet {

// Computed in double.
std::unique_ptr<SoftmaxCrossEntropy> MakeSoftmaxCrossEntropyReference(
    int64_t classes);

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_REFERENCE_H_
