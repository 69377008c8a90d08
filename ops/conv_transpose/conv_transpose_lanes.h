// Transposed convolution with the images of a block in lanes: the output is the
// gradient by its input of the convolution that is run backwards.

#ifndef LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_LANES_H_
#define LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_LANES_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: InvalidArgument for numbers that cannot be counted.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeLanesKernel(
    const ConvTransposeGeometry& geometry, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_LANES_H_
