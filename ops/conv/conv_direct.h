// Convolution of images one after the other, with one image's numbers in the
// lanes of vectors: for inference with one or few images. One to three
// dimensions.
//
// Output channels are in the lanes (ops/direct/channel_sums.h), unless they
// would leave most of a vector empty and vectors of pixels take less time:
// then pixels are (conv_direct_pixels.h). Groups take turns, each with vectors
// of its output channels. Padding is written around a copy of the input.

#ifndef LENSLET_OPS_CONV_CONV_DIRECT_H_
#define LENSLET_OPS_CONV_CONV_DIRECT_H_

#include <memory>
#include <optional>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// For blocks of any number of images, and convolutions that need no composition
// but for their groups (conv_composed.h); those that are depthwise are faster
// with conv_direct_depthwise.h. Parameters: filter and, if the geometry has
// one, bias. The activation, if there is one, is applied to the result.
// Without Backward().
std::unique_ptr<Kernel> MakeConvDirectKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_DIRECT_H_
