// The kernels of convolutions. MakeConvKernel() (conv.h) chooses among them.

#ifndef LENSLET_OPS_CONV_KERNELS_H_
#define LENSLET_OPS_CONV_KERNELS_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// The definition of convolution and its gradients, as loops.
//
// Parameters: filter and, if the geometry has one, bias. Sums are in double.
std::unique_ptr<Kernel> MakeConvReferenceKernel(const ConvGeometry& geometry);

// Convolution with the images of a block in lanes.
//
// The output is weighted sums of the input's vectors (ops/lanes/
// weighted_sums.h), a row at a time. The input's gradient is gathered along
// depth and height, and scattered along the width: for each row of it and each
// tap along the width, weighted sums of the output gradient's rows go to every
// stride-th position. The filter's gradient is product sums (ops/lanes/
// product_sums.h) of some rows at a time, so that these stay in the L1 cache.
// Padding is written around a copy of the input.
//
// An activation and a pooling after it are computed some rows at a time, as
// soon as these are there and still in the cache, and so are their gradients.
//
// A filter of the size of its unpadded input makes one position: a linear
// operator. Its gradient is a product of matrices with a row for each image.
//
// For blocks of up to `images` images, and plain convolutions
// (conv_composed.h). Parameters: filter and, if the geometry has one, bias.
// Errors: Unimplemented for an epilogue of softmax pooling, and for windows
// that do not cut the result into pieces of one size and one depth.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvLanesKernel(
    const ConvGeometry& geometry, int64_t images,
    const EpilogueGeometry& epilogue);

// Depthwise convolution with the images of a block in lanes: as many groups as
// input and as output channels.
//
// The output is a sum over the taps that meet the input at each position, and
// so is the input's gradient, over those that meet the output. Nothing is
// copied: taps on padding are left out.
//
// For blocks of any number of images, and depthwise convolutions that need no
// other composition (conv_composed.h). Parameters: filter and, if the geometry
// has one, bias.
std::unique_ptr<Kernel> MakeConvLanesDepthwiseKernel(
    const ConvGeometry& geometry);

// Convolution of images one after the other, with one image's numbers in the
// lanes of vectors: for inference with one or few images. One to three
// dimensions.
//
// Output channels are in the lanes (ops/direct/channel_sums.h), unless they
// would leave most of a vector empty and vectors of pixels take less time:
// then pixels are (MakeConvDirectPixelsKernel()). Groups take turns, each with
// vectors of its output channels. Padding is written around a copy of the
// input.
//
// For blocks of any number of images, and convolutions that need no composition
// but for their groups (conv_composed.h); those that are depthwise are faster
// with MakeConvDirectDepthwiseKernel(). Parameters: filter and, if the geometry
// has one, bias. The activation, if there is one, is applied to the result.
// Without Backward().
std::unique_ptr<Kernel> MakeConvDirectKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

// Convolution with the pixels of an image in the lanes of vectors: for few
// output channels.
//
// The padded input is taken apart into planes, one for each channel and each
// phase of the stride, so that the pixels under one tap of neighbouring outputs
// follow each other. The output's planes are weighted sums of vectors of them
// (ops/lanes/weighted_sums.h). Vectors run over the ends of rows: outputs
// between one row and the next are computed too, and left out when the planes
// are put together.
//
// Whether there is one group, the output channels are few enough, and the
// strides no longer than the kernel.
bool CanConvolvePixels(const ConvGeometry& geometry);

// For blocks of any number of images. Parameters: filter and, if the geometry
// has one, bias. The activation, if there is one, is applied to the result.
// Without Backward().
std::unique_ptr<Kernel> MakeConvDirectPixelsKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

// Depthwise convolution of images one after the other, with an image's channels
// in the lanes of vectors: as many groups as input and as output channels. One
// to three dimensions.
//
// The output is a sum over the taps that meet the input at each position
// (ops/direct/depthwise_sums.h). Nothing is copied: taps on padding are left
// out. Where channels leave parts of vectors empty, and neighbouring outputs
// read neighbouring inputs, a vector holds the channels of more than one
// position.
//
// For blocks of any number of images, and depthwise convolutions that need no
// other composition (conv_composed.h). Parameters: filter and, if the geometry
// has one, bias. The activation, if there is one, is applied to the result.
// Without Backward().
std::unique_ptr<Kernel> MakeConvDirectDepthwiseKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

// Convolution through XNNPACK: its convolution operator computes the output,
// its deconvolution operator the gradient with respect to the input. The
// parameters' gradients are computed here.
//
// XNNPACK packs the filter when an operator is created, so ParametersChanged()
// creates the operators anew: it allocates, and takes time that grows with the
// filter. One or two spatial dimensions, and groups, which XNNPACK has too.
//
// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Padding holds zeros, and the filter is neither flipped nor one
// of a table of connections. Errors: Unimplemented for three dimensions, and
// from Bind() where the input's gradient is wanted and XNNPACK's deconvolution
// lacks the case (ops/xnnpack_limits.h): an image smaller than the stride, for
// example. ResourceExhausted.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvXnnpackKernel(
    const ConvGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_KERNELS_H_
