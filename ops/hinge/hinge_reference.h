// Hinge loss in plain loops: what the loss is.

#ifndef LENSLET_OPS_HINGE_HINGE_REFERENCE_H_
#define LENSLET_OPS_HINGE_HINGE_REFERENCE_H_

#include <memory>

#include "lenslet/ops/hinge/hinge_spec.h"
#include "lenslet/ops/loss_kernel.h"

namespace lenslet {

// Computed in double.
std::unique_ptr<LossKernel> MakeHingeReference(const HingeSpec& spec);

}  // namespace lenslet

#endif  // LENSLET_OPS_HINGE_HINGE_REFERENCE_H_
