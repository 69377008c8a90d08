// Normalizations, and the steps of those that are written as several nodes.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/onnx/node_specs.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

// The number that was written as this float: 1e-05f is not 1e-05.
double AsWritten(float number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), number);
  double written = number;
  if (!absl::SimpleAtod(absl::string_view(text, end.ptr - text), &written)) {
    return number;
  }
  return written;
}

}  // namespace

ValueOr LayerImporter::BatchNormalization(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  const int rank = x.shape.rank();
  if (rank == 0 || x.axes[0] != rank - 1) {
    return WrongAxes(x,
                     "its channels are not ONNX's second axis; expected "
                     "[batch, channels, ...]");
  }
  LENSLET_RETURN_IF_ERROR(CheckForInference(node));
  std::vector<std::vector<float>> parameters;
  for (const auto& [i, what] :
       {std::pair(1, "scale"), {2, "B"}, {3, "mean"}, {4, "var"}}) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* parameter,
                             FloatConstant(node, i, what));
    if (parameter->size() != x.shape.dim(rank - 1)) {
      return Wrong(absl::StrCat("its ", what, " has ",
                                Numbers(parameter->size()), "; its input is ",
                                DimsText(x)));
    }
    parameters.push_back(InLensletsOrder(x, parameter->floats));
  }
  const std::vector<float>& variances = parameters[3];
  const auto negative = std::find_if(variances.begin(), variances.end(),
                                     [](float v) { return v < 0; });
  if (negative != variances.end()) {
    return Wrong(absl::StrCat("its var has ", *negative,
                              "; expected variances of at least 0"));
  }
  LENSLET_ASSIGN_OR_RETURN(const float epsilon, node.Float("epsilon", 1e-5f));
  LENSLET_ASSIGN_OR_RETURN(const float momentum, node.Float("momentum", 0.9f));
  // ONNX's is the fraction that is kept.
  const double change = std::round((1 - AsWritten(momentum)) * 1e6) / 1e6;
  ValueOr y = AddLayer(
      node,
      Layer(BatchNormSpec{.epsilon = AsWritten(epsilon), .momentum = change}),
      {x}, std::move(parameters));
  if (y.ok()) {
    y->axes = x.axes;
    y->order = x.order;
  }
  return y;
}

ValueOr LayerImporter::AddLayerNorm(const NodeReader& node,
                                    const ImportedValue& x, int first_axis,
                                    double epsilon, std::vector<float> scale,
                                    std::vector<float> bias) {
  LayerNormSpec spec = {.epsilon = epsilon};
  if (first_axis != x.shape.rank() - 1) spec.axis = first_axis;
  LENSLET_ASSIGN_OR_RETURN(
      ImportedValue y,
      AddLayer(node, Layer(spec), {x}, {std::move(scale), std::move(bias)}));
  y.axes = x.axes;
  y.order = x.order;
  return y;
}

ValueOr LayerImporter::LayerNormalization(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis, node.Int("axis", -1));
  LENSLET_ASSIGN_OR_RETURN(const float epsilon, node.Float("epsilon", 1e-5f));
  LENSLET_ASSIGN_OR_RETURN(const int inner, InnerAxis(axis, x));
  std::vector<bool> normalized(x.shape.rank(), false);
  for (size_t i = inner; i < x.axes.size(); ++i) normalized[x.axes[i]] = true;
  const std::optional<int> first = FirstOfTrailing(normalized, x.shape);
  if (!first) {
    return WrongAxes(
        x, absl::StrCat(
               "it normalizes ",
               inner + 1 == static_cast<int>(x.axes.size())
                   ? absl::StrCat("axis ", inner + 1)
                   : absl::StrCat("axes ", inner + 1, " to ", x.axes.size()),
               " of ", DimsText(x),
               " and not the channels, axis 1; expected axis=1, or "
               "channels last: a Transpose before it"));
  }
  int64_t features = 1;
  for (int i = *first; i < x.shape.rank(); ++i) features *= x.shape.dim(i);
  LENSLET_RETURN_IF_ERROR(Count(2 * features));
  const OnnxConstant zero{.floats = {0}};
  const OnnxConstant* bias = &zero;
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* scale,
                           FloatConstant(node, 1, "scale"));
  if (node.HasInput(2)) {
    LENSLET_ASSIGN_OR_RETURN(bias, FloatConstant(node, 2, "bias"));
  }
  std::vector<std::vector<float>> parameters;
  for (const OnnxConstant* constant : {scale, bias}) {
    std::optional<std::vector<float>> numbers =
        FeatureNumbers(x, *constant, *first);
    if (!numbers) {
      return Wrong(absl::StrCat("its scale or bias is [",
                                absl::StrJoin(constant->dims, ", "),
                                "]; its input is ", DimsText(x)));
    }
    parameters.push_back(*std::move(numbers));
  }
  return AddLayerNorm(node, x, *first, AsWritten(epsilon),
                      std::move(parameters[0]), std::move(parameters[1]));
}

ValueOr LayerImporter::Lrn(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  const int rank = x.shape.rank();
  if (rank == 0 || x.axes[0] != rank - 1 || !x.order.empty()) {
    return WrongAxes(x,
                     "its channels are not ONNX's second axis; expected "
                     "[batch, channels, ...]");
  }
  LrnSpec spec;
  LENSLET_ASSIGN_OR_RETURN(spec.size, node.Int("size", 0));
  LENSLET_ASSIGN_OR_RETURN(spec.alpha, node.Float("alpha", 1e-4f));
  LENSLET_ASSIGN_OR_RETURN(spec.beta, node.Float("beta", 0.75f));
  LENSLET_ASSIGN_OR_RETURN(spec.bias, node.Float("bias", 1.0f));
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y, AddLayer(node, Layer(spec), {x}));
  y.axes = x.axes;
  return y;
}

std::optional<ValueOr> LayerImporter::NormalizationStep(
    const NodeReader& node, const ImportedValue& a, const ImportedValue& b) {
  const std::string& type = node.type();
  if (a.layer != b.layer || a.axes != b.axes || a.order != b.order) {
    return std::nullopt;
  }
  ImportedValue y = a;
  if (type == "Sub" && a.is_plain() && b.form == Form::kMean) {
    y.form = Form::kCentered;
    y.first_axis = b.first_axis;
    return y;
  }
  if (a.form != Form::kCentered || a.first_axis != b.first_axis) {
    return std::nullopt;
  }
  if (type == "Mul" && b.form == Form::kCentered) {
    y.form = Form::kSquares;
    return y;
  }
  if ((type == "Div" && b.form == Form::kDeviation) ||
      (type == "Mul" && b.form == Form::kInverse)) {
    if (!(b.offset > 0)) return Wrong("it normalizes without an epsilon");
    int64_t features = 1;
    for (int axis = a.first_axis; axis < a.shape.rank(); ++axis) {
      features *= a.shape.dim(axis);
    }
    LENSLET_RETURN_IF_ERROR(Count(2 * features));
    y.form = Form::kPlain;
    return AddLayerNorm(
        node, y, a.first_axis, AsWritten(static_cast<float>(b.offset)),
        std::vector<float>(features, 1.0f), std::vector<float>(features, 0.0f));
  }
  return std::nullopt;
}

ValueOr LayerImporter::Pow(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  const OnnxConstant* exponent = FindConstant(node, 1);
  const bool squares = exponent != nullptr && exponent->size() == 1 &&
                       (exponent->is_float() ? exponent->floats[0] == 2
                                             : exponent->ints[0] == 2);
  if (!squares || !(x.form == Form::kCentered || x.is_multiple())) {
    return Lacking("no layer computes it, but for squares");
  }
  if (x.form == Form::kCentered) {
    x.form = Form::kSquares;
    return x;
  }
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           Elementwise(node, Layer(MulLayer()), {x, x}));
  y.factor = x.factor * x.factor;
  return y;
}

ValueOr LayerImporter::Root(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  const bool is_root = node.type() == "Sqrt";
  if (x.form != (is_root ? Form::kVariance : Form::kDeviation)) {
    return Lacking(
        "no layer computes it, but for the deviation of a layer "
        "normalization, (x - mean) / sqrt(variance + epsilon)");
  }
  x.form = is_root ? Form::kDeviation : Form::kInverse;
  return x;
}

}  // namespace lenslet
