// Batch normalization: the simple calls, and the kernels of all backends. What
// it computes stands in batch_norm_spec.h.
//
//   absl::StatusOr<Tensor> y = BatchNorm(x, scale, shift);

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/batch_norm/batch_norm_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// x [N, ..., channels] normalized by its own mean and variance, as in training;
// scale and shift are [channels]. Returns a tensor of x's shape. For one-off
// use: it prepares and forgets a kernel. Errors: InvalidArgument, naming the
// argument and its values; Unimplemented for backends other than reference and
// lanes; ResourceExhausted.
absl::StatusOr<Tensor> BatchNorm(const Tensor& x, const Tensor& scale,
                                 const Tensor& shift, double epsilon = 1e-5,
                                 Backend backend = Backend::kReference);

// The same by a given mean and variance [channels], as in inference. Every
// backend has it.
absl::StatusOr<Tensor> BatchNormBy(const Tensor& x, const Tensor& scale,
                                   const Tensor& shift, const Tensor& mean,
                                   const Tensor& variance,
                                   double epsilon = 1e-5,
                                   Backend backend = Backend::kReference);

// For blocks of up to `images` images of shape `image`. One input; parameters:
// scale, shift, running_mean, running_variance. The last two have no gradient:
// to theirs, Backward() adds the change that the block asks for, times its
// images; so the mean over a batch's images is how they are to move. Errors: as
// OutputShape(). Bind() returns Unimplemented where the backend lacks training.
absl::StatusOr<std::unique_ptr<Kernel>> MakeBatchNormKernel(
    Backend backend, const BatchNormSpec& spec, const Shape& image,
    int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_H_
