#include "lenslet/ops/hinge/hinge_spec.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/loss_call.h"

namespace lenslet {

absl::StatusOr<Shape> OutputShape(const HingeSpec& spec, const Shape& scores) {
  LENSLET_RETURN_IF_ERROR(CheckScores("hinge loss", spec.classes, scores));
  if (!(spec.margin > 0 && spec.margin <= std::numeric_limits<float>::max())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "margin is ", spec.margin, ", a positive float is needed"));
  }
  return Shape();
}

absl::StatusOr<Cost> ComputeCost(const HingeSpec& spec, const Shape& scores) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, scores).status());
  Cost cost;
  cost.other_operations = spec.classes;
  LENSLET_RETURN_IF_ERROR(SetBytes({.input = spec.classes, .output = 1}, cost));
  return cost;
}

}  // namespace lenslet
