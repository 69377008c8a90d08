// Sums, products and other arithmetic, of values and with constants.

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/ops/axes.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

// The layer with a bias; nullopt if its kind has none.
std::optional<LayerSpec> WithBias(const LayerSpec& spec) {
  if (const auto* conv = std::get_if<ConvLayer>(&spec)) {
    ConvLayer changed = *conv;
    changed.spec.has_bias = true;
    return changed;
  }
  if (const auto* conv = std::get_if<ConvTransposeLayer>(&spec)) {
    ConvTransposeLayer changed = *conv;
    changed.spec.has_bias = true;
    return changed;
  }
  if (const auto* linear = std::get_if<LinearLayer>(&spec)) {
    LinearLayer changed = *linear;
    changed.spec.has_bias = true;
    return changed;
  }
  return std::nullopt;
}

absl::Status NotByChannel(const ImportedValue& x,
                          const OnnxConstant& constant) {
  return Lacking(absl::StrCat("its constant is ", SizesText(constant.dims),
                              ", its input ", DimsText(x),
                              "; expected a number for each channel"));
}

}  // namespace

ValueOr LayerImporter::Sum(const NodeReader& node) {
  std::vector<ImportedValue> inputs;
  for (int i = 0; i < node.input_count(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(ImportedValue x, PlainValue(node, i));
    inputs.push_back(std::move(x));
  }
  if (inputs.size() == 1) return Renamed(node, inputs[0]);
  return Elementwise(node, Layer(lenslet::AddLayer()), inputs);
}

ValueOr LayerImporter::Elementwise(const NodeReader& node, Layer layer,
                                   std::vector<ImportedValue> inputs) {
  for (const ImportedValue& x : inputs) {
    if (x.axes != inputs[0].axes) {
      return Lacking(absl::StrCat("its inputs are ", DimsText(inputs[0]),
                                  " and ", DimsText(x),
                                  x.axes.size() == inputs[0].axes.size()
                                      ? ", with their axes in different orders"
                                      : "; expected as many axes"));
    }
  }
  LENSLET_RETURN_IF_ERROR(InOneOrder(inputs));
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           AddLayer(node, std::move(layer), inputs));
  y.axes = inputs[0].axes;
  for (const ImportedValue& x : inputs) {
    if (x.shape.elements() > 1) y.order = x.order;
  }
  return y;
}

absl::Status LayerImporter::InOneOrder(std::vector<ImportedValue>& inputs) {
  // That of a flattened image is fixed.
  const ImportedValue* first = nullptr;
  for (const ImportedValue& x : inputs) {
    if (x.shape.elements() == 1) continue;
    if (first == nullptr || (first->order.empty() && !x.order.empty())) {
      first = &x;
    }
  }
  if (first == nullptr) return absl::OkStatus();
  for (ImportedValue& x : inputs) {
    if (x.shape.elements() == 1 || x.order == first->order) continue;
    // Of two, the order of one does not change with that of the other.
    bool fits =
        x.shape.rank() == 1 && x.shape == first->shape && inputs.size() == 2;
    if (fits) {
      LENSLET_ASSIGN_OR_RETURN(fits, Reorder(x.layer, IndicesOf(x),
                                             IndicesOf(*first), first->layer));
    }
    if (!fits) {
      return Lacking("its inputs have their numbers in different orders");
    }
    x.order = first->order;
  }
  return absl::OkStatus();
}

ValueOr LayerImporter::Arithmetic(const NodeReader& node) {
  if (node.input_count() != 2) return Wrong("it has not two inputs");
  const OnnxConstant* first = FindConstant(node, 0);
  const OnnxConstant* constant =
      first != nullptr ? first : FindConstant(node, 1);
  if (constant != nullptr) {
    if (!constant->is_float()) return Lacking("its constant has whole numbers");
    LENSLET_ASSIGN_OR_RETURN(const ImportedValue x,
                             RawValue(node, first != nullptr ? 1 : 0));
    if (first != nullptr && node.type() == "Div") {
      return Lacking("its first input is a constant; expected the second");
    }
    if (first != nullptr && node.type() == "Sub") {
      return MinusValue(node, x, *constant);
    }
    if (const std::optional<ImportedValue> y = Average(node, x, *constant)) {
      return *y;
    }
    LENSLET_ASSIGN_OR_RETURN(const bool is_norm,
                             ChangeLayerNorm(node, x, *constant));
    if (is_norm) return Renamed(node, x);
    if (constant->size() == 1) {
      return WithNumber(node, node.type(), x, constant->floats[0]);
    }
    return WithChannels(node, x, *constant);
  }
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue a, RawValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue b, RawValue(node, 1));
  if (std::optional<ValueOr> step = NormalizationStep(node, a, b)) return *step;
  if (node.type() == "Mul") {
    if (std::optional<ValueOr> step = NormalizationStep(node, b, a)) {
      return *step;
    }
  }
  if (node.type() == "Add") return Sum(node);
  if (node.type() == "Mul") return Product(node);
  if (node.type() == "Sub") return Difference(node);
  return Lacking("its inputs are two values; expected a constant as second");
}

ValueOr LayerImporter::MinusValue(const NodeReader& node, ImportedValue x,
                                  const OnnxConstant& constant) {
  if (x.form != Form::kPlain) {
    LENSLET_ASSIGN_OR_RETURN(x, PlainValue(node, 1));
  }
  x.factor = -x.factor;
  x.offset = -x.offset;
  if (constant.size() == 1) {
    return WithNumber(node, "Add", x, constant.floats[0]);
  }
  LENSLET_ASSIGN_OR_RETURN(const bool is_by_channel,
                           IsByChannel(node, x, constant));
  if (!is_by_channel) return NotByChannel(x, constant);
  std::vector<float> terms = InLensletsOrder(x, constant.floats);
  for (float& term : terms) term += static_cast<float>(x.offset);
  std::vector<float> factors(terms.size(), static_cast<float>(x.factor));
  return ScaleChannels(node.output(), x, std::move(factors), std::move(terms));
}

ValueOr LayerImporter::Difference(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue a, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(ImportedValue b, RawValue(node, 1));
  if (b.form != Form::kPlain || b.shape.rank() == 0) {
    LENSLET_ASSIGN_OR_RETURN(b, PlainValue(node, 1));
  }
  b.factor = -b.factor;
  b.offset = -b.offset;
  LENSLET_ASSIGN_OR_RETURN(b,
                           Scaled(absl::StrCat(node.output(), "/negative"), b));
  return Elementwise(node, Layer(lenslet::AddLayer()), {a, b});
}

ValueOr LayerImporter::Product(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue a, RawValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(ImportedValue b, RawValue(node, 1));
  const bool swaps = a.form == Form::kPhi;
  if (swaps) std::swap(a, b);
  if (b.form == Form::kPhi && a.form == Form::kPlain && a.layer == b.layer) {
    const double factor = a.factor / b.inner_factor;
    if (IsClose(a.offset, factor * b.inner_offset)) {
      b.form = Form::kGelu;
      b.factor *= factor;
      return b;
    }
  }
  if (swaps) std::swap(a, b);
  // x * sigmoid(x) is SiLU, x * hard_sigmoid(x) hard swish.
  const auto gated = [&](const ImportedValue& gate, const ImportedValue& x) {
    std::optional<ActivationKind> kind;
    const ActivationSpec* spec = ActivationOfValue(gate);
    if (spec == nullptr || !x.is_plain() ||
        layers_[gate.layer].inputs[0] != x.layer) {
      return kind;
    }
    if (spec->kind == ActivationKind::kSigmoid) {
      kind = ActivationKind::kSilu;
    } else if (spec->kind == ActivationKind::kHardSigmoid &&
               IsNear(spec->hard_slope, 1.0 / 6) && IsNear(spec->offset, 0.5)) {
      kind = ActivationKind::kHardSwish;
    }
    return kind;
  };
  if (gated(a, b)) std::swap(a, b);
  if (const std::optional<ActivationKind> kind = gated(b, a)) {
    LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                             ActivationOf(node, a, {.kind = *kind}));
    y.factor = b.factor;
    return y;
  }
  // Factors pass through a product, other forms do not.
  if (!a.is_multiple()) {
    LENSLET_ASSIGN_OR_RETURN(a, PlainValue(node, 0));
  }
  if (!b.is_multiple()) {
    LENSLET_ASSIGN_OR_RETURN(b, PlainValue(node, 1));
  }
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           Elementwise(node, Layer(MulLayer()), {a, b}));
  y.factor = a.factor * b.factor;
  return y;
}

bool LayerImporter::IsNormalization(const NodeReader& node,
                                    absl::string_view type,
                                    const ImportedValue& x,
                                    const std::vector<float>& numbers) const {
  const int i = FindConstant(node, 0) != nullptr ? 1 : 0;
  const bool scales = type == "Mul" || type == "Div";
  return x.layer < 0 && x.is_plain() && !x.is_shared &&
         HasOneReader(node.input(i)) &&
         std::all_of(numbers.begin(), numbers.end(), [&](float number) {
           return std::isfinite(number) &&
                  (!scales || (number > 0 && std::isfinite(1 / number)));
         });
}

ValueOr LayerImporter::Normalize(absl::string_view type, ImportedValue x,
                                 const std::vector<float>& numbers) {
  const bool is_first = normalization_.empty() && !divides_by_255_;
  if (is_first && numbers.size() == 1) {
    const float divisor = type == "Div"   ? numbers[0]
                          : type == "Mul" ? 1 / numbers[0]
                                          : 0;
    if (std::abs(divisor - 255) < 1e-3f) {
      divides_by_255_ = true;
      return x;
    }
  }
  Normalization& n = normalization_;
  if (n.empty()) n = {.mean = {0}, .deviation = {1}};
  const bool shifts = type == "Sub" || type == "Add";
  std::vector<float>& changed = shifts ? n.mean : n.deviation;
  changed.resize(std::max({numbers.size(), changed.size(),
                           shifts ? n.deviation.size() : size_t{1}}),
                 changed[0]);
  for (size_t c = 0; c < changed.size(); ++c) {
    const float number = numbers[numbers.size() == 1 ? 0 : c];
    if (shifts) {
      const float term = number * n.DeviationOf(static_cast<int64_t>(c));
      n.mean[c] += type == "Sub" ? term : -term;
    } else if (type == "Div") {
      n.deviation[c] *= number;
    } else {
      n.deviation[c] /= number;
    }
  }
  return x;
}

ValueOr LayerImporter::WithNumber(const NodeReader& node,
                                  absl::string_view type, ImportedValue x,
                                  double number) {
  if (IsNormalization(node, type, x, {static_cast<float>(number)})) {
    return Normalize(type, x, {static_cast<float>(number)});
  }
  if (IsNormalizationStep(x.form)) {
    if (x.form != Form::kVariance || type != "Add" || x.offset != 0) {
      return Lacking(
          "it changes a mean or a variance, which layers know only as part of "
          "layer normalization, (x - mean) / sqrt(variance + epsilon)");
    }
    x.offset = number;
    return x;
  }
  if (x.form == Form::kWindowPower || x.form == Form::kBatchLast) {
    return FindPlain(node.input(FindConstant(node, 0) != nullptr ? 1 : 0));
  }
  if (type == "Mul") {
    x.factor *= number;
    x.offset *= number;
  } else if (type == "Div" && number != 0) {
    x.factor /= number;
    x.offset /= number;
  } else if (number == 0 && type != "Div") {
    return Renamed(node, x);
  } else if (type == "Add" && x.form == Form::kErf &&
             IsNear(x.factor, number)) {
    x.form = Form::kPhi;
  } else if ((x.form == Form::kPlain || x.form == Form::kWindowMean) &&
             type != "Div") {
    x.offset += type == "Add" ? number : -number;
  } else {
    return Lacking(absl::StrCat("it has the number ", number,
                                ", which no layer adds or divides by"));
  }
  // A sixth of six, for example.
  if (x.form == Form::kPlain && std::abs(x.factor - 1) < 1e-7) x.factor = 1;
  return x.is_plain() ? Renamed(node, x) : x;
}

absl::StatusOr<bool> LayerImporter::ChangeLayerNorm(
    const NodeReader& node, const ImportedValue& x,
    const OnnxConstant& constant) {
  if (x.layer < 0 || !x.is_plain() || layers_[x.layer].is_shared) return false;
  ImportedLayer& norm = layers_[x.layer];
  const auto* spec = std::get_if<LayerNormSpec>(&norm.layer.spec());
  if (spec == nullptr) return false;
  const std::optional<std::vector<float>> numbers = FeatureNumbers(
      x, constant, static_cast<int>(spec->axis.value_or(x.shape.rank() - 1)));
  if (!numbers) return false;
  LENSLET_RETURN_IF_ERROR(Count(static_cast<int64_t>(numbers->size())));
  const bool divides = node.type() == "Div";
  if (divides && std::count(numbers->begin(), numbers->end(), 0.0f) > 0) {
    return false;
  }
  std::vector<float>& scale = norm.parameters[0];
  std::vector<float>& bias = norm.parameters[1];
  for (size_t f = 0; f < numbers->size(); ++f) {
    const float number = (*numbers)[f];
    if (node.type() == "Mul") {
      scale[f] *= number;
      bias[f] *= number;
    } else if (divides) {
      scale[f] /= number;
      bias[f] /= number;
    } else {
      bias[f] += node.type() == "Add" ? number : -number;
    }
  }
  return true;
}

absl::StatusOr<bool> LayerImporter::IsByChannel(
    const NodeReader& node, const ImportedValue& x,
    const OnnxConstant& constant) const {
  const int rank = x.shape.rank();
  const auto axes = static_cast<int>(constant.dims.size());
  // ONNX aligns the last axes; version 6 says where they are instead.
  int missing = rank + 1 - axes;
  LENSLET_ASSIGN_OR_RETURN(const int64_t first_axis, node.Int("axis", missing));
  if (opset_ < 7) {
    missing = static_cast<int>(std::clamp<int64_t>(first_axis, -1, rank + 1));
  }
  if (rank == 0 || missing < 0 || missing + axes > rank + 1) return false;
  for (int i = 0; i < axes; ++i) {
    const int axis = i + missing;
    const bool is_channels = axis > 0 && x.axes[axis - 1] == rank - 1;
    if (constant.dims[i] != (is_channels ? x.shape.dim(rank - 1) : 1)) {
      return false;
    }
  }
  return true;
}

ValueOr LayerImporter::WithChannels(const NodeReader& node, ImportedValue x,
                                    const OnnxConstant& constant) {
  LENSLET_ASSIGN_OR_RETURN(const bool is_by_channel,
                           IsByChannel(node, x, constant));
  if (!is_by_channel) return NotByChannel(x, constant);
  std::vector<float> numbers = InLensletsOrder(x, constant.floats);
  if (IsNormalization(node, node.type(), x, numbers)) {
    return Normalize(node.type(), x, numbers);
  }
  if (!x.is_plain()) {
    LENSLET_ASSIGN_OR_RETURN(
        x, FindPlain(node.input(FindConstant(node, 0) != nullptr ? 1 : 0)));
  }
  const std::string& type = node.type();
  if (type == "Mul" || type == "Div") {
    for (float& number : numbers) number = type == "Mul" ? number : 1 / number;
    return ScaleChannels(node.output(), x, std::move(numbers), std::nullopt);
  }
  for (float& number : numbers) number = type == "Add" ? number : -number;
  if (x.layer >= 0 && x.order.empty() && !layers_[x.layer].is_shared) {
    ImportedLayer& before = layers_[x.layer];
    if (const std::optional<LayerSpec> spec = WithBias(before.layer.spec())) {
      before.layer = Layer(*spec);
      if (before.parameters.size() == 1) {
        before.parameters.emplace_back(numbers.size(), 0.0f);
      }
      for (size_t c = 0; c < numbers.size(); ++c) {
        before.parameters[1][c] += numbers[c];
      }
      before.name = NameFor(node.output());
      return x;
    }
  }
  std::vector<float> ones(numbers.size(), 1.0f);
  return ScaleChannels(node.output(), x, std::move(ones), std::move(numbers));
}

}  // namespace lenslet
