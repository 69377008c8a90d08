#include "lenslet/ops/activation/activation.h"

#include <algorithm>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_direct.h"
#include "lenslet/ops/activation/activation_lanes.h"
#include "lenslet/ops/activation/activation_reference.h"
#include "lenslet/ops/activation/activation_xnnpack.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

absl::StatusOr<Tensor> ActivateTensor(const ActivationSpec& spec,
                                      const Tensor& x, Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ...]", std::max(1, x.shape().rank())));
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeActivationKernel(backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, image));
  LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x}, {}, y));
  return y;
}

}  // namespace

absl::StatusOr<Tensor> Sigmoid(const Tensor& x, Backend backend) {
  return ActivateTensor({.kind = ActivationKind::kSigmoid}, x, backend);
}
absl::StatusOr<Tensor> Tanh(const Tensor& x, Backend backend) {
  return ActivateTensor({.kind = ActivationKind::kTanh}, x, backend);
}
absl::StatusOr<Tensor> Relu(const Tensor& x, Backend backend) {
  return ActivateTensor({.kind = ActivationKind::kRelu}, x, backend);
}

absl::StatusOr<Tensor> LeakyRelu(const Tensor& x, float slope,
                                 Backend backend) {
  return ActivateTensor({.kind = ActivationKind::kLeakyRelu, .slope = slope}, x,
                        backend);
}
absl::StatusOr<Tensor> Elu(const Tensor& x, float alpha, Backend backend) {
  return ActivateTensor({.kind = ActivationKind::kElu, .alpha = alpha}, x,
                        backend);
}
absl::StatusOr<Tensor> Gelu(const Tensor& x, Backend backend) {
  return ActivateTensor({.kind = ActivationKind::kGelu}, x, backend);
}
absl::StatusOr<Tensor> Silu(const Tensor& x, Backend backend) {
  return ActivateTensor({.kind = ActivationKind::kSilu}, x, backend);
}
absl::StatusOr<Tensor> Softplus(const Tensor& x, Backend backend) {
  return ActivateTensor({.kind = ActivationKind::kSoftplus}, x, backend);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeActivationKernel(
    Backend backend, const ActivationSpec& spec, const Shape& image,
    int64_t /*images*/) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, image).status());
  switch (backend) {
    case Backend::kReference:
      return MakeActivationReferenceKernel(spec, image.elements());
    case Backend::kXnnpack:
      return MakeActivationXnnpackKernel(spec, image.elements());
    case Backend::kLanes:
      return MakeActivationLanesKernel(spec, image.elements());
    case Backend::kDirect:
      return MakeActivationDirectKernel(spec, image.elements());
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
