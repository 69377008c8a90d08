// Activations, bounds, and the functions at the end that are no layers.

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

}  // namespace

ValueOr LayerImporter::Activation(const NodeReader& node,
                                  const ActivationSpec& spec) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  return ActivationOf(node, x, spec);
}

ValueOr LayerImporter::ActivationOf(const NodeReader& node,
                                    const ImportedValue& x,
                                    const ActivationSpec& spec) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y, AddLayer(node, Layer(spec), {x}));
  y.axes = x.axes;
  y.order = x.order;
  return y;
}

const ActivationSpec* LayerImporter::ActivationOfValue(
    const ImportedValue& x) const {
  if (x.layer < 0 || !x.is_multiple()) return nullptr;
  return std::get_if<ActivationSpec>(&layers_[x.layer].layer.spec());
}

ValueOr LayerImporter::PRelu(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* slopes,
                           FloatConstant(node, 1, "slope"));
  const std::vector<float>& numbers = slopes->floats;
  if (numbers.empty() ||
      std::any_of(numbers.begin(), numbers.end(),
                  [&](float slope) { return slope != numbers[0]; })) {
    return Lacking(
        "its slopes are different numbers; expected one slope for all "
        "channels, as of LeakyRelu");
  }
  return Activation(node,
                    {.kind = ActivationKind::kLeakyRelu, .slope = numbers[0]});
}

ValueOr LayerImporter::Clip(const NodeReader& node) {
  const auto bound = [&](int i, const char* attribute,
                         float otherwise) -> absl::StatusOr<float> {
    if (!node.HasInput(i)) return node.Float(attribute, otherwise);
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* constant,
                             FloatConstant(node, i, attribute));
    if (constant->size() != 1) return Wrong("a bound is not one number");
    return constant->floats[0];
  };
  constexpr float kLargest = std::numeric_limits<float>::max();
  LENSLET_ASSIGN_OR_RETURN(const float low, bound(1, "min", -kLargest));
  LENSLET_ASSIGN_OR_RETURN(const float high, bound(2, "max", kLargest));
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, RawValue(node, 0));
  return Clipped(node, x, low, high);
}

ValueOr LayerImporter::Clipped(const NodeReader& node, ImportedValue x,
                               float low, float high) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  low = std::max(low, -kLargest);
  high = std::min(high, kLargest);
  if (!(low < high)) {
    return Wrong(absl::StrCat("it clips to [", low, ", ", high,
                              "]; expected the smaller number first"));
  }
  if (x.form != Form::kPlain) {
    return Lacking("it clips an error function, which no layer does");
  }
  if (!x.is_plain()) {
    const double size = static_cast<double>(high) - low;
    if (!(x.factor > 0) || size > 1e30) {
      return ClippedBefore(node, x, low, high);
    }
    // A step of hard sigmoid, or of hard swish.
    LENSLET_ASSIGN_OR_RETURN(
        ImportedValue y,
        ActivationOf(node, x,
                     {.kind = ActivationKind::kHardSigmoid,
                      .hard_slope = static_cast<float>(x.factor / size),
                      .offset = static_cast<float>((x.offset - low) / size)}));
    y.factor = size;
    y.offset = low;
    return y;
  }
  if (low == 0 && high == kLargest) {
    return ActivationOf(node, x, {.kind = ActivationKind::kRelu});
  }
  // ReLU6 may be a rectifier and its upper bound.
  if (const ActivationSpec* spec = ActivationOfValue(x);
      spec != nullptr && spec->kind == ActivationKind::kRelu && low <= 0 &&
      high > 0 && HasOneReader(node.input(0))) {
    low = 0;
    const int layer = layers_[x.layer].inputs[0];
    x.layer = layer;
  }
  return ActivationOf(node, x,
                      {.kind = ActivationKind::kClip, .min = low, .max = high});
}

ValueOr LayerImporter::ClippedBefore(const NodeReader& node, ImportedValue x,
                                     float low, float high) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const double factor = x.factor;
  const double offset = x.offset;
  if (factor == 0) {
    return Lacking("it clips a value times 0, which no layer does");
  }
  // What no bound is stays none.
  const auto before = [&](float bound) {
    if (std::abs(bound) == kLargest) return factor < 0 ? -bound : bound;
    return static_cast<float>((bound - offset) / factor + 0.0);  // Not -0.
  };
  x.factor = 1;
  x.offset = 0;
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           factor < 0
                               ? Clipped(node, x, before(high), before(low))
                               : Clipped(node, x, before(low), before(high)));
  y.factor = factor;
  y.offset = offset;
  return y;
}

ValueOr LayerImporter::Bound(const NodeReader& node) {
  const OnnxConstant* first = FindConstant(node, 0);
  const OnnxConstant* bound = first != nullptr ? first : FindConstant(node, 1);
  if (node.input_count() != 2 || bound == nullptr || !bound->is_float() ||
      bound->size() != 1) {
    return Lacking(absl::StrCat("its inputs are ",
                                bound != nullptr
                                    ? "a value and an array of constants"
                                    : CountText(node.input_count(), "value"),
                                "; expected a value and one number"));
  }
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x,
                           PlainValue(node, first != nullptr ? 1 : 0));
  constexpr float kLargest = std::numeric_limits<float>::max();
  const float number = bound->floats[0];
  return node.type() == "Max" ? Clipped(node, x, number, kLargest)
                              : Clipped(node, x, -kLargest, number);
}

ValueOr LayerImporter::Erf(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  if (!x.is_multiple() || !IsNear(x.factor, std::sqrt(0.5))) {
    // GELU may be of a value that no layer has computed yet.
    LENSLET_RETURN_IF_ERROR(Count(static_cast<int64_t>(values_.size())));
    const auto argument =
        std::find_if(values_.begin(), values_.end(), [&](const auto& named) {
          const ImportedValue& of = named.second;
          return x.form == Form::kPlain && of.form == Form::kPlain &&
                 of.layer == x.layer && of.axes == x.axes &&
                 of.order == x.order && x.factor != 0 && x.shape.rank() > 0 &&
                 IsClose(x.factor, of.factor * std::sqrt(0.5)) &&
                 IsClose(x.offset, of.offset * std::sqrt(0.5));
        });
    if (argument == values_.end()) {
      return Lacking(
          "layers know the error function only as part of GELU, x * (1 + "
          "erf(x / sqrt(2))) / 2");
    }
    x.inner_factor = argument->second.factor;
    x.inner_offset = argument->second.offset;
  }
  x.form = Form::kErf;
  x.factor = 1;
  x.offset = 0;
  return x;
}

ValueOr LayerImporter::Gelu(const NodeReader& node, ImportedValue x) {
  const bool lacks_batch = x.lacks_batch;
  x.form = Form::kPlain;
  x.factor = x.inner_factor;
  x.offset = x.inner_offset;
  if (!x.is_plain()) {
    LENSLET_ASSIGN_OR_RETURN(x,
                             Scaled(absl::StrCat(node.output(), "/scaled"), x));
  }
  LENSLET_ASSIGN_OR_RETURN(
      ImportedValue y, ActivationOf(node, x, {.kind = ActivationKind::kGelu}));
  y.lacks_batch = lacks_batch;
  return y;
}

absl::Status LayerImporter::CheckSoftmax(const NodeReader& node) const {
  if (names_of_values_.last.count(node.output()) > 0) return absl::OkStatus();
  return Lacking(
      "no layer computes it; expected it only at the end, along the classes");
}

ValueOr LayerImporter::Softmax(const NodeReader& node) {
  LENSLET_RETURN_IF_ERROR(CheckSoftmax(node));
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  const int rank = x.shape.rank();
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis,
                           node.Int("axis", opset_ < 13 ? 1 : -1));
  LENSLET_ASSIGN_OR_RETURN(const int inner, InnerAxis(axis, x));
  // Up to version 12, it was along all axes from the first on.
  const bool is_along_classes =
      x.axes[inner] == rank - 1 &&
      (opset_ >= 13 || x.shape.dim(rank - 1) == x.shape.elements() ||
       inner + 1 == rank);
  if (!is_along_classes) {
    return Lacking(absl::StrCat(
        "it is along axis ", axis, " of ", DimsText(x),
        "; expected one along the classes, which are the first axis after the "
        "batch"));
  }
  activation_ = node.type() == "Softmax" ? OutputActivation::kSoftmax
                                         : OutputActivation::kLogSoftmax;
  return x;
}

ValueOr LayerImporter::Sigmoid(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  const bool is_last = names_of_values_.last_reshaped.count(node.output()) > 0;
  const auto dims = x.shape.dims();
  const bool is_vector =
      std::any_of(dims.begin(), dims.end(),
                  [&](int64_t size) { return size == x.shape.elements(); });
  if (is_last &&
      (last_sigmoid_ == LastSigmoid::kIsDropped ||
       (last_sigmoid_ == LastSigmoid::kIsDroppedFromVector && is_vector))) {
    activation_ = OutputActivation::kSigmoid;
    return x;
  }
  return ActivationOf(node, x, {.kind = ActivationKind::kSigmoid});
}

}  // namespace lenslet
