// Convolutions and transposed convolutions.

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/onnx/node_specs.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"

namespace lenslet {
namespace {

using ValueOr = absl::StatusOr<ImportedValue>;

}  // namespace

ValueOr LayerImporter::Conv(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, Image(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* weight,
                           FloatConstant(node, 1, "weight"));
  const int rank = x.shape.rank() - 1;
  const Ints& dims = weight->dims;
  if (static_cast<int>(dims.size()) != rank + 2) {
    return Wrong(absl::StrCat("its weight has ", AxesText(dims.size()),
                              "; expected ", rank + 2));
  }
  LENSLET_ASSIGN_OR_RETURN(const Axes kernel,
                           Axes::Create(absl::MakeConstSpan(dims).subspan(2)));
  LENSLET_ASSIGN_OR_RETURN(const Axes stated,
                           AxesAttribute(node, "kernel_shape", rank, 0));
  if (node.Has("kernel_shape") && stated != kernel) {
    return Wrong(absl::StrCat("its kernel_shape is ", stated.ToString(),
                              "; its weight's is ", kernel.ToString()));
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t groups, node.Int("group", 1));
  const int64_t channels = x.shape.dim(rank);
  if (groups < 1 || channels % groups != 0) {
    return Wrong(absl::StrCat("it has ", CountText(groups, "group"),
                              "; its input has ",
                              CountText(channels, "channel")));
  }
  if (dims[1] != channels / groups) {
    return Wrong(absl::StrCat(
        "its weight reads ", CountText(dims[1], "channel"),
        groups == 1 ? "" : absl::StrCat(" in each of ", groups, " groups"),
        "; its input has ", CountText(channels, "channel")));
  }
  LENSLET_ASSIGN_OR_RETURN(NodeWindow window,
                           WindowOf(node, kernel, SpatialSizes(x.shape)));
  ConvSpec spec{.output_channels = dims[0],
                .window = window.window,
                .has_bias = node.HasInput(2),
                .groups = groups};
  // A padding that repeats the image is part of a convolution.
  if (x.layer >= 0 && HasOneReader(node.input(0)) && !HasPadding(spec.window)) {
    const ImportedLayer& before = layers_[x.layer];
    if (const auto* pad = std::get_if<PadSpec>(&before.layer.spec());
        pad != nullptr && pad->mode != PaddingMode::kZero) {
      spec.window.padding = pad->padding;
      spec.padding_mode = pad->mode;
      x.layer = before.inputs[0];
      x.shape = x.layer < 0 ? input_shape_ : layers_[x.layer].output;
    }
  }
  std::vector<std::vector<float>> parameters = {
      TransposeEach(weight->floats, dims[0], dims[1],
                    weight->size() / std::max<int64_t>(1, dims[0] * dims[1]))};
  if (spec.has_bias) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* bias,
                             FloatConstant(node, 2, "bias"));
    parameters.push_back(bias->floats);
  }
  return AddLayer(node, Layer(ConvLayer{rank, spec}), {x},
                  std::move(parameters));
}

ValueOr LayerImporter::ConvTranspose(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, Image(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* weight,
                           FloatConstant(node, 1, "weight"));
  const int rank = x.shape.rank() - 1;
  const Ints& dims = weight->dims;
  if (static_cast<int>(dims.size()) != rank + 2 ||
      dims[0] != x.shape.dim(rank)) {
    return Wrong(absl::StrCat("its weight is [", absl::StrJoin(dims, ", "),
                              "], which does not fit its input ", DimsText(x)));
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t groups, node.Int("group", 1));
  if (groups != 1) {
    return Lacking(absl::StrCat("it has ", CountText(groups, "group"),
                                "; expected 1 for a transposed convolution"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Axes kernel,
                           Axes::Create(absl::MakeConstSpan(dims).subspan(2)));
  const Axes input = SpatialSizes(x.shape);
  LENSLET_ASSIGN_OR_RETURN(NodeWindow window, WindowOf(node, kernel, input));
  ConvTransposeSpec spec{.output_channels = dims[1],
                         .window = window.window,
                         .has_bias = node.HasInput(2)};
  LENSLET_ASSIGN_OR_RETURN(spec.output_padding,
                           AxesAttribute(node, "output_padding", rank, 0));
  if (node.Has("output_shape") || window.same) {
    LENSLET_ASSIGN_OR_RETURN(Ints sizes, node.Ints("output_shape", {}));
    // Some exporters write the batch and the channels, too.
    if (static_cast<int>(sizes.size()) == rank + 2) {
      sizes.erase(sizes.begin(), sizes.begin() + 2);
    }
    for (int i = 0; i < rank; ++i) {
      const int64_t stride = spec.window.stride[i];
      const int64_t size = sizes.empty() ? input[i] * stride
                           : i < static_cast<int>(sizes.size()) ? sizes[i]
                                                                : 0;
      const int64_t whole = (input[i] - 1) * stride + spec.output_padding[i] +
                            (kernel[i] - 1) * spec.window.dilation[i] + 1;
      int64_t total = whole - size;
      if (total < 0) {
        spec.output_padding[i] -= total;
        total = 0;
      }
      const int64_t less = total / 2;
      spec.window.padding.before[i] = window.same_upper ? less : total - less;
      spec.window.padding.after[i] = total - spec.window.padding.before[i];
    }
  }
  std::vector<std::vector<float>> parameters = {
      TransposeEach(weight->floats, 1, dims[0],
                    weight->size() / std::max<int64_t>(1, dims[0]))};
  if (spec.has_bias) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* bias,
                             FloatConstant(node, 2, "bias"));
    parameters.push_back(bias->floats);
  }
  return AddLayer(node, Layer(ConvTransposeLayer{rank, spec}), {x},
                  std::move(parameters));
}

}  // namespace lenslet
