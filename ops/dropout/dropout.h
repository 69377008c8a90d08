// Dropout: the simple call, and the kernels of its backends. What it computes
// stands in dropout_spec.h.
//
//   absl::StatusOr<Tensor> y = Dropout(x, /*rate=*/0.5, /*seed=*/1);

#ifndef LENSLET_OPS_DROPOUT_DROPOUT_H_
#define LENSLET_OPS_DROPOUT_DROPOUT_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/dropout/dropout_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// x [N, ...] as training sees it: without a part `rate`, in [0, 1), of its
// numbers. For one-off use: it prepares and forgets a kernel. Errors:
// InvalidArgument, naming the argument and its values; Unimplemented for
// backends other than reference and lanes.
absl::StatusOr<Tensor> Dropout(const Tensor& x, double rate, uint64_t seed,
                               Backend backend = Backend::kReference);

// For blocks of images of shape `image`. One input, no parameters; its
// randomness comes from Kernel::Seed(). Errors: as OutputShape(), and
// Unimplemented for backends other than reference and lanes.
absl::StatusOr<std::unique_ptr<Kernel>> MakeDropoutKernel(
    Backend backend, const DropoutSpec& spec, const Shape& image,
    int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_DROPOUT_DROPOUT_H_
