// The kernels of transposed convolutions. MakeConvTransposeKernel()
// (conv_transpose.h) chooses among them.

#ifndef LENSLET_OPS_CONV_TRANSPOSE_KERNELS_H_
#define LENSLET_OPS_CONV_TRANSPOSE_KERNELS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// The definition of transposed convolution and its gradients, as loops.
//
// Parameters: filter and, if the geometry has one, bias. Sums are in double.
std::unique_ptr<Kernel> MakeConvTransposeReferenceKernel(
    const ConvTransposeGeometry& geometry);

// Transposed convolution with the images of a block in lanes: the output is the
// gradient of the convolution that is run backwards, with respect to its input.
//
// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: InvalidArgument for numbers that cannot be counted.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeLanesKernel(
    const ConvTransposeGeometry& geometry, int64_t images);

// Transposed convolution through XNNPACK: its deconvolution operator computes
// the output, the convolution's kernel the gradients.
//
// XNNPACK packs the filter when an operator is created, so ParametersChanged()
// creates the operators anew: it allocates, and takes time that grows with the
// filter. One or two spatial dimensions.
//
// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: Unimplemented for three dimensions, for a stride or
// more of output positions after the last window, and for what XNNPACK's
// deconvolution lacks (ops/xnnpack_limits.h), such as an output smaller than
// the stride; ResourceExhausted; InvalidArgument for numbers that cannot be
// counted.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeXnnpackKernel(
    const ConvTransposeGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_KERNELS_H_
