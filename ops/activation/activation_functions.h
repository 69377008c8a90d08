// The activations as functions of arrays of floats, in vectors of the width
// that the CPU has. What they are stands in activation_spec.h. Results are
// within 16 * 2^-24 of 1, or of themselves if they are larger. Arguments below
// -87 may be taken for -87, GELU's below -13.19 for -infinity.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_FUNCTIONS_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_FUNCTIONS_H_

#include <cstdint>

#include "lenslet/ops/activation/activation_spec.h"

namespace lenslet {

// Arrays have `size` elements, are aligned to 64 bytes, and may be the same.

// x is followed by 64 bytes that may be read.
void Activate(const ActivationSpec& spec, int64_t size, const float* x,
              float* y);

// `size` is a multiple of 16. Writes dx from the output's gradient and from
// `kept`: the activation's output y if GradientFromOutput(spec.kind), else its
// input x.
void ActivationGradient(const ActivationSpec& spec, int64_t size,
                        const float* kept, const float* dy, float* dx);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_FUNCTIONS_H_
