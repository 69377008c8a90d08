#include "lenslet/ops/pool/pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/pool/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

// By spatial dimensions.
absl::string_view LayoutOf(int rank) {
  switch (rank) {
    case 1:
      return "[N, L, C]";
    case 2:
      return "[N, H, W, C]";
    default:
      return "[N, D, H, W, C]";
  }
}

absl::StatusOr<Tensor> Pool2d(PoolKind kind, const Tensor& x,
                              const Axes& kernel, const PoolOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, LayoutOf(2), 4));
  return Pool(x,
              {.kind = kind,
               .window = {.kernel = kernel,
                          .stride = options.stride,
                          .dilation = options.dilation,
                          .padding = options.padding},
               .count_padding = options.count_padding,
               .rounding = options.rounding,
               .temperature = options.temperature},
              options.backend);
}

}  // namespace

absl::StatusOr<Tensor> Pool(const Tensor& x, const PoolSpec& spec,
                            Backend backend) {
  // Of no dimensions, the spec's own error says more.
  if (const int rank = SpatialRank(spec); rank > 0) {
    LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, LayoutOf(rank), rank + 2));
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape y_image, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> pool,
                           MakePoolKernel(backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, y_image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(pool), {&x}, {}, y));
  return y;
}

absl::StatusOr<Tensor> GlobalPool(PoolKind kind, const Tensor& x,
                                  Backend backend) {
  // Images of other dimensions do not fit the nearest number that there is.
  const int rank = std::clamp(x.shape().rank() - 2, 1, Axes::kMaxRank);
  return Pool(x, {.kind = kind, .output = Axes::Filled(rank, 1)}, backend);
}

absl::StatusOr<Tensor> MaxPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options) {
  return Pool2d(PoolKind::kMax, x, kernel, options);
}

absl::StatusOr<Tensor> MinPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options) {
  return Pool2d(PoolKind::kMin, x, kernel, options);
}

absl::StatusOr<Tensor> AvgPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options) {
  return Pool2d(PoolKind::kAverage, x, kernel, options);
}

absl::StatusOr<Tensor> SoftmaxPool2d(const Tensor& x, const Axes& kernel,
                                     const PoolOptions& options) {
  return Pool2d(PoolKind::kSoftmax, x, kernel, options);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakePoolKernel(Backend backend,
                                                       const PoolSpec& spec,
                                                       const Shape& image,
                                                       int64_t images) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  LENSLET_ASSIGN_OR_RETURN(const PoolGeometry geometry, Resolve(spec, image));
  switch (backend) {
    case Backend::kReference:
      return MakePoolReferenceKernel(geometry);
    case Backend::kXnnpack:
      return MakePoolXnnpackKernel(geometry, images);
    case Backend::kLanes:
      return MakePoolLanesKernel(geometry);
    case Backend::kDirect:
      return MakePoolDirectKernel(geometry);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
