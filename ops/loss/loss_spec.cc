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

absl::Status CheckPositive(absl::string_view field, double value) {
  if (!(value > 0 && value <= std::numeric_limits<float>::max())) {
    return BadValue(field, value, "a positive float");
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const HingeSpec& spec) {
  return CheckPositive("margin", spec.margin);
}

absl::Status CheckFields(const SumHingeSpec& spec) {
  return CheckPositive("margin", spec.margin);
}

absl::Status CheckGamma(double gamma) {
  if (!(gamma >= 0 && gamma <= std::numeric_limits<float>::max())) {
    return BadValue("gamma", gamma, "a float of at least 0");
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const FocalSpec& spec) {
  return CheckGamma(spec.gamma);
}

absl::Status CheckFields(const MeanAbsoluteErrorSpec&) {
  return absl::OkStatus();
}

absl::Status CheckFields(const HuberSpec& spec) {
  return CheckPositive("delta", spec.delta);
}

absl::Status CheckEachWeight(absl::string_view field,
                             const std::vector<float>& weights) {
  for (size_t k = 0; k < weights.size(); ++k) {
    if (!(std::isfinite(weights[k]) && weights[k] >= 0)) {
      return BadValue(absl::StrCat(field, "[", k, "]"), weights[k],
                      "a finite number of at least 0");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const SigmoidCrossEntropySpec& spec) {
  return CheckEachWeight("positive_weight", spec.positive_weights);
}

absl::Status CheckFields(const SigmoidFocalSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckGamma(spec.gamma));
  if (spec.alpha && !(*spec.alpha >= 0 && *spec.alpha <= 1)) {
    return BadValue("alpha", *spec.alpha, "a number in [0, 1]");
  }
  return absl::OkStatus();
}

absl::Status CheckClassWeights(const std::vector<float>& weights) {
  if (weights.empty()) return absl::OkStatus();
  LENSLET_RETURN_IF_ERROR(CheckEachWeight("class_weight", weights));
  if (*std::max_element(weights.begin(), weights.end()) == 0) {
    return absl::InvalidArgumentError(
        "class_weight is all 0: there is nothing to learn");
  }
  return absl::OkStatus();
}

absl::Status CheckClassOutput(const LossSpec& spec, const Shape& output) {
  if (output.rank() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        Name(spec.kind),
        " over an output of shape []; expected [classes] or [..., classes]"));
  }
  const int64_t classes = output.dim(output.rank() - 1);
  if (classes == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(Name(spec.kind), " over 0 classes; expected at least 1"));
  }
  const auto weights = static_cast<int64_t>(spec.class_weights.size());
  if (weights != 0 && weights != classes) {
    return absl::InvalidArgumentError(
        absl::StrCat("class_weight has ", CountText(weights, "number"),
                     "; expected ", classes, ", one for each class"));
  }
  return absl::OkStatus();
}

absl::Status CheckValueOutput(const LossSpec& spec, TargetKind target,
                              const Shape& output) {
  if (!spec.class_weights.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "class_weight is given, and the targets are ", Name(target),
        "; expected weights only for targets that are classes"));
  }
  const auto* sigmoid = std::get_if<SigmoidCrossEntropySpec>(&spec.kind);
  if (sigmoid == nullptr || sigmoid->positive_weights.empty()) {
    return absl::OkStatus();
  }
  const int64_t labels = output.rank() == 0 ? 1 : output.dim(output.rank() - 1);
  const auto weights = static_cast<int64_t>(sigmoid->positive_weights.size());
  if (weights != labels) {
    return absl::InvalidArgumentError(
        absl::StrCat("positive_weight has ", CountText(weights, "number"),
                     "; expected ", labels, ", one for each label"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view Name(const LossKind& kind) {
  return std::visit([](const auto& loss) { return loss.kName; }, kind);
}

LossKind DefaultLoss(TargetKind target) {
  switch (target) {
    case TargetKind::kClasses:
      return CrossEntropySpec();
    case TargetKind::kLabels:
      return SigmoidCrossEntropySpec();
    case TargetKind::kValues:
      return MeanSquaredErrorSpec();
  }
  return CrossEntropySpec();
}

bool Takes(const LossKind& kind, TargetKind target) {
  return std::visit(
      [&](const auto& loss) {
        return target == TargetKind::kClasses ? loss.kTakesClasses
                                              : loss.kTakesValues;
      },
      kind);
}

absl::Status CheckLoss(const LossSpec& spec) {
  LENSLET_RETURN_IF_ERROR(std::visit(
      [](const auto& loss) { return CheckFields(loss); }, spec.kind));
  return CheckClassWeights(spec.class_weights);
}

absl::Status CheckLoss(const LossSpec& spec, TargetKind target,
                       const Shape& output) {
  LENSLET_RETURN_IF_ERROR(CheckLoss(spec));
  const bool classes = target == TargetKind::kClasses;
  if (!Takes(spec.kind, target)) {
    return absl::InvalidArgumentError(absl::StrCat(
        Name(spec.kind), " takes ", classes ? "labels or values" : "classes",
        ", and the targets are ", Name(target), "; expected a loss of ",
        Name(target), ", such as ", Name(DefaultLoss(target))));
  }
  LENSLET_RETURN_IF_ERROR(classes ? CheckClassOutput(spec, output)
                                  : CheckValueOutput(spec, target, output));
  if (output.elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(Name(spec.kind), " over an output of shape ",
                     output.ToString(), ", which holds no elements"));
  }
  return absl::OkStatus();
}

double SumOfWeights(const LossSpec& spec, absl::Span<const int32_t> labels,
                    int64_t images) {
  const auto* cross_entropy = std::get_if<CrossEntropySpec>(&spec.kind);
  const bool all_one =
      spec.class_weights.empty() ||
      (cross_entropy != nullptr && cross_entropy->weigh_by_label);
  double sum = 0;
  for (const int32_t label : labels) {
    if (label == kIgnoredClass) continue;
    sum += all_one ? 1 : spec.class_weights[label];
  }
  const auto rows = static_cast<double>(labels.size());
  return sum == rows ? static_cast<double>(images)
                     : sum * (static_cast<double>(images) / rows);
}

absl::StatusOr<Cost> ComputeCost(const LossSpec& spec, TargetKind target,
                                 const Shape& output) {
  LENSLET_RETURN_IF_ERROR(CheckLoss(spec, target, output));
  const int64_t elements = output.elements();
  Cost cost;
  cost.other_operations =
      elements *
      std::visit([](const auto& loss) { return loss.kOperations; }, spec.kind);
  const bool classes = target == TargetKind::kClasses;
  LENSLET_RETURN_IF_ERROR(SetBytes(
      {.input = classes ? elements : 2 * elements, .output = 1}, cost));
  return cost;
}

}  // namespace lenslet
