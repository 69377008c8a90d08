// Addition: the simple call, and the kernels of all backends. What they compute
// stands in add_spec.h.
//
//   absl::StatusOr<Tensor> y = Add(a, b);

#ifndef LENSLET_OPS_ADD_ADD_H_
#define LENSLET_OPS_ADD_ADD_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The sum of two tensors of one shape, [N, ...]. For one-off use: it prepares
// and forgets a kernel. Errors: InvalidArgument unless both hold floats and
// have the same shape, of at least one image; ResourceExhausted.
absl::StatusOr<Tensor> Add(const Tensor& a, const Tensor& b,
                           Backend backend = Backend::kReference);

// For blocks of images of these shapes, one for each input. No parameters.
// Errors: as AddShape().
absl::StatusOr<std::unique_ptr<Kernel>> MakeAddKernel(
    Backend backend, absl::Span<const Shape> images);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_ADD_H_
