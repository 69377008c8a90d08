// Squared error in plain loops: what the loss is.

#ifndef LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_REFERENCE_H_
#define LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_REFERENCE_H_

#include <memory>

#include "lenslet/ops/loss_kernel.h"
#include "lenslet/ops/squared_error/squared_error_spec.h"

namespace lenslet {

// Computed in double.
std::unique_ptr<LossKernel> MakeSquaredErrorReference(
    const SquaredErrorSpec& spec);

}  // namespace lenslet

#endif  // LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_REFERENCE_H_
