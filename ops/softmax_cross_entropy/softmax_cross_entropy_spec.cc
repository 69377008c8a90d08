#include "ops/softmax_cross_entropy/softmax_cross_entropy_spec.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace lenslet {

absl::StatusOr<Shape> OutputShape(const SoftmaxCrossEntropySpec& spec,
                                  const Shape& scores) {
  if (spec.classes < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cross-entropy over ", spec.classes, " classes, at least 1 is needed"));
  }
  if (scores != Shape({spec.classes})) {
    return absl::InvalidArgumentError(
        absl::StrCat("scores have shape ", scores.ToString(), ", ",
                     spec.classes, " classes need [", spec.classes, "]"));
  }
  return Shape();
}

absl::StatusOr<Cost> ComputeCost(const SoftmaxCrossEntropySpec& spec,
                                 const Shape& scores) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, scores).status());
  Cost cost;
  cost.other_operations = spec.classes;
  LENSLET_RETURN_IF_ERROR(SetBytes({.input = spec.classes, .output = 1}, cost));
  return cost;
}

}  // namespace lenslet
