// Convolution with the pixels of an image in the lanes of vectors: for few
// output channels.
//
// The padded input is taken apart into planes, one for each channel and each
// phase of the stride, so that the pixels under one tap of neighbouring outputs
// follow each other. The output's planes are weighted sums of vectors of them
// (ops/lanes/weighted_sums.h). Vectors run over the ends of rows: outputs
// between one row and the next are computed too, and left out when the planes
// are put together.

#ifndef LENSLET_OPS_CONV_CONV_DIRECT_PIXELS_H_
#define LENSLET_OPS_CONV_CONV_DIRECT_PIXELS_H_

#include <memory>
#include <optional>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// Whether there is one group, the output channels are few enough, and the
// strides no longer than the kernel.
bool CanConvolvePixels(const ConvGeometry& geometry);

// For blocks of any number of images. Parameters: filter and, if the geometry
// has one, bias. The activation, if there is one, is applied to the result.
// Without Backward().
std::unique_ptr<Kernel> MakeConvDirectPixelsKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_DIRECT_PIXELS_H_
