#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_spec.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/loss_call.h"

namespace lenslet {

absl::StatusOr<Shape> OutputShape(const SoftmaxCrossEntropySpec& spec,
                                  const Shape& scores) {
  LENSLET_RETURN_IF_ERROR(CheckScores("cross-entropy", spec.classes, scores));
  if (!(spec.label_smoothing >= 0 && spec.label_smoothing < 1)) {
    return absl::InvalidArgumentError(absl::StrCat("label_smoothing is ",
                                                   spec.label_smoothing,
                                                   ", which is not in [0, 1)"));
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
