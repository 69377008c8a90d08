// Concatenation: the simple call, and the kernels of all backends. What they
// compute stands in concat_spec.h.
//
//   absl::StatusOr<Tensor> y = Concat({&a, &b});

#ifndef LENSLET_OPS_CONCAT_CONCAT_H_
#define LENSLET_OPS_CONCAT_CONCAT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/concat/concat_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Tensors [N, ...] side by side, image by image: spec.axis is an axis of an
// image, not of a tensor. For one-off use: it prepares and forgets a kernel.
// Errors: InvalidArgument, naming the input; ResourceExhausted.
absl::StatusOr<Tensor> Concat(absl::Span<const Tensor* const> inputs,
                              const ConcatSpec& spec = {},
                              Backend backend = Backend::kReference);

// For blocks of images of these shapes, one for each input. No parameters.
// Errors: as OutputShape().
absl::StatusOr<std::unique_ptr<Kernel>> MakeConcatKernel(
    Backend backend, const ConcatSpec& spec, absl::Span<const Shape> images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONCAT_CONCAT_H_
