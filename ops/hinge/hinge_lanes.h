// Hinge loss with the images of a block in lanes.

#ifndef LENSLET_OPS_HINGE_HINGE_LANES_H_
#define LENSLET_OPS_HINGE_HINGE_LANES_H_

#include <memory>

#include "lenslet/ops/hinge/hinge_spec.h"
#include "lenslet/ops/loss_kernel.h"

namespace lenslet {

// For blocks of any number of images. Gradients of a last group's missing
// images are zero.
std::unique_ptr<LossKernel> MakeHingeLanes(const HingeSpec& spec);

}  // namespace lenslet

#endif  // LENSLET_OPS_HINGE_HINGE_LANES_H_
