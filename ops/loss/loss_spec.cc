#include "lenslet/ops/loss/loss_spec.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/hinge/hinge_spec.h"
#include "lenslet/ops/softmax_cross_entropy/softmax_cross_entropy_spec.h"
#include "lenslet/ops/squared_error/squared_error_spec.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

absl::Status CheckKind(const LossSpec& spec, int64_t classes) {
  const Shape scores = {classes};
  switch (spec.kind) {
    case LossKind::kCrossEntropy:
      return OutputShape(SoftmaxCrossEntropySpec{.classes = classes,
                                                 .label_smoothing =
                                                     spec.label_smoothing},
                         scores)
          .status();
    case LossKind::kMeanSquaredError:
      return OutputShape(SquaredErrorSpec{.classes = classes}, scores).status();
    case LossKind::kHinge:
      return OutputShape(HingeSpec{.classes = classes, .margin = spec.margin},
                         scores)
          .status();
  }
  return absl::InternalError("unknown loss");
}

absl::Status CheckWeights(const std::vector<float>& weights, int64_t classes) {
  if (weights.empty()) return absl::OkStatus();
  if (static_cast<int64_t>(weights.size()) != classes) {
    return absl::InvalidArgumentError(absl::StrCat(
        weights.size(), " class_weights for ", classes, " classes"));
  }
  for (size_t k = 0; k < weights.size(); ++k) {
    if (!(std::isfinite(weights[k]) && weights[k] >= 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat("class_weights[", k, "] is ", weights[k],
                       ", a finite number of at least 0 is needed"));
    }
  }
  if (*std::max_element(weights.begin(), weights.end()) == 0) {
    return absl::InvalidArgumentError(
        "class_weights are all 0: there is nothing to learn");
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view Name(LossKind kind) {
  switch (kind) {
    case LossKind::kCrossEntropy:
      return "cross_entropy";
    case LossKind::kMeanSquaredError:
      return "mean_squared_error";
    case LossKind::kHinge:
      return "hinge";
  }
  return "unknown";
}

absl::Status CheckLoss(const LossSpec& spec, int64_t classes) {
  if (classes < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        Name(spec.kind), " over ", classes, " classes, at least 1 is needed"));
  }
  if (spec.kind != LossKind::kCrossEntropy && spec.label_smoothing != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("label_smoothing is ", spec.label_smoothing, ", which ",
                     Name(spec.kind), " does not have"));
  }
  LENSLET_RETURN_IF_ERROR(CheckKind(spec, classes));
  return CheckWeights(spec.class_weights, classes);
}

}  // namespace lenslet
