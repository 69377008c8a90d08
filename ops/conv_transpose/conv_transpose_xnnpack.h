// Transposed convolution through XNNPACK: the output by its deconvolution
// operator, the gradients by the convolution's kernel.
//
// XNNPACK packs the filter when an operator is created, so ParametersChanged()
// creates the operators anew: it allocates, and takes time that grows with the
// filter. One or two spatial dimensions.

#ifndef LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_XNNPACK_H_
#define LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_XNNPACK_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: Unimplemented for three dimensions, for a stride or
// more of output positions after the last window, and for what XNNPACK's
// deconvolution lacks (ops/xnnpack_limits.h), such as an output smaller than
// the stride; ResourceExhausted; InvalidArgument for numbers that cannot be
// counted.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeXnnpackKernel(
    const ConvTransposeGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_XNNPACK_H_
