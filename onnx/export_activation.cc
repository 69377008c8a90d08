// Activations.

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/onnx/layer_writer.h"
#include "lenslet/ops/activation/activation_spec.h"

namespace lenslet {
namespace {

using Result = absl::StatusOr<OnnxValue>;

}  // namespace

Result LayerWriter::WriteKind(const ActivationSpec& spec) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      return Pointwise(writer_.Add("Sigmoid", {x()}));
    case ActivationKind::kTanh:
      return Pointwise(writer_.Add("Tanh", {x()}));
    case ActivationKind::kRelu:
      return Pointwise(writer_.Add("Relu", {x()}));
    case ActivationKind::kLeakyRelu:
      return Pointwise(
          writer_.Add("LeakyRelu", {x()}, {{"alpha", spec.slope}}));
    case ActivationKind::kElu:
      return Pointwise(writer_.Add("Elu", {x()}, {{"alpha", spec.alpha}}));
    case ActivationKind::kGelu:
      return WriteGelu();
    case ActivationKind::kSilu:
      return Pointwise(
          writer_.Add("Mul", {x(), writer_.Add("Sigmoid", {x()})}));
    case ActivationKind::kSoftplus:
      return Pointwise(writer_.Add("Softplus", {x()}));
    case ActivationKind::kClip:
      return WriteClip(spec);
    case ActivationKind::kHardSigmoid:
      return Pointwise(WriteHardSigmoid(spec));
    case ActivationKind::kHardSwish:
      if (writer_.opset() >= 14) {
        return Pointwise(writer_.Add("HardSwish", {x()}));
      }
      return Pointwise(writer_.Add(
          "Mul",
          {x(), WriteHardSigmoid({.kind = ActivationKind::kHardSigmoid})}));
  }
  return absl::InternalError("unknown activation");
}

Result LayerWriter::WriteClip(const ActivationSpec& spec) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const bool has_min = spec.min > -kLargest;
  const bool has_max = spec.max < kLargest;
  if (spec.min == 0 && !has_max) return Pointwise(writer_.Add("Relu", {x()}));
  if (writer_.opset() < 11) {
    OnnxAttributes attributes;
    if (has_max) attributes.emplace_back("max", spec.max);
    if (has_min) attributes.emplace_back("min", spec.min);
    return Pointwise(writer_.Add("Clip", {x()}, attributes));
  }
  const auto bound = [&](const char* name, float value) {
    return writer_.Scalar(absl::StrCat(node_.name, "/", name), value);
  };
  std::vector<std::string> inputs = {x()};
  if (has_min || has_max) {
    inputs.push_back(has_min ? bound("min", spec.min) : "");
  }
  if (has_max) inputs.push_back(bound("max", spec.max));
  return Pointwise(writer_.Add("Clip", std::move(inputs)));
}

std::string LayerWriter::WriteHardSigmoid(const ActivationSpec& spec) {
  return writer_.Add("HardSigmoid", {x()},
                     {{"alpha", spec.hard_slope}, {"beta", spec.offset}});
}

Result LayerWriter::WriteGelu() {
  if (writer_.opset() >= 20) return Pointwise(writer_.Add("Gelu", {x()}));
  if (writer_.opset() < 9) return NeedsOpset(9, "the first with Erf");
  const auto scalar = [&](const char* name, float value) {
    return writer_.Scalar(absl::StrCat(node_.name, "/", name), value);
  };
  const std::string erf = writer_.Add(
      "Erf", {writer_.Add("Div", {x(), scalar("sqrt2", std::sqrt(2.0f))})});
  const std::string twice_phi = writer_.Add("Add", {erf, scalar("one", 1)});
  return Pointwise(writer_.Add(
      "Mul", {writer_.Add("Mul", {x(), twice_phi}), scalar("half", 0.5f)}));
}

}  // namespace lenslet
