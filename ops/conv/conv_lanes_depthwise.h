// Depthwise convolution with the images of a block in lanes: as many groups as
// input and as output channels.
//
// The output is a sum over the taps that meet the input at each position, and
// so is the input's gradient, over those that meet the output. Nothing is
// copied: taps on padding are left out.

#ifndef LENSLET_OPS_CONV_CONV_LANES_DEPTHWISE_H_
#define LENSLET_OPS_CONV_CONV_LANES_DEPTHWISE_H_

#include <memory>

#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// For blocks of any number of images, and depthwise convolutions that need no
// other composition (conv_composed.h). Parameters: filter and, if the geometry
// has one, bias.
std::unique_ptr<Kernel> MakeConvLanesDepthwiseKernel(
    const ConvGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_DEPTHWISE_H_
