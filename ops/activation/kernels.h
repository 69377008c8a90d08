// The kernels of activations. MakeActivationKernel() (activation.h) chooses
// among them.

#ifndef LENSLET_OPS_ACTIVATION_KERNELS_H_
#define LENSLET_OPS_ACTIVATION_KERNELS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// The definition of the activations and their gradients.
//
// `elements` is the number of one image. One input, no parameters. Computed in
// double.
std::unique_ptr<Kernel> MakeActivationReferenceKernel(
    const ActivationSpec& spec, int64_t elements);

// Activations with the images of a block in lanes.
//
// `elements` is the number of one image. One input, no parameters.
std::unique_ptr<Kernel> MakeActivationLanesKernel(const ActivationSpec& spec,
                                                  int64_t elements);

// Activations of images one after the other, in vectors of the width that the
// CPU has: for inference.
//
// `elements` is the number of one image. One input, no parameters. Without
// Backward().
std::unique_ptr<Kernel> MakeActivationDirectKernel(const ActivationSpec& spec,
                                                   int64_t elements);

// Activations through XNNPACK's sigmoid, clamp, leaky ReLU and ELU operators;
// the gradients are computed here. XNNPACK of 2022 has no tanh: it is
// 2 * sigmoid(2 * x) - 1, whose error near 0 is some 1e-7 absolute, not
// relative. It has no SiLU either: that is a product with its sigmoid. Nothing
// of it helps with GELU and softplus.
//
// `elements` is the number of one image. One input, no parameters. Errors:
// Unimplemented for GELU, softplus, an alpha that is denormal, and a CPU that
// XNNPACK does not know.
absl::StatusOr<std::unique_ptr<Kernel>> MakeActivationXnnpackKernel(
    const ActivationSpec& spec, int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_KERNELS_H_
