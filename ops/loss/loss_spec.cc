#include "lenslet/ops/loss/loss_spec.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"

namespace lenslet {
namespace {

absl::Status CheckFields(const CrossEntropySpec& spec) {
  if (!(spec.label_smoothing >= 0 && spec.label_smoothing < 1)) {
    return BadValue("label_smoothing", spec.label_smoothing,
                    "a number in [0, 1)");
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const MeanSquaredErrorSpec&) {
  return absl::OkStatus();
}

absl::Status CheckFields(const HingeSpec& spec) {
  if (!(spec.margin > 0 && spec.margin <= std::numeric_limits<float>::max())) {
    return BadValue("margin", spec.margin, "a positive float");
  }
  return absl::OkStatus();
}

absl::Status CheckWeights(const std::vector<float>& weights, int64_t classes) {
  if (weights.empty()) return absl::OkStatus();
  if (static_cast<int64_t>(weights.size()) != classes) {
    return absl::InvalidArgumentError(
        absl::StrCat("class_weights has ", CountText(weights.size(), "number"),
                     "; expected ", classes, ", one for each class"));
  }
  for (size_t k = 0; k < weights.size(); ++k) {
    if (!(std::isfinite(weights[k]) && weights[k] >= 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat("class_weights[", k, "] is ", weights[k],
                       "; expected a finite number of at least 0"));
    }
  }
  if (*std::max_element(weights.begin(), weights.end()) == 0) {
    return absl::InvalidArgumentError(
        "class_weights are all 0: there is nothing to learn");
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view Name(const LossKind& kind) {
  return std::visit([](const auto& loss) { return loss.kName; }, kind);
}

absl::Status CheckLoss(const LossSpec& spec, int64_t classes) {
  if (classes < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        Name(spec.kind), " over ", classes, " classes; expected at least 1"));
  }
  LENSLET_RETURN_IF_ERROR(std::visit(
      [](const auto& loss) { return CheckFields(loss); }, spec.kind));
  return CheckWeights(spec.class_weights, classes);
}

absl::StatusOr<Cost> ComputeCost(const LossSpec& spec, int64_t classes) {
  LENSLET_RETURN_IF_ERROR(CheckLoss(spec, classes));
  Cost cost;
  cost.other_operations =
      classes *
      std::visit([](const auto& loss) { return loss.kOperationsPerClass; },
                 spec.kind);
  LENSLET_RETURN_IF_ERROR(SetBytes({.input = classes, .output = 1}, cost));
  return cost;
}

}  // namespace lenslet
