// The definition of the activations and their gradients.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_REFERENCE_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_REFERENCE_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// `elements` is the number of one image. One input, no parameters. Computed in
// double.
std::unique_ptr<Kernel> MakeActivationReferenceKernel(
    const ActivationSpec& spec, int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_REFERENCE_H_
