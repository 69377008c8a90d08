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
constexpr absl::string_view kRelu =
    "; expected Relu, LeakyRelu, Elu, Gelu or HardSwish: train the network "
    "with one of these";
constexpr absl::string_view kWhole =
    "; expected convolutions that read all channels: a part of them can be "
    "read by a weight with zeros for the others";
constexpr absl::string_view kCut =
    "; expected all of its input, since no layer cuts values: a convolution "
    "can "
    "leave out channels by a weight with zeros, and rows or columns at the "
    "sides by a window with a single 1";
constexpr absl::string_view kSelects =
    "; expected it of shapes only, since no layer selects numbers or looks "
    "them up";
constexpr absl::string_view kFixed =
    "; expected shapes and indices that do not depend on the input's numbers";

struct OperatorForm {
  absl::string_view op_type;
  absl::string_view nearest;
};

constexpr OperatorForm kForms[] = {
    {"ArgMax", kLast},
    {"Celu", "; expected Elu"},
    {"ConvInteger", kFloats},
    {"DepthToSpace", "; expected ConvTranspose, or Resize and Conv"},
    {"DequantizeLinear", kFloats},
    {"DynamicQuantizeLinear", kFloats},
    {"Einsum", "; expected a MatMul by a constant"},
    {"GRU", kRecurrence},
    {"Gather", kSelects},
    {"GatherElements", kSelects},
    {"GatherND", kSelects},
    {"GroupNormalization",
     "; expected a BatchNormalization or a LayerNormalization"},
    {"If", kUnrolled},
    {"InstanceNormalization",
     "; expected a BatchNormalization or a LayerNormalization"},
    {"LSTM", kRecurrence},
    {"Loop", kUnrolled},
    {"LpPool", "; expected AveragePool or MaxPool"},
    {"MatMulInteger", kFloats},
    {"Mish", kRelu},
    {"NonMaxSuppression", kLast},
    {"NonZero", kFixed},
    {"QLinearConv", kFloats},
    {"QLinearMatMul", kFloats},
    {"QuantizeLinear", kFloats},
    {"RNN", kRecurrence},
    {"ReduceSum", "; expected ReduceMean, and its factor in the next weight"},
    {"Scan", kUnrolled},
    {"Selu", "; expected Elu"},
    {"Slice", kCut},
    {"Softsign", "; expected Tanh"},
    {"SpaceToDepth", "; expected Conv with strides"},
    {"Split", kWhole},
    {"ThresholdedRelu", kRelu},
    {"TopK", kLast},
    {"Where", kFixed},
};

// Operators that Lenslet does not read, or only in some places.
constexpr absl::string_view kKeepShape[] = {
    "Abs",
    "BatchNormalization",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Cos",
    "DequantizeLinear",
    "Elu",
    "Erf",
    "Exp",
    "Floor",
    "Gelu",
    "GroupNormalization",
    "HardSigmoid",
    "Hardmax",
    "InstanceNormalization",
    "LRN",
    "LayerNormalization",
    "LeakyRelu",
    "Log",
    "LogSoftmax",
    "LpNormalization",
    "MeanVarianceNormalization",
    "Mish",
    "PRelu",
    "QuantizeLinear",
    "Reciprocal",
    "Round",
    "Selu",
    "Shrink",
    "Sign",
    "Sin",
    "Softmax",
    "Softsign",
    "Sqrt",
    "ThresholdedRelu",
};

}  // namespace

bool KeepsShape(absl::string_view op_type) {
  return std::find(std::begin(kKeepShape), std::end(kKeepShape), op_type) !=
         std::end(kKeepShape);
}

absl::string_view NearestForm(absl::string_view op_type) {
  const auto form =
      std::find_if(std::begin(kForms), std::end(kForms),
                   [&](const OperatorForm& x) { return x.op_type == op_type; });
  return form == std::end(kForms) ? "" : form->nearest;
}

}  // namespace lenslet
