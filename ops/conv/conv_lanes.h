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

#ifndef LENSLET_OPS_CONV_CONV_LANES_H_
#define LENSLET_OPS_CONV_CONV_LANES_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// For blocks of up to `images` images, and plain convolutions
// (conv_composed.h). Parameters: filter and, if the geometry has one, bias. The
// activation and the pooling, if there are, are applied to the result. Errors:
// Unimplemented for softmax pooling, and for windows that do not cut the result
// into pieces of one size and one depth.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvLanesKernel(
    const ConvGeometry& geometry, int64_t images,
    std::optional<ActivationSpec> activation, std::optional<PoolGeometry> pool);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_H_
