// Local response normalization as PyTorch exports it: squares get an axis of
// one channel before their channels, which then are the side of an image; zeros
// are added on both sides, a pooling averages, and the axis goes again. The
// mean is multiplied, added to, raised to a power, and divides what was
// squared.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/import_layers.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;

absl::Status NoWindow(const std::string& reason) {
  return absl::UnimplementedError(absl::StrCat(
      reason,
      ", which layers know only as part of local response normalization, x / "
      "(bias + alpha * mean)^beta"));
}

bool AllAre(absl::Span<const int64_t> numbers, int64_t number) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [&](int64_t each) { return each == number; });
}

// The sizes after the batch.
Ints SizesOf(const ImportedValue& x) {
  Ints sizes;
  for (const int axis : x.axes) sizes.push_back(x.shape.dim(axis));
  return sizes;
}

// The same with an axis of one channel.
Ints RaisedSizes(const ImportedValue& x) {
  Ints sizes = SizesOf(x);
  sizes.insert(sizes.begin(), 1);
  return sizes;
}

// Adds zeros before and after channels by ONNX's pads of the axes from theirs
// on.
absl::Status AddPads(absl::Span<const int64_t> before,
                     absl::Span<const int64_t> after, ChannelWindow& window) {
  constexpr int64_t kMaxPad = int64_t{1} << 30;
  if (before.empty() || !AllAre(before.subspan(1), 0) ||
      !AllAre(after.subspan(1), 0) || before[0] < 0 || after[0] < 0 ||
      before[0] > kMaxPad || after[0] > kMaxPad) {
    return NoWindow("it pads squares along other axes than their channels");
  }
  window.before += before[0];
  window.after += after[0];
  return absl::OkStatus();
}

}  // namespace

bool LayerImporter::RaisesSquares(const NodeReader& node,
                                  const ImportedValue& x) const {
  if ((node.type() != "Unsqueeze" && node.type() != "Reshape") || x.layer < 0 ||
      !x.is_plain() || x.stands_in || x.shape.rank() < 2 ||
      x.axes != ChannelsFirstAxes(x.shape.rank())) {
    return false;
  }
  const ImportedLayer& layer = layers_[x.layer];
  if (!std::holds_alternative<MulLayer>(layer.layer.spec()) ||
      layer.inputs.size() != 2 || layer.inputs[0] != layer.inputs[1]) {
    return false;
  }
  if (node.type() == "Reshape") {
    const absl::StatusOr<Ints> sizes = ReshapedSizes(node, SizesOf(x));
    return sizes.ok() && *sizes == RaisedSizes(x);
  }
  const absl::StatusOr<std::optional<Ints>> axes = IntsFrom(node, 1, "axes");
  return axes.ok() && *axes == Ints{1};
}

absl::StatusOr<ImportedValue> LayerImporter::PadWindow(const NodeReader& node,
                                                       ImportedValue x) const {
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> pads,
                           IntsFrom(node, 1, "pads"));
  LENSLET_ASSIGN_OR_RETURN(const std::string mode,
                           node.Text("mode", "constant"));
  LENSLET_ASSIGN_OR_RETURN(float number, node.Float("value", 0));
  if (node.HasInput(2)) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* constant,
                             FloatConstant(node, 2, "value"));
    if (constant->size() > 0) number = constant->floats[0];
  }
  const size_t rank = x.axes.size() + 2;
  if (mode != "constant" || number != 0 || node.HasInput(3) || !pads ||
      pads->size() != 2 * rank || (*pads)[0] != 0 || (*pads)[1] != 0 ||
      (*pads)[rank] != 0 || (*pads)[rank + 1] != 0) {
    return NoWindow("it does not pad the channels of squares with zeros");
  }
  const absl::Span<const int64_t> all = *pads;
  LENSLET_RETURN_IF_ERROR(
      AddPads(all.subspan(2, rank - 2), all.subspan(rank + 2), x.window));
  return x;
}

absl::StatusOr<ImportedValue> LayerImporter::PoolWindow(const NodeReader& node,
                                                        ImportedValue x) const {
  const size_t rank = x.axes.size();
  const Ints ones(rank, 1);
  LENSLET_ASSIGN_OR_RETURN(const Ints kernel, node.Ints("kernel_shape", {}));
  LENSLET_ASSIGN_OR_RETURN(const Ints strides, node.Ints("strides", ones));
  LENSLET_ASSIGN_OR_RETURN(const Ints dilations, node.Ints("dilations", ones));
  LENSLET_ASSIGN_OR_RETURN(const Ints pads,
                           node.Ints("pads", Ints(2 * rank, 0)));
  LENSLET_ASSIGN_OR_RETURN(const std::string auto_pad,
                           node.Text("auto_pad", "NOTSET"));
  LENSLET_ASSIGN_OR_RETURN(const int64_t counts,
                           node.Int("count_include_pad", 0));
  if (kernel.size() != rank || kernel[0] < 1 ||
      !AllAre(absl::MakeConstSpan(kernel).subspan(1), 1) || strides != ones ||
      dilations != ones || pads.size() != 2 * rank || auto_pad != "NOTSET" ||
      (counts == 0 && !AllAre(pads, 0))) {
    return NoWindow("it averages squares over more than their channels");
  }
  const absl::Span<const int64_t> all = pads;
  LENSLET_RETURN_IF_ERROR(
      AddPads(all.subspan(0, rank), all.subspan(rank), x.window));
  ChannelWindow& window = x.window;
  window.size = kernel[0];
  if (window.before != (window.size - 1) / 2 ||
      window.after != window.size / 2) {
    return absl::UnimplementedError(absl::StrCat(
        "it averages the channels from ", window.before, " before to ",
        window.size - 1 - window.before, " after each, of ", window.before,
        " and ", window.after,
        " zeros; expected as many before as after, and as many zeros, as of an "
        "odd size"));
  }
  return x;
}

absl::StatusOr<ImportedValue> LayerImporter::DivideByWindow(
    const NodeReader& node, const ImportedValue& window) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, RawValue(node, 0));
  if (!x.is_plain() || x.layer != window.layer || x.axes != window.axes ||
      !x.order.empty() || window.window.is_raised) {
    return NoWindow("it divides another value than what was squared");
  }
  const LrnSpec spec = {.size = window.window.size,
                        .alpha = static_cast<float>(window.factor),
                        .beta = window.window.beta,
                        .bias = static_cast<float>(window.offset)};
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y, AddLayer(node, Layer(spec), {x}));
  y.axes = x.axes;
  return y;
}

std::optional<absl::StatusOr<ImportedValue>> LayerImporter::LrnStep(
    const NodeReader& node) {
  const std::string& type = node.type();
  if (type == "Div" && node.HasInput(1)) {
    const absl::StatusOr<ImportedValue> divisor = Find(node.input(1));
    if (divisor.ok() && divisor->form == Form::kWindowPower) {
      return DivideByWindow(node, *divisor);
    }
  }
  if (!node.HasInput(0)) return std::nullopt;
  absl::StatusOr<ImportedValue> found = Find(node.input(0));
  if (!found.ok()) return std::nullopt;
  ImportedValue x = *std::move(found);
  if (RaisesSquares(node, x)) {
    x.layer = layers_[x.layer].inputs[0];
    x.form = Form::kWindowMean;
    return x;
  }
  if (x.form != Form::kWindowMean) return std::nullopt;
  ChannelWindow& window = x.window;
  if (type == "Pad" && window.is_raised && window.size == 0) {
    return PadWindow(node, std::move(x));
  }
  if (type == "AveragePool" && window.is_raised && window.size == 0) {
    return PoolWindow(node, std::move(x));
  }
  if (type == "Squeeze" && window.is_raised) {
    const absl::StatusOr<std::optional<Ints>> axes = IntsFrom(node, 1, "axes");
    if (!axes.ok() || *axes != Ints{1}) return std::nullopt;
    window.is_raised = false;
    return x;
  }
  if (type == "Reshape") {
    const absl::StatusOr<Ints> sizes =
        ReshapedSizes(node, window.is_raised ? RaisedSizes(x) : SizesOf(x));
    if (!sizes.ok()) return std::nullopt;
    window.is_raised = *sizes == RaisedSizes(x);
    if (!window.is_raised && *sizes != SizesOf(x)) return std::nullopt;
    return x;
  }
  if (type == "Pow" && window.size > 0) {
    const OnnxConstant* exponent = FindConstant(node, 1);
    if (exponent == nullptr || !exponent->is_float() || exponent->size() != 1) {
      return std::nullopt;
    }
    x.form = Form::kWindowPower;
    window.beta = exponent->floats[0];
    return x;
  }
  return std::nullopt;
}

}  // namespace lenslet
