// The linear operator with output features in the lanes of vectors
// (ops/direct/channel_sums.h): for inference with one or few images.

#ifndef LENSLET_OPS_LINEAR_LINEAR_DIRECT_H_
#define LENSLET_OPS_LINEAR_LINEAR_DIRECT_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/linear/linear_spec.h"

namespace lenslet {

// For blocks of up to `images` images of `rows` rows each. Parameters: weight
// and, if the spec has one, bias. The activation, if there is one, is applied
// to the result. Without Backward().
std::unique_ptr<Kernel> MakeLinearDirectKernel(
    const LinearSpec& spec, int64_t rows, int64_t images,
    std::optional<ActivationSpec> activation);

}  // namespace lenslet

#endif  // LENSLET_OPS_LINEAR_LINEAR_DIRECT_H_
