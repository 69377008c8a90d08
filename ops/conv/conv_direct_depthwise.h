// Depthwise convolution of images one after the other, with an image's channels
// in the lanes of vectors: as many groups as input and as output channels. One
// to three dimensions.
//
// The output is a sum over the taps that meet the input at each position
// (ops/direct/depthwise_sums.h). Nothing is copied: taps on padding are left
// out. Where channels leave parts of vectors empty, and neighbouring outputs
// read neighbouring inputs, a vector holds the channels of more than one
// position.

#ifndef LENSLET_OPS_CONV_CONV_DIRECT_DEPTHWISE_H_
#define LENSLET_OPS_CONV_CONV_DIRECT_DEPTHWISE_H_

#include <memory>
#include <optional>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// For blocks of any number of images, and depthwise convolutions that need no
// other composition (conv_composed.h). Parameters: filter and, if the geometry
// has one, bias. The activation, if there is one, is applied to the result.
// Without Backward().
std::unique_ptr<Kernel> MakeConvDirectDepthwiseKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_DIRECT_DEPTHWISE_H_
