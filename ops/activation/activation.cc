#include "lenslet/ops/activation/activation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/activation/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::Status CheckActivation(const ActivationSpec& spec) {
  if (spec.kind == ActivationKind::kLeakyRelu &&
      !(std::isfinite(spec.slope) && spec.slope >= 0)) {
    return BadValue("slope", spec.slope, "a finite number of at least 0");
  }
  if (spec.kind == ActivationKind::kElu &&
      !(std::isfinite(spec.alpha) && spec.alpha > 0)) {
    return BadValue("alpha", spec.alpha, "a finite number above 0");
  }
  if (spec.kind == ActivationKind::kClip) {
    for (const auto& [name, bound] :
         {std::pair("min", spec.min), {"max", spec.max}}) {
      if (!std::isfinite(bound))
        return BadValue(name, bound, "a finite number");
    }
    if (!(spec.min < spec.max)) {
      return BadValue("min", spec.min,
                      absl::StrCat("a number below max, which is ", spec.max));
    }
  }
  if (spec.kind == ActivationKind::kHardSigmoid) {
    if (!(std::isfinite(spec.hard_slope) && spec.hard_slope > 0)) {
      return BadValue("slope", spec.hard_slope, "a finite number above 0");
    }
    if (!std::isfinite(spec.offset)) {
      return BadValue("offset", spec.offset, "a finite number");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Shape> OutputShape(const ActivationSpec& spec,
                                  const Shape& image) {
  LENSLET_RETURN_IF_ERROR(CheckActivation(spec));
  if (image.elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(Name(spec.kind), " of an image of shape ",
                     image.ToString(), ", which has no elements"));
  }
  return image;
}

absl::StatusOr<Cost> ComputeCost(const ActivationSpec& spec,
                                 const Shape& image) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, image).status());
  Cost cost;
  cost.other_operations = image.elements();
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(), .output = image.elements()}, cost));
  return cost;
}

absl::StatusOr<Tensor> Activate(const Tensor& x, const ActivationSpec& spec,
                                Backend backend) {
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
