// Pooling, and the padding before it or before a convolution.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/average_as_conv.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/onnx/node_specs.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

// What no number of a network is below.
constexpr float kLowest = -1e30f;

}  // namespace

ValueOr LayerImporter::Pool(const NodeReader& node) {
  // The minimum is the negative maximum of negatives.
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue raw, RawValue(node, 0));
  const bool is_max = node.type() == "MaxPool";
  const bool is_padded =
      is_max && raw.form == Form::kPaddedBelow && std::abs(raw.factor) == 1;
  const bool is_min =
      is_max && (raw.is_multiple() || is_padded) && raw.factor == -1;
  ImportedValue x = raw;
  if (is_min || is_padded) {
    x.form = Form::kPlain;
    x.factor = 1;
    if (x.axes != ChannelsFirstAxes(x.shape.rank())) {
      return WrongAxes(x,
                       "its input has channels last; expected channels first");
    }
  } else {
    LENSLET_ASSIGN_OR_RETURN(x, Image(node, 0));
  }
  const int rank = x.shape.rank() - 1;
  if (rank < 1 || rank > Axes::kMaxRank) {
    return Wrong(absl::StrCat("its input is ", DimsText(x)));
  }
  if (!node.Has("kernel_shape")) return Wrong("its kernel_shape is missing");
  LENSLET_ASSIGN_OR_RETURN(const Axes kernel,
                           AxesAttribute(node, "kernel_shape", rank, 1));
  Axes padded = SpatialSizes(x.shape);
  for (int i = 0; i < rank && is_padded; ++i) {
    padded[i] += raw.padding.before[i] + raw.padding.after[i];
  }
  LENSLET_ASSIGN_OR_RETURN(NodeWindow window, WindowOf(node, kernel, padded));
  for (int i = 0; i < rank && is_padded; ++i) {
    window.window.padding.before[i] += raw.padding.before[i];
    window.window.padding.after[i] += raw.padding.after[i];
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t ceil, node.Int("ceil_mode", 0));
  LENSLET_ASSIGN_OR_RETURN(const int64_t count,
                           node.Int("count_include_pad", 0));
  const PoolSpec spec{
      .kind = !is_max  ? PoolKind::kAverage
              : is_min ? PoolKind::kMin
                       : PoolKind::kMax,
      .window = window.window,
      .count_padding = count != 0 || !HasPadding(window.window),
      .rounding = ceil != 0 ? Rounding::kCeil : Rounding::kFloor};
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           AddLayer(node, Layer(PoolLayer{rank, spec}), {x}));
  if (is_min) y.factor = -1;
  return y;
}

std::optional<ImportedValue> LayerImporter::Average(
    const NodeReader& node, const ImportedValue& x,
    const OnnxConstant& constant) {
  if (node.type() != "Mul" || x.layer < 0 || !x.is_plain() ||
      layers_[x.layer].is_shared ||
      x.axes != ChannelsFirstAxes(x.shape.rank())) {
    return std::nullopt;
  }
  ImportedLayer& layer = layers_[x.layer];
  const auto* conv = std::get_if<ConvLayer>(&layer.layer.spec());
  Ints dims = DimsOf(x);
  dims[0] = 1;
  dims.insert(dims.begin(), 1);
  if (conv == nullptr || constant.dims != dims) return std::nullopt;
  const int input = layer.inputs[0];
  const std::optional<PoolSpec> pool = AverageOf(
      conv->spec, layer.parameters[0],
      input < 0 ? input_shape_ : layers_[input].output, constant.floats);
  if (!pool) return std::nullopt;
  const int rank = conv->rank;
  layer.layer = Layer(PoolLayer{rank, *pool});
  layer.parameters.clear();
  return Renamed(node, x);
}

ValueOr LayerImporter::GlobalPool(const NodeReader& node, PoolKind kind) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, Image(node, 0));
  return AddLayer(node, Layer(GlobalPoolLayer{kind}), {x});
}

ValueOr LayerImporter::ReduceSpatial(const NodeReader& node, PoolKind kind) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> axes,
                           IntsFrom(node, 1, "axes"));
  LENSLET_ASSIGN_OR_RETURN(const int64_t keep, node.Int("keepdims", 1));
  const int rank = x.shape.rank();
  std::vector<bool> reduced(rank, false);
  for (const int64_t axis : axes.value_or(Ints())) {
    LENSLET_ASSIGN_OR_RETURN(const int inner, InnerAxis(axis, x));
    reduced[x.axes[inner]] = true;
  }
  const auto count = std::count(reduced.begin(), reduced.end(), true);
  const bool is_global = rank >= 2 && count == rank - 1 && !reduced[rank - 1];
  // The mean and the variance of a layer normalization.
  if (const std::optional<int> first = FirstOfTrailing(reduced, x.shape);
      first && kind == PoolKind::kAverage && keep != 0 && !is_global) {
    if (x.form == Form::kPlain) {
      LENSLET_ASSIGN_OR_RETURN(x, PlainValue(node, 0));
      x.form = Form::kMean;
      x.first_axis = *first;
      return x;
    }
    if (x.form == Form::kSquares && x.first_axis == *first) {
      x.form = Form::kVariance;
      return x;
    }
  }
  LENSLET_ASSIGN_OR_RETURN(x, PlainValue(node, 0));
  if (count > 0 && !is_global && rank >= 2 && rank <= Axes::kMaxRank + 1 &&
      !reduced[rank - 1]) {
    return ReduceSomeSides(node, x, kind, reduced, keep != 0);
  }
  if (!is_global) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t keeps_all,
                             node.Int("noop_with_empty_axes", 0));
    if (count == 0 && keeps_all != 0) return Renamed(node, x);
    return Lacking(absl::StrCat(
        "it reduces ",
        count == 0 ? "all axes"
        : axes->size() == 1
            ? absl::StrCat("axis ", (*axes)[0])
            : absl::StrCat("the axes [", absl::StrJoin(*axes, ", "), "]"),
        " of ", DimsText(x), "; expected sides of images"));
  }
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           AddLayer(node, Layer(GlobalPoolLayer{kind}), {x}));
  y.axes = x.axes;
  if (keep != 0) return y;
  layers_[y.layer].name = NameFor(absl::StrCat(node.output(), "/pool"));
  return AddLayer(node, Layer(FlattenLayer()), {y});
}

ValueOr LayerImporter::PoolSides(const std::string& name,
                                 const ImportedValue& x, PoolKind kind,
                                 const std::vector<bool>& reduced) {
  const int rank = x.shape.rank() - 1;
  PoolSpec spec{.kind = kind, .window = {.kernel = Axes::Filled(rank, 1)}};
  spec.window.stride = spec.window.kernel;
  for (int axis = 0; axis < rank; ++axis) {
    if (reduced[axis]) spec.window.kernel[axis] = x.shape.dim(axis);
  }
  LENSLET_ASSIGN_OR_RETURN(
      ImportedValue y,
      AddNamedLayer(name, Layer(PoolLayer{rank, spec}), {x}, {}));
  y.axes = x.axes;
  return y;
}

ValueOr LayerImporter::ReduceSomeSides(const NodeReader& node,
                                       const ImportedValue& x, PoolKind kind,
                                       const std::vector<bool>& reduced,
                                       bool keeps_axes) {
  if (keeps_axes) return PoolSides(node.output(), x, kind, reduced);
  LENSLET_ASSIGN_OR_RETURN(
      const ImportedValue y,
      PoolSides(absl::StrCat(node.output(), "/pool"), x, kind, reduced));
  Ints kept;
  std::vector<int> kept_axis(
      x.shape.rank());  // Of those, for each of Lenslet's.
  for (int axis = 0; axis < x.shape.rank(); ++axis) {
    kept_axis[axis] = static_cast<int>(kept.size());
    if (!reduced[axis]) kept.push_back(x.shape.dim(axis));
  }
  LENSLET_ASSIGN_OR_RETURN(
      ImportedValue image,
      AddLayer(node, Layer(ReshapeLayer{{kept.begin(), kept.end()}}), {y}));
  image.axes.clear();
  for (const int axis : x.axes) {
    if (!reduced[axis]) image.axes.push_back(kept_axis[axis]);
  }
  return image;
}

bool LayerImporter::IsMeanOfSides(const ImportedValue& x) {
  const int sides = x.shape.rank() - 1;
  return (x.form == Form::kMean || x.form == Form::kCentered) && sides >= 1 &&
         sides <= Axes::kMaxRank && x.shape.dim(sides) == 1 &&
         x.first_axis < sides;
}

ValueOr LayerImporter::MeanOfSides(const std::string& name, ImportedValue x) {
  const bool is_mean = x.form == Form::kMean;
  x.form = Form::kPlain;
  std::vector<bool> reduced(x.shape.rank(), false);
  std::fill(reduced.begin() + x.first_axis, reduced.end() - 1, true);
  LENSLET_ASSIGN_OR_RETURN(
      ImportedValue mean,
      PoolSides(is_mean ? name : absl::StrCat(name, "/mean"), x,
                PoolKind::kAverage, reduced));
  if (is_mean) return mean;
  LENSLET_ASSIGN_OR_RETURN(mean, ScaleChannels(absl::StrCat(name, "/negative"),
                                               mean, {-1.0f}, std::nullopt));
  LENSLET_ASSIGN_OR_RETURN(
      ImportedValue y,
      AddNamedLayer(name, Layer(lenslet::AddLayer()), {x, mean}, {}));
  y.axes = x.axes;
  return y;
}

ValueOr LayerImporter::Pad(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> pads,
                           IntsFrom(node, 1, "pads"));
  LENSLET_ASSIGN_OR_RETURN(const std::string mode,
                           node.Text("mode", "constant"));
  LENSLET_ASSIGN_OR_RETURN(float value, node.Float("value", 0));
  if (node.HasInput(2)) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* constant,
                             FloatConstant(node, 2, "value"));
    if (constant->size() > 0) value = constant->floats[0];
  }
  const int rank = x.shape.rank();
  Ints axes(rank + 1);
  std::iota(axes.begin(), axes.end(), 0);
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> given,
                           IntsFrom(node, 3, "axes"));
  if (given) axes = *given;
  if (!pads || pads->size() != 2 * axes.size()) {
    return Wrong(absl::StrCat("its pads has ", Numbers(pads ? pads->size() : 0),
                              "; expected ", 2 * axes.size()));
  }
  PadSpec spec{.padding = Padding(Axes::Filled(std::max(rank - 1, 0) % 4, 0),
                                  Axes::Filled(std::max(rank - 1, 0) % 4, 0))};
  bool pads_nothing = true;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t before = (*pads)[i];
    const int64_t after = (*pads)[axes.size() + i];
    if (before == 0 && after == 0) continue;
    pads_nothing = false;
    if (before < 0 || after < 0) {
      return Lacking("its pads cut off; expected numbers of at least 0");
    }
    LENSLET_ASSIGN_OR_RETURN(const int inner, InnerAxis(axes[i], x));
    const int axis = x.axes[inner];
    if (axis >= rank - 1 || rank < 2 || rank > Axes::kMaxRank + 1) {
      return Lacking("it pads channels; expected the sides of images");
    }
    spec.padding.before[axis] = before;
    spec.padding.after[axis] = after;
  }
  if (pads_nothing) return Renamed(node, x);
  if (mode == "constant" && value <= kLowest && x.is_multiple() &&
      HasOneReader(node.output())) {
    x.form = Form::kPaddedBelow;
    x.padding = spec.padding;
    return x;
  }
  LENSLET_ASSIGN_OR_RETURN(x, PlainValue(node, 0));
  if (mode == "reflect") {
    spec.mode = PaddingMode::kReflect;
  } else if (mode == "edge") {
    spec.mode = PaddingMode::kReplicate;
  } else if (mode != "constant" || value != 0) {
    return Lacking(absl::StrCat("it pads with ", value, " in mode ",
                                QuotedName(mode),
                                "; expected 0, reflect or edge"));
  }
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y, AddLayer(node, Layer(spec), {x}));
  y.axes = x.axes;
  return y;
}

}  // namespace lenslet
