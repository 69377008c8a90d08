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
// `elements` is the number of elements in one image. One input, no parameters.
// Computes in double.
std::unique_ptr<Kernel> MakeActivationReferenceKernel(
    const ActivationSpec& spec, int64_t elements);

// Activations with the images of a block in lanes.
//
// `elements` is the number of elements in one image. One input, no parameters.
std::unique_ptr<Kernel> MakeActivationLanesKernel(const ActivationSpec& spec,
                                                  int64_t elements);

// Activations of images one after the other, with vectors of the CPU's width:
// for inference.
//
// `elements` is the number of elements in one image. One input, no parameters.
// No Backward().
std::unique_ptr<Kernel> MakeActivationDirectKernel(const ActivationSpec& spec,
                                                   int64_t elements);

// Activations through XNNPACK's sigmoid, clamp, leaky ReLU, ELU and hard swish
// operators. The gradients are our own code. XNNPACK of 2022 has no tanh and no
// SiLU. Tanh is computed as 2 * sigmoid(2 * x) - 1; its error near 0 is about
// 1e-7 absolute, not relative. SiLU is computed as x times XNNPACK's sigmoid.
// No XNNPACK operator helps with GELU, softplus or hard sigmoid.
//
// `elements` is the number of elements in one image. One input, no parameters.
// Errors: Unimplemented for GELU, softplus, hard sigmoid, a denormal alpha, and
// a CPU that XNNPACK does not support.
absl::StatusOr<std::unique_ptr<Kernel>> MakeActivationXnnpackKernel(
    const ActivationSpec& spec, int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_KERNELS_H_
