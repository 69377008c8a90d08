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
// The output consists of weighted sums of the input's vectors
// (ops/lanes/weighted_sums.h), computed a row at a time. The input's gradient
// is gathered along depth and height, and scattered along the width: for each
// of its rows and each tap along the width, weighted sums of the output
// gradient's rows are added to every stride-th position. The filter's gradient
// is computed some rows at a time so that the rows stay in the caches. It
// consists of product sums (ops/lanes/product_sums.h) or, where this is faster,
// of products of copies that leave the lanes (conv_lanes_filter_gradient.h).
// Padding is written around a copy of the input.
//
// An activation and a pooling after the convolution are computed some rows at a
// time, while these are still in the cache. So are their gradients.
//
// Unless `exact`, convolutions with a filter of 3x3 or 5x5, stride 1 and
// dilation 1 use Winograd's algorithm (conv_lanes_winograd.h) where their shape
// makes it faster, and so do their input gradients
// (conv_lanes_winograd_input_gradient.h, if the output has fewer tiles) and
// filter gradients (conv_lanes_winograd_filter_gradient.h). It reads the input
// without a padded copy.
//
// A filter of the size of its unpadded input has one output position: it is a
// linear operator. Its gradient is a product of matrices with a row for each
// image.
//
// For blocks of up to `images` images, and plain convolutions
// (conv_composed.h) of one group. Parameters: filter and, if the geometry has
// one, bias. Errors: Unimplemented for an epilogue with softmax pooling, and
// for pooling windows that do not partition the result into pieces of depth 1
// and equal size.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvLanesKernel(
    const ConvGeometry& geometry, int64_t images,
    const EpilogueGeometry& epilogue, bool exact);

// Depthwise convolution with the images of a block in lanes: as many groups as
// input and as output channels.
//
// The output at each position is a sum over the taps that lie on the input. The
// input's gradient is a sum over the taps that belong to an output. Both are
// computed a row at a time (ops/lanes/sliding_sums.h), or, for kernels and
// strides that it lacks, a position at a time. Nothing is copied: taps on
// padding are skipped.
//
// For blocks of any number of images, and plain depthwise convolutions
// (conv_composed.h). Parameters: filter and, if the geometry has one, bias. The
// activation, if there is one, is applied to the result.
std::unique_ptr<Kernel> MakeConvLanesDepthwiseKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

// Convolution in groups of channels, with the images of a block in lanes: as
// MakeConvLanesKernel(), group after group for each row. A depthwise one is
// faster with MakeConvLanesDepthwiseKernel().
//
// For blocks of up to `images` images, and plain convolutions
// (conv_composed.h). Parameters: filter and, if the geometry has one, bias. The
// activation, if there is one, is applied to the result. Errors:
// ResourceExhausted.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvLanesGroupedKernel(
    const ConvGeometry& geometry, int64_t images,
    std::optional<ActivationSpec> activation);

// Convolution of images one after the other, with values of one image in the
// lanes of vectors: for inference with one or few images. One to three
// dimensions.
//
// The lanes hold output channels (ops/direct/channel_sums.h). If these would
// leave most of a vector empty, and vectors of pixels are faster, the lanes
// hold pixels (MakeConvDirectPixelsKernel()). Groups are computed one after the
// other, each with vectors of its output channels. Padding is written around a
// copy of the input.
//
// Images of 2x2 or 3x3 positions have sums of the taps that lie on them
// (MakeConvDirectSmallMapKernel()).
//
// Unless `exact`, convolutions of one group with a filter of 3x3 or 5x5, stride
// 1 and dilation 1 use Winograd's algorithm (conv_direct_winograd.h) where
// their shape makes it faster. Filters of 5x5 of one input channel use it along
// rows (MakeConvDirectRowsKernel()).
//
// Filters of one input channel that fit the registers stay there
// (MakeConvDirectTapsKernel()). These and Winograd's algorithm also compute a
// rectifier and a pooling with windows of 2 x 2 (conv_pool.h) while the numbers
// are in registers.
//
// For blocks of any number of images, and plain convolutions (conv_composed.h).
// For depthwise convolutions, MakeConvDirectDepthwiseKernel() is faster.
// Parameters: filter and, if the geometry has one, bias. The epilogue is
// applied to the result. No Backward(). Errors: Unimplemented for other
// poolings, and for pooling after another convolution or activation.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvDirectKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue, bool exact);

// Convolution of one input channel with a filter of 3x3 or 5x5 and dilation 1,
// with output channels in the lanes of vectors and the filter in registers
// (ops/direct/tap_sums.h).
//
// Whether MakeConvDirectTapsKernel() supports the convolution on this CPU. Its
// results have the bits of other sums of products, so they do not depend on it.
bool CanConvolveTaps(const ConvGeometry& geometry);

// For blocks of any number of images. Parameters: filter and, if the geometry
// has one, bias. The epilogue, with a pooling that conv_pool.h lists, is
// applied to the result. No Backward().
std::unique_ptr<Kernel> MakeConvDirectTapsKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue);

// Convolution of one input channel with a filter of 5x5, stride 1 and dilation
// 1, by Winograd's algorithm along rows (ops/direct/winograd_rows.h).
//
// Whether MakeConvDirectRowsKernel() supports the convolution and is expected
// to be faster than sums of products. Depends only on the shape, so that
// results do not depend on the CPU.
bool PrefersWinogradRows(const ConvGeometry& geometry);

// For blocks of any number of images. Parameters: filter and, if the geometry
// has one, bias. The epilogue, with a pooling that conv_pool.h lists, is
// applied to the result. No Backward().
std::unique_ptr<Kernel> MakeConvDirectRowsKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue);

// The same for several input channels, and filters with any number of rows of
// five taps (ops/direct/winograd_row_channels.h).
bool PrefersWinogradRowChannels(const ConvGeometry& geometry);
std::unique_ptr<Kernel> MakeConvDirectRowChannelsKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue);

// Convolution of an image of 2x2 or 3x3 positions with a filter of 3x3, padding
// 1 and stride 1, with output channels in the lanes of vectors
// (ops/direct/small_map_sums.h). Taps on padding are skipped.
//
// Whether MakeConvDirectSmallMapKernel() supports the convolution.
bool CanConvolveSmallMap(const ConvGeometry& geometry);

// For blocks of any number of images. Parameters: filter and, if the geometry
// has one, bias. The activation, if there is one, is applied to the result. No
// Backward().
std::unique_ptr<Kernel> MakeConvDirectSmallMapKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

// Convolution with the pixels of an image in the lanes of vectors: for few
// output channels.
//
// The padded input is split into planes, one for each channel and each phase of
// the stride. So the pixels that a tap reads for neighboring outputs are
// contiguous. The output's planes are weighted sums of vectors of these pixels
// (ops/lanes/weighted_sums.h). Vectors run past the ends of rows: outputs
// between rows are computed too, and dropped when the planes are interleaved.
//
// Whether MakeConvDirectPixelsKernel() supports the convolution: one group, few
// enough output channels, and strides no longer than the kernel.
bool CanConvolvePixels(const ConvGeometry& geometry);

// For blocks of any number of images. Parameters: filter and, if the geometry
// has one, bias. The activation, if there is one, is applied to the result. No
// Backward().
std::unique_ptr<Kernel> MakeConvDirectPixelsKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

// Depthwise convolution of images one after the other, with an image's channels
// in the lanes of vectors: as many groups as input and as output channels. One
// to three dimensions.
//
// The output at each position is a sum over the taps that lie on the input
// (ops/direct/depthwise_sums.h). Nothing is copied: taps on padding are
// skipped. If channels would leave parts of vectors empty, and neighboring
// outputs read neighboring inputs, a vector holds the channels of several
// positions.
//
// For blocks of any number of images, and plain depthwise convolutions
// (conv_composed.h). Parameters: filter and, if the geometry has one, bias. The
// activation, if there is one, is applied to the result. No Backward().
std::unique_ptr<Kernel> MakeConvDirectDepthwiseKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation);

// Convolution through XNNPACK. Its convolution operator computes the output;
// its deconvolution operator computes the gradient with respect to the input.
// The parameters' gradients are our own code.
//
// XNNPACK packs the filter when an operator is created. So ParametersChanged()
// recreates the operators: it allocates, and takes time that grows with the
// filter. One or two spatial dimensions. Groups use XNNPACK's groups.
//
// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Padding holds zeros, and the filter is neither flipped nor one
// of a table of connections. Errors: ResourceExhausted, and Unimplemented for
// three dimensions. Bind() returns Unimplemented if the input's gradient is
// wanted and XNNPACK's deconvolution lacks the case (ops/xnnpack_limits.h), for
// example an image smaller than the stride.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvXnnpackKernel(
    const ConvGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_KERNELS_H_
