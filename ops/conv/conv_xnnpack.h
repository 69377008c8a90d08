// Convolution through XNNPACK: the output by its convolution operator, the
// input's gradient by its deconvolution operator; the parameters' gradients are
// computed here.
//
// XNNPACK packs the filter when an operator is created, so ParametersChanged()
// creates the operators anew: it allocates, and takes time that grows with the
// filter. One or two spatial dimensions, and groups, which XNNPACK has too.

#ifndef LENSLET_OPS_CONV_CONV_XNNPACK_H_
#define LENSLET_OPS_CONV_CONV_XNNPACK_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Padding holds zeros, and the filter is neither flipped nor one
// of a table of connections. Errors: Unimplemented for three dimensions, and
// from Bind() where the input's gradient is wanted and XNNPACK's deconvolution
// lacks the case (ops/xnnpack_limits.h): an image smaller than the stride, for
// example. ResourceExhausted.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvXnnpackKernel(
    const ConvGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_XNNPACK_H_
