// Which function reads which ONNX operator.

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

}  // namespace

LayerImporter::Converter LayerImporter::ConverterOf(absl::string_view type) {
  using Importer = LayerImporter;
  using Node = NodeReader;
  struct Operator {
    absl::string_view type;
    Converter convert;
  };
  static constexpr Operator kOperators[] = {
      {"Add", [](Importer& i, const Node& n) { return i.Arithmetic(n); }},
      {"AveragePool", [](Importer& i, const Node& n) { return i.Pool(n); }},
      {"BatchNormalization",
       [](Importer& i, const Node& n) { return i.BatchNormalization(n); }},
      {"Cast", [](Importer& i, const Node& n) { return i.Cast(n); }},
      {"Clip", [](Importer& i, const Node& n) { return i.Clip(n); }},
      {"Concat", [](Importer& i, const Node& n) { return i.Concat(n); }},
      {"Conv", [](Importer& i, const Node& n) { return i.Conv(n); }},
      {"ConvTranspose",
       [](Importer& i, const Node& n) { return i.ConvTranspose(n); }},
      {"Div", [](Importer& i, const Node& n) { return i.Arithmetic(n); }},
      {"Dropout", [](Importer& i, const Node& n) { return i.Same(n); }},
      {"Elu",
       [](Importer& i, const Node& n) -> ValueOr {
         LENSLET_ASSIGN_OR_RETURN(const float alpha, n.Float("alpha", 1.0f));
         return i.Activation(n, {.kind = ActivationKind::kElu, .alpha = alpha});
       }},
      {"Erf", [](Importer& i, const Node& n) { return i.Erf(n); }},
      {"Flatten", [](Importer& i, const Node& n) { return i.FlattenNode(n); }},
      {"Gelu",
       [](Importer& i, const Node& n) -> ValueOr {
         LENSLET_ASSIGN_OR_RETURN(const std::string approximate,
                                  n.Text("approximate", "none"));
         if (approximate != "none") {
           return Lacking("it approximates; expected approximate=\"none\"");
         }
         return i.Activation(n, {.kind = ActivationKind::kGelu});
       }},
      {"Gemm", [](Importer& i, const Node& n) { return i.Gemm(n); }},
      {"GlobalAveragePool",
       [](Importer& i, const Node& n) {
         return i.GlobalPool(n, PoolKind::kAverage);
       }},
      {"GlobalMaxPool",
       [](Importer& i, const Node& n) {
         return i.GlobalPool(n, PoolKind::kMax);
       }},
      {"HardSigmoid",
       [](Importer& i, const Node& n) -> ValueOr {
         LENSLET_ASSIGN_OR_RETURN(const float slope, n.Float("alpha", 0.2f));
         LENSLET_ASSIGN_OR_RETURN(const float offset, n.Float("beta", 0.5f));
         return i.Activation(n, {.kind = ActivationKind::kHardSigmoid,
                                 .hard_slope = slope,
                                 .offset = offset});
       }},
      {"HardSwish",
       [](Importer& i, const Node& n) {
         return i.Activation(n, {.kind = ActivationKind::kHardSwish});
       }},
      {"Identity", [](Importer& i, const Node& n) { return i.Same(n); }},
      {"LRN", [](Importer& i, const Node& n) { return i.Lrn(n); }},
      {"LayerNormalization",
       [](Importer& i, const Node& n) { return i.LayerNormalization(n); }},
      {"LeakyRelu",
       [](Importer& i, const Node& n) -> ValueOr {
         LENSLET_ASSIGN_OR_RETURN(const float slope, n.Float("alpha", 0.01f));
         return i.Activation(
             n, {.kind = ActivationKind::kLeakyRelu, .slope = slope});
       }},
      {"LogSoftmax", [](Importer& i, const Node& n) { return i.Softmax(n); }},
      {"MatMul", [](Importer& i, const Node& n) { return i.MatMul(n); }},
      {"Max", [](Importer& i, const Node& n) { return i.Bound(n); }},
      {"MaxPool", [](Importer& i, const Node& n) { return i.Pool(n); }},
      {"Min", [](Importer& i, const Node& n) { return i.Bound(n); }},
      {"Mul", [](Importer& i, const Node& n) { return i.Arithmetic(n); }},
      {"Neg",
       [](Importer& i, const Node& n) -> ValueOr {
         LENSLET_ASSIGN_OR_RETURN(ImportedValue x, i.RawValue(n, 0));
         // These have no factor.
         if (IsNormalizationStep(x.form)) {
           LENSLET_ASSIGN_OR_RETURN(x, i.PlainValue(n, 0));
         }
         x.factor = -x.factor;
         x.offset = -x.offset;
         return x.is_plain() ? i.Renamed(n, x) : x;
       }},
      {"Pad", [](Importer& i, const Node& n) { return i.Pad(n); }},
      {"PRelu", [](Importer& i, const Node& n) { return i.PRelu(n); }},
      {"Pow", [](Importer& i, const Node& n) { return i.Pow(n); }},
      {"Reciprocal", [](Importer& i, const Node& n) { return i.Root(n); }},
      {"ReduceMax",
       [](Importer& i, const Node& n) {
         return i.ReduceSpatial(n, PoolKind::kMax);
       }},
      {"ReduceMean",
       [](Importer& i, const Node& n) {
         return i.ReduceSpatial(n, PoolKind::kAverage);
       }},
      {"Relu",
       [](Importer& i, const Node& n) {
         return i.Activation(n, {.kind = ActivationKind::kRelu});
       }},
      {"Reshape", [](Importer& i, const Node& n) { return i.ReshapeNode(n); }},
      {"Resize", [](Importer& i, const Node& n) { return i.Resize(n); }},
      {"Sigmoid", [](Importer& i, const Node& n) { return i.Sigmoid(n); }},
      {"Softmax", [](Importer& i, const Node& n) { return i.Softmax(n); }},
      {"Softplus",
       [](Importer& i, const Node& n) {
         return i.Activation(n, {.kind = ActivationKind::kSoftplus});
       }},
      {"Sqrt", [](Importer& i, const Node& n) { return i.Root(n); }},
      {"Squeeze", [](Importer& i, const Node& n) { return i.SqueezeNode(n); }},
      {"Sub", [](Importer& i, const Node& n) { return i.Arithmetic(n); }},
      {"Sum", [](Importer& i, const Node& n) { return i.Sum(n); }},
      {"Tanh",
       [](Importer& i, const Node& n) {
         return i.Activation(n, {.kind = ActivationKind::kTanh});
       }},
      {"Transpose", [](Importer& i, const Node& n) { return i.Transpose(n); }},
      {"Unsqueeze",
       [](Importer& i, const Node& n) { return i.SqueezeNode(n); }},
      {"Upsample", [](Importer& i, const Node& n) { return i.Resize(n); }},
  };
  const auto found =
      std::find_if(std::begin(kOperators), std::end(kOperators),
                   [&](const Operator& each) { return each.type == type; });
  return found == std::end(kOperators) ? nullptr : found->convert;
}

ValueOr LayerImporter::Convert(const NodeReader& node) {
  const Converter convert = ConverterOf(node.type());
  if (convert == nullptr) return NoLayer(node.type());
  LENSLET_ASSIGN_OR_RETURN(const bool lacks_batch, LacksBatch(node));
  if (std::optional<ValueOr> step = LrnStep(node)) return *step;
  LENSLET_RETURN_IF_ERROR(ComputeMeans(node));
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y, convert(*this, node));
  const std::string& type = node.type();
  if (type != "Flatten" && type != "Reshape" && type != "Squeeze" &&
      type != "Unsqueeze") {
    y.lacks_batch = lacks_batch;
  }
  return y;
}

absl::Status LayerImporter::ComputeMeans(const NodeReader& node) {
  const std::string& type = node.type();
  const bool may_be_step = (type == "Sub" && FindConstant(node, 0) == nullptr &&
                            FindConstant(node, 1) == nullptr) ||
                           type == "Cast" || type == "Dropout" ||
                           type == "Identity" || type == "Transpose";
  for (int i = 0; i < node.input_count() && !may_be_step; ++i) {
    const auto x = values_.find(node.input(i));
    if (x == values_.end() || x->second.form != Form::kMean ||
        !IsMeanOfSides(x->second)) {
      continue;
    }
    LENSLET_RETURN_IF_ERROR(PlainValue(node, i).status());
  }
  return absl::OkStatus();
}

ValueOr LayerImporter::Same(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, RawValue(node, 0));
  return Renamed(node, x);
}

ValueOr LayerImporter::Cast(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const int64_t to,
                           node.Int("to", onnx::TensorProto::FLOAT));
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, RawValue(node, 0));
  // Pixels are whole numbers.
  if (!IsFloatType(to) && x.layer >= 0) {
    return Lacking(
        absl::StrCat("it cuts numbers off to type ", ElementTypeName(to),
                     ", which no layer does; expected a type of floats"));
  }
  return Renamed(node, x);
}

}  // namespace lenslet
