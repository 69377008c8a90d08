// Test cases for activations, for ops/testing/kernel_checks.h.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_CASE_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_CASE_H_

#include <cstdint>
#include <string>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// An activation of blocks of `images` images of shape `image`. alpha is at most
// 4.
KernelCase ActivationKernelCase(const std::string& name,
                                const ActivationSpec& spec, const Shape& image,
                                int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_CASE_H_
