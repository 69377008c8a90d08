// Pooling: the simple calls, and the kernels of all backends. What it computes
// stands in pool_spec.h.
//
//   absl::StatusOr<Tensor> y = MaxPool2d(x, {2, 2});

#ifndef LENSLET_OPS_POOL_POOL_H_
#define LENSLET_OPS_POOL_POOL_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "ops/axes.h"
#include "ops/backend.h"
#include "ops/kernel.h"
#include "ops/pool/pool_spec.h"
#include "ops/window.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace lenslet {

struct PoolOptions {
  Axes stride = {};    // Empty: the kernel.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  bool count_padding = true;  // Averages only.
  Backend backend = Backend::kReference;
};

// Pools x [N, H, W, C] over windows of kernel {Kh, Kw}. Returns [N, H', W', C].
// For one-off use: it prepares and forgets a kernel. Errors: InvalidArgument,
// naming the argument and its values; Unimplemented for what the backend lacks.
absl::StatusOr<Tensor> MaxPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options = {});
absl::StatusOr<Tensor> AvgPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options = {});

// For blocks of up to `images` images of shape `image`. One input, no
// parameters. Errors: as OutputShape(), and Unimplemented for what the backend
// lacks.
absl::StatusOr<std::unique_ptr<Kernel>> MakePoolKernel(Backend backend,
                                                       const PoolSpec& spec,
                                                       const Shape& image,
                                                       int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_H_
