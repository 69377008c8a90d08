// Runs a temporary kernel once. Implements the operators' simple calls, and
// their gradients.

#ifndef LENSLET_OPS_RUN_ONCE_H_
#define LENSLET_OPS_RUN_ONCE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Computes `output` from the inputs and parameters. Inputs and output are
// [images, ...], whatever the kernel's layout. `seed` seeds the random numbers.
// Errors: ResourceExhausted, and Unimplemented for a backend that lacks
// training.
absl::Status RunOnce(std::unique_ptr<Kernel> kernel,
                     absl::Span<const Tensor* const> inputs,
                     absl::Span<const Tensor* const> parameters, Tensor& output,
                     bool training = false, uint64_t seed = 0);

// Returns the gradients w.r.t. the inputs, then those w.r.t. the parameters,
// given that w.r.t. the output. Runs the kernel forward and backward. Inputs
// and `output_gradient` are [images, ...], whatever the kernel's layout.
// Errors: ResourceExhausted, and Unimplemented for a backend that lacks
// gradients.
absl::StatusOr<std::vector<Tensor>> GradientsOnce(
    std::unique_ptr<Kernel> kernel, absl::Span<const Tensor* const> inputs,
    absl::Span<const Tensor* const> parameters, const Tensor& output_gradient);

}  // namespace lenslet

#endif  // LENSLET_OPS_RUN_ONCE_H_
