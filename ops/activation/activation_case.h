// Activations for the checks of ops/testing/kernel_checks.h.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_CASE_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_CASE_H_

#include <cstdint>
#include <string>

#include "ops/activation/activation_spec.h"
#include "ops/testing/kernel_checks.h"
#include "tensor/shape.h"

namespace lenslet {

// One of blocks of `images` images; an alpha is at most 4.
KernelCase ActivationKernelCase(const std::string& name,
                                const ActivationSpec& spec, const Shape& image,
                                int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_CASE_H_
