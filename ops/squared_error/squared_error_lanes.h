// Squared error with the images of a block in lanes.

#ifndef LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_LANES_H_
#define LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_LANES_H_

#include <memory>

#include "lenslet/ops/loss_kernel.h"
#include "lenslet/ops/squared_error/squared_error_spec.h"

namespace lenslet {

// For blocks of any number of images. Gradients of a last group's missing
// images are zero.
std::unique_ptr<LossKernel> MakeSquaredErrorLanes(const SquaredErrorSpec& spec);

}  // namespace lenslet

#endif  // LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_LANES_H_
