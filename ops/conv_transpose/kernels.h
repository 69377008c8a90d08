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

// Transposed convolution with the images of a block in lanes. The output is the
// input gradient of the convolution that is run backwards.
//
// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: InvalidArgument if a size overflows.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeLanesKernel(
    const ConvTransposeGeometry& geometry, int64_t images);

// Transposed convolution through XNNPACK. XNNPACK's deconvolution operator
// computes the output; the convolution's kernel computes the gradients.
//
// XNNPACK packs the filter when an operator is created. So ParametersChanged()
// recreates the operators: it allocates, and takes time that grows with the
// filter. One or two spatial dimensions.
//
// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: Unimplemented for three dimensions, if a stride or
// more of output positions follow the last window, and for cases that XNNPACK's
// deconvolution lacks (ops/xnnpack_limits.h), such as an output smaller than
// the stride; ResourceExhausted; InvalidArgument if a size overflows.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeXnnpackKernel(
    const ConvTransposeGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_KERNELS_H_
