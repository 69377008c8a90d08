// Activations through XNNPACK's sigmoid, clamp, leaky ReLU and ELU operators;
// the gradients are computed here. XNNPACK of 2022 has no tanh: it is
// 2 * sigmoid(2 * x) - 1, whose error near 0 is some 1e-7 absolute, not
// relative. It has no SiLU either: that is a product with its sigmoid. Nothing
// of it helps with GELU and softplus.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_XNNPACK_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_XNNPACK_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// `elements` is the number of one image. One input, no parameters. Errors:
// Unimplemented for GELU, softplus, an alpha that is denormal, and a CPU that
// XNNPACK does not know.
absl::StatusOr<std::unique_ptr<Kernel>> MakeActivationXnnpackKernel(
    const ActivationSpec& spec, int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_XNNPACK_H_
