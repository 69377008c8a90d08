// The linear operator with the images of a block in lanes.
//
// The output and the input's gradient are weighted sums (ops/lanes/
// weighted_sums.h) with one position for each row of each group of images. The
// weight's gradient is a product of matrices with a row for each image: inputs
// and output gradients are transposed out of the lanes for it.

#ifndef LENSLET_OPS_LINEAR_LINEAR_LANES_H_
#define LENSLET_OPS_LINEAR_LINEAR_LANES_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/linear/linear_spec.h"

namespace lenslet {

// For blocks of up to `images` images of `rows` rows of input_features.
// Parameters: weight and, if the spec has one, bias. The activation, if there
// is one, is applied to the result.
std::unique_ptr<Kernel> MakeLinearLanesKernel(
    const LinearSpec& spec, int64_t rows, int64_t images,
    std::optional<ActivationSpec> activation);

}  // namespace lenslet

#endif  // LENSLET_OPS_LINEAR_LINEAR_LANES_H_
