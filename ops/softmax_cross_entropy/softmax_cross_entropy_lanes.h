// Softmax with cross-entropy with the images of a block in lanes.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_LANES_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_LANES_H_

#include <memory>

#include "lenslet/ops/loss_kernel.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_spec.h"

namespace lenslet {

// For blocks of any number of images. Gradients of a last group's missing
// images are zero.
std::unique_ptr<LossKernel> MakeSoftmaxCrossEntropyLanes(
    const SoftmaxCrossEntropySpec& spec);

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_LANES_H_
