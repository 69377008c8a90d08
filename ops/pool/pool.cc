#include "ops/pool/pool.h"

#include <utility>

#include "base/status_macros.h"
#include "ops/pool/pool_direct.h"
#include "ops/pool/pool_lanes.h"
#include "ops/pool/pool_reference.h"
#include "ops/pool/pool_xnnpack.h"
#include "ops/run_once.h"
#include "ops/simple_call.h"

namespace lenslet {
namespace {

absl::StatusOr<Tensor> Pool2d(PoolKind kind, const Tensor& x,
                              const Axes& kernel, const PoolOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, "[N, H, W, C]", 4));
  const PoolSpec spec = {.kind = kind,
                         .window = {.kernel = kernel,
                                    .stride = options.stride,
                                    .dilation = options.dilation,
                                    .padding = options.padding},
                         .count_padding = options.count_padding};
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape y_image, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(
      std::unique_ptr<Kernel> pool,
      MakePoolKernel(options.backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, y_image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(pool), {&x}, {}, y));
  return y;
}

}  // namespace

absl::StatusOr<Tensor> MaxPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options) {
  return Pool2d(PoolKind::kMax, x, kernel, options);
}

absl::StatusOr<Tensor> AvgPool2d(const Tensor& x, const Axes& kernel,
                                 const PoolOptions& options) {
  return Pool2d(PoolKind::kAverage, x, kernel, options);
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
