// Activations of images one after the other, in vectors of the width that the
// CPU has: for inference.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_DIRECT_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_DIRECT_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// `elements` is the number of one image. One input, no parameters. Without
// Backward().
std::unique_ptr<Kernel> MakeActivationDirectKernel(const ActivationSpec& spec,
                                                   int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_DIRECT_H_
