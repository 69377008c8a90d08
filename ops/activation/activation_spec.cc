#include "lenslet/ops/activation/activation_spec.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {

absl::string_view Name(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kSigmoid:
      return "sigmoid";
    case ActivationKind::kTanh:
      return "tanh";
    case ActivationKind::kRelu:
      return "relu";
    case ActivationKind::kLeakyRelu:
      return "leaky_relu";
    case ActivationKind::kElu:
      return "elu";
    case ActivationKind::kGelu:
      return "gelu";
    case ActivationKind::kSilu:
      return "silu";
    case ActivationKind::kSoftplus:
      return "softplus";
  }
  return "unknown";
}

absl::Status CheckActivation(const ActivationSpec& spec) {
  if (spec.kind == ActivationKind::kLeakyRelu &&
      !(std::isfinite(spec.slope) && spec.slope >= 0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "slope is ", spec.slope, ", expected a finite number of at least 0"));
  }
  if (spec.kind == ActivationKind::kElu &&
      !(std::isfinite(spec.alpha) && spec.alpha > 0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "alpha is ", spec.alpha, ", expected a finite number above 0"));
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

}  // namespace lenslet
