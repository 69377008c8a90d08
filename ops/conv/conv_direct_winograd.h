// Convolutions of single images with a filter of 3x3 or 5x5, stride 1 and
// dilation 1, by Winograd's algorithm with channels in the lanes of vectors
// (ops/direct/winograd_tiles.h).
//
// Rounding errors are those of conv_lanes_winograd.h. Results do not depend on
// the CPU or on how tiles are grouped: each sum over channels has one order.

#ifndef LENSLET_OPS_CONV_CONV_DIRECT_WINOGRAD_H_
#define LENSLET_OPS_CONV_CONV_DIRECT_WINOGRAD_H_

#include <memory>

#include "lenslet/ops/conv/conv_lanes_winograd.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// The expected time of the algorithm as a share of that of sums of products
// with channels in the lanes. Depends only on the shape, so that results do not
// depend on the CPU.
double DirectWinogradShare(const WinogradConv& conv);

// Whether the algorithm computes the convolution and is expected to be faster.
bool DirectWinogradIsFaster(const ConvGeometry& geometry);

// For convolutions with WinogradSupports() of one group, and blocks of any
// number of images. Parameters: filter and, if the geometry has one, bias. The
// epilogue, with a pooling that conv_pool.h lists, is applied to the result. No
// Backward().
std::unique_ptr<Kernel> MakeConvDirectWinogradKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_DIRECT_WINOGRAD_H_
