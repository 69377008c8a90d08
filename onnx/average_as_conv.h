// Average pooling that ONNX has no node for: with dilations, with as much
// padding as a kernel has taps, or rounded up with padding that counts. A
// convolution of each channel with ones sums the taps; a product with a number
// for each position divides.

#ifndef LENSLET_ONNX_AVERAGE_AS_CONV_H_
#define LENSLET_ONNX_AVERAGE_AS_CONV_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// For each position of the output, 1 / the number of taps that count there.
std::vector<float> AverageFactors(const PoolGeometry& geometry);

// The pooling that such a convolution of images of shape `image` and such
// factors are; nullopt if they are none.
std::optional<PoolSpec> AverageOf(const ConvSpec& conv,
                                  absl::Span<const float> weight,
                                  const Shape& image,
                                  absl::Span<const float> factors);

}  // namespace lenslet

#endif  // LENSLET_ONNX_AVERAGE_AS_CONV_H_
