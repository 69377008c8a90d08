// Softmax with cross-entropy with the images of a block in lanes.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_LANES_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_LANES_H_

#include <cstdint>
#include <memory>

#include "ops/softmax_cross_entropy/softmax_cross_entropy_kernel.h"

namespace lenslet {

// For blocks of any number of images. Gradients of a last group's missing
// images are zero.
std::unique_ptr<SoftmaxCrossEntropy> MakeSoftmaxCrossEntropyLanes(
    int64_t classes);

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_LANES_H_
