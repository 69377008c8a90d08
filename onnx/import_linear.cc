// Linear layers: Gemm and MatMul with a constant.

#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/fold_constants.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

}  // namespace

ValueOr LayerImporter::MakeLinear(const NodeReader& node,
                                  const ImportedValue& x,
                                  const OnnxConstant& weight, bool transposed,
                                  const OnnxConstant* bias, float alpha,
                                  float beta) {
  if (weight.dims.size() != 2) {
    return Lacking(absl::StrCat("its weight has ", AxesText(weight.dims.size()),
                                "; expected 2"));
  }
  const int rank = x.shape.rank();
  if (rank == 0 || x.axes.back() != rank - 1) {
    return WrongAxes(
        x,
        "it multiplies along an axis that is not the channels'; expected "
        "[batch, features]");
  }
  const int64_t inputs = weight.dims[transposed ? 1 : 0];
  const int64_t outputs = weight.dims[transposed ? 0 : 1];
  if (inputs != x.shape.dim(rank - 1)) {
    return Wrong(absl::StrCat("its weight reads ", CountText(inputs, "feature"),
                              "; its input is ", DimsText(x)));
  }
  const OnnxConstant by_output =
      transposed ? weight : Transposed(weight, {1, 0});
  std::vector<float> ordered(by_output.floats.size());
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t i = 0; i < inputs; ++i) {
      const int64_t j = x.order.empty() ? i : x.order[i];
      ordered[o * inputs + j] = alpha * by_output.floats[o * inputs + i];
    }
  }
  std::vector<std::vector<float>> parameters = {std::move(ordered)};
  // Early versions demand a bias; one number, 0, stands for none.
  const bool has_bias =
      bias != nullptr &&
      !(bias->dims.empty() && bias->size() == 1 && bias->floats[0] == 0);
  if (has_bias) {
    if (bias->size() != outputs && bias->size() != 1) {
      return Lacking(absl::StrCat("its bias has ", Numbers(bias->size()),
                                  "; expected ", outputs));
    }
    std::vector<float> values(outputs);
    for (int64_t o = 0; o < outputs; ++o) {
      values[o] = beta * bias->floats[bias->size() == 1 ? 0 : o];
    }
    parameters.push_back(std::move(values));
  }
  ValueOr y = AddLayer(
      node,
      Layer(LinearLayer{{.output_features = outputs, .has_bias = has_bias}}),
      {x}, std::move(parameters));
  if (y.ok()) y->axes = x.axes;
  return y;
}

ValueOr LayerImporter::Gemm(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const int64_t transposes_x, node.Int("transA", 0));
  if (transposes_x == 0) {
    LENSLET_ASSIGN_OR_RETURN(x, PlainValue(node, 0));
  } else if (x.form == Form::kBatchLast && x.factor == 1) {
    x.form = Form::kPlain;
  } else {
    return WrongAxes(x,
                     "it has transA=1, which mixes images; expected 0, or a "
                     "Transpose of [batch, features] before it");
  }
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* weight,
                           FloatConstant(node, 1, "weight"));
  const OnnxConstant* bias = nullptr;
  if (node.HasInput(2)) {
    LENSLET_ASSIGN_OR_RETURN(bias, FloatConstant(node, 2, "bias"));
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t transposed, node.Int("transB", 0));
  LENSLET_ASSIGN_OR_RETURN(const float alpha, node.Float("alpha", 1));
  LENSLET_ASSIGN_OR_RETURN(const float beta, node.Float("beta", 1));
  return MakeLinear(node, x, *weight, transposed != 0, bias, alpha, beta);
}

absl::Status LayerImporter::CheckFactors(const NodeReader& node) const {
  if (FindConstant(node, 0) != nullptr) {
    return Lacking("its first factor is a constant; expected the second");
  }
  if (node.HasInput(1) && FindConstant(node, 1) == nullptr &&
      failed_constants_.count(node.input(1)) == 0) {
    return Lacking(
        "both its factors depend on the input, as in attention, which no layer "
        "computes; expected a constant as second factor");
  }
  return absl::OkStatus();
}

ValueOr LayerImporter::MatMul(const NodeReader& node) {
  LENSLET_RETURN_IF_ERROR(CheckFactors(node));
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* weight,
                           FloatConstant(node, 1, "second factor"));
  return MakeLinear(node, x, *weight, /*transposed=*/false, nullptr, 1, 1);
}

}  // namespace lenslet
