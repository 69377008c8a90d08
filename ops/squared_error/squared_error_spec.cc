#include "lenslet/ops/squared_error/squared_error_spec.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/loss_call.h"

namespace lenslet {

absl::StatusOr<Shape> OutputShape(const SquaredErrorSpec& spec,
                                  const Shape& scores) {
  LENSLET_RETURN_IF_ERROR(CheckScores("squared error", spec.classes, scores));
  return Shape();
}

absl::StatusOr<Cost> ComputeCost(const SquaredErrorSpec& spec,
                                 const Shape& scores) {
  LENSLET_RETURN_IF_ERROR(OutputShape(spec, scores).status());
  Cost cost;
  cost.other_operations = 3 * spec.classes;
  LENSLET_RETURN_IF_ERROR(SetBytes({.input = spec.classes, .output = 1}, cost));
  return cost;
}

}  // namespace lenslet
