// Mean squared error: the simple call, and the kernels of all backends. What it
// computes stands in squared_error_spec.h.
//
//   absl::StatusOr<Tensor> losses = MeanSquaredError(scores, labels);

#ifndef LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_H_
#define LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss_kernel.h"
#include "lenslet/ops/squared_error/squared_error_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// For any number of images with scores of shape `scores`. XNNPACK has no such
// operator: with `xnnpack`, as with `direct`, the kernel is the reference's.
// Errors: as OutputShape().
absl::StatusOr<std::unique_ptr<LossKernel>> MakeSquaredError(
    Backend backend, const SquaredErrorSpec& spec, const Shape& scores);

// The simple call: returns the losses [N], for x [N, classes] and N labels.
// Errors: InvalidArgument, naming the argument and its values.
absl::StatusOr<Tensor> MeanSquaredError(const Tensor& x,
                                        absl::Span<const int32_t> labels,
                                        Backend backend = Backend::kReference);

}  // namespace lenslet

#endif  // LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_H_
