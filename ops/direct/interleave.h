// Interleaves planes, one for each channel, into pixels with contiguous
// channels.

#ifndef LENSLET_OPS_DIRECT_INTERLEAVE_H_
#define LENSLET_OPS_DIRECT_INTERLEAVE_H_

#include <cstdint>
#include <optional>

#include "lenslet/ops/activation/activation_spec.h"

namespace lenslet {

// Planes of rows of pixels. Strides are in floats.
struct Planes {
  const float* data = nullptr;
  int64_t plane_stride = 0;
  int64_t row_stride = 0;
};

// The maximum number of channels for Interleave().
inline constexpr int64_t kMaxInterleavedChannels = 8;

// Writes to[row][pixel][channel] = activation(planes[channel][row][pixel]),
// with contiguous rows. The activation must have GradientFromOutput(). Computes
// it as Activate() does (ops/activation/activation_functions.h). May read 64
// bytes past the end of a row of a plane.
void Interleave(const Planes& planes, int64_t channels, int64_t rows,
                int64_t pixels, std::optional<ActivationSpec> activation,
                float* to);

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_INTERLEAVE_H_
