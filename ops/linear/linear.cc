#include "lenslet/ops/linear/linear.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/linear/linear_direct.h"
#include "lenslet/ops/linear/linear_lanes.h"
#include "lenslet/ops/linear/linear_reference.h"
#include "lenslet/ops/linear/linear_xnnpack.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {
namespace {

// `bias` may be null.
absl::StatusOr<Tensor> LinearImpl(const Tensor& x, const Tensor& weight,
                                  const Tensor* bias, Backend backend) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ..., in]", std::max(2, x.shape().rank())));
  LENSLET_RETURN_IF_ERROR(CheckFloats("weight", weight, "[out, in]", 2));
  const LinearSpec spec = {.input_features = weight.shape().dim(1),
                           .output_features = weight.shape().dim(0),
                           .has_bias = bias != nullptr};
  if (bias != nullptr) {
    LENSLET_RETURN_IF_ERROR(CheckFloats("bias", *bias, "[out]", 1));
    if (bias->shape().dim(0) != spec.output_features) {
      return absl::InvalidArgumentError(
          absl::StrCat("bias has shape ", bias->shape().ToString(), ", weight ",
                       weight.shape().ToString(), " has ", spec.output_features,
                       " output features"));
    }
  }
  const int64_t images = x.shape().dim(0);
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape y_image, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeLinearKernel(backend, spec, image, images));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(images, y_image));
  if (bias == nullptr) {
    LENSLET_RETURN_IF_ERROR(RunOnce(std::move(kernel), {&x}, {&weight}, y));
  } else {
    LENSLET_RETURN_IF_ERROR(
        RunOnce(std::move(kernel), {&x}, {&weight, bias}, y));
  }
  return y;
}

}  // namespace

absl::StatusOr<Tensor> Linear(const Tensor& x, const Tensor& weight,
                              const Tensor& bias, Backend backend) {
  return LinearImpl(x, weight, &bias, backend);
}

absl::StatusOr<Tensor> Linear(const Tensor& x, const Tensor& weight,
                              Backend backend) {
  return LinearImpl(x, weight, nullptr, backend);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeLinearKernel(
    Backend backend, const LinearSpec& spec, const Shape& image, int64_t images,
    std::optional<ActivationSpec> activation) {
  // Computed for its checks too.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  const int64_t rows = image.elements() / spec.input_features;
  if (activation) {
    LENSLET_RETURN_IF_ERROR(CheckActivation(*activation));
    if (!AppliesActivations(backend) || !GradientFromOutput(activation->kind)) {
      return NoFusion(backend);
    }
  }
  switch (backend) {
    case Backend::kReference:
      return MakeLinearReferenceKernel(spec, rows);
    case Backend::kXnnpack:
      return MakeLinearXnnpackKernel(spec, rows);
    case Backend::kLanes:
      return MakeLinearLanesKernel(spec, rows, images, activation);
    case Backend::kDirect:
      return MakeLinearDirectKernel(spec, rows, images, activation);
  }
  return absl::InternalError("unknown backend");
}

}  // namespace lenslet
