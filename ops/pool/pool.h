// Pooling: the simple calls, and the kernels of all backends. pool_spec.h
// defines what it computes.
//
//   absl::StatusOr<Tensor> y = MaxPool2d(x, {2, 2});
//   absl::StatusOr<Tensor> z = Pool(x, {.output = {7, 7}});

#ifndef LENSLET_OPS_POOL_POOL_H_
#define LENSLET_OPS_POOL_POOL_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Pools x according to `spec`. The spec's kernel or output determines the
// number of spatial dimensions. In two dimensions, x is [N, H, W, C], and the
// result is [N, H', W', C]. For one-off use: each call creates and discards a
// kernel. Errors: InvalidArgument, naming the argument and its values;
// Unimplemented for cases that the backend lacks.
absl::StatusOr<Tensor> Pool(const Tensor& x, const PoolSpec& spec,
                            Backend backend = Backend::kReference);

// Pools x with one window over all spatial dimensions, of which x has 1 to 3.
// In two dimensions, [N, H, W, C] becomes [N, 1, 1, C].
absl::StatusOr<Tensor> GlobalPool(PoolKind kind, const Tensor& x,
                                  Backend backend = Backend::kReference);

struct PoolOptions {
  Axes stride = {};    // Empty: the kernel.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  bool count_padding = true;  // Averages only.
  Rounding rounding = Rounding::kFloor;
  double temperature = 1;  // Softmax only.
  Backend backend = Backend::kReference;
};

// Pool() over windows of kernel {Kh, Kw}.
absl::StatusOr<Tensor> MaxPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options = {});
absl::StatusOr<Tensor> MinPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options = {});
absl::StatusOr<Tensor> AvgPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options = {});
absl::StatusOr<Tensor> SoftmaxPool2d(const Tensor& x, const Axes& kernel,
                                     const PoolOptions& options = {});

// For blocks of up to `images` images of shape `image`. One input, no
// parameters. Errors: as OutputShape(), and Unimplemented for cases that the
// backend lacks.
absl::StatusOr<std::unique_ptr<Kernel>> MakePoolKernel(Backend backend,
                                                       const PoolSpec& spec,
                                                       const Shape& image,
                                                       int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_H_
