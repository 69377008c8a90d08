#include "lenslet/onnx/nearest_form.h"

#include <algorithm>
#include <iterator>

namespace lenslet {
namespace {

constexpr absl::string_view kFloats =
    "; expected numbers of type float: export the network as it was before its "
    "quantization";
constexpr absl::string_view kRecurrence =
    "; expected convolutions over time, since no layer is recurrent";
constexpr absl::string_view kUnrolled =
    "; expected its nodes in the graph itself: export the network with fixed "
    "steps and conditions, for inference";
constexpr absl::string_view kLast =
    "; expected the scores before it: select them as the output by lenslet "
    "import --onnx_output";
constexpr absl::string_view kFixed =
    "; expected shapes and indices that do not depend on the input's numbers";

struct OperatorForm {
  absl::string_view op_type;
  absl::string_view nearest;
};

constexpr OperatorForm kForms[] = {
    {"ArgMax", kLast},
    {"ConvInteger", kFloats},
    {"DequantizeLinear", kFloats},
    {"DynamicQuantizeLinear", kFloats},
    {"Einsum", "; expected a MatMul by a constant"},
    {"GRU", kRecurrence},
    {"GroupNormalization",
     "; expected a BatchNormalization or a LayerNormalization"},
    {"If", kUnrolled},
    {"InstanceNormalization",
     "; expected a BatchNormalization or a LayerNormalization"},
    {"LSTM", kRecurrence},
    {"Loop", kUnrolled},
    {"MatMulInteger", kFloats},
    {"NonMaxSuppression", kLast},
    {"NonZero", kFixed},
    {"QLinearConv", kFloats},
    {"QLinearMatMul", kFloats},
    {"QuantizeLinear", kFloats},
    {"RNN", kRecurrence},
    {"Scan", kUnrolled},
    {"TopK", kLast},
    {"Where", kFixed},
};

}  // namespace

absl::string_view NearestForm(absl::string_view op_type) {
  const auto form =
      std::find_if(std::begin(kForms), std::end(kForms),
                   [&](const OperatorForm& x) { return x.op_type == op_type; });
  return form == std::end(kForms) ? "" : form->nearest;
}

}  // namespace lenslet
