// The activations (activation_spec.h) as functions of arrays of floats, with
// vectors of the CPU's width. The error of a result y is at most 16 * 2^-24 *
// max(1, |y|). Arguments below -87 may be treated as -87. GELU's arguments
// below -13.19 may be treated as -infinity.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_FUNCTIONS_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_FUNCTIONS_H_

#include <cstdint>
#include <optional>

#include "lenslet/ops/activation/activation_spec.h"

namespace lenslet {

// Arrays have `size` elements and are aligned to 64 bytes. Inputs and outputs
// may be the same array.

// x must be followed by 64 readable bytes.
void Activate(const ActivationSpec& spec, int64_t size, const float* x,
              float* y);

// For kernels that compute a rectifier along with their sums: applies any other
// activation to y. y must be followed by 64 readable bytes.
inline void ActivateUnlessRelu(const std::optional<ActivationSpec>& activation,
                               int64_t size, float* y) {
  if (activation && !IsRelu(activation)) Activate(*activation, size, y, y);
}

// `size` is a multiple of 16. Writes dx from dy, the output's gradient, and
// from `kept`: the activation's output y if GradientFromOutput(spec.kind), else
// its input x.
void ActivationGradient(const ActivationSpec& spec, int64_t size,
                        const float* kept, const float* dy, float* dx);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_FUNCTIONS_H_
