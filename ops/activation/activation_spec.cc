#include "ops/activation/activation_spec.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace lenslet {

absl::string_view Name(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kSigmoid:
      return "sigmoid";
    case ActivationKind::kTanh:
      return "tanh";
    case ActivationKind::kRelu:
      return "relu";
  }
  return "unknown";
}

absl::StatusOr<Shape> OutputShape(const ActivationSpec& spec,
                                  const Shape& image) {
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
