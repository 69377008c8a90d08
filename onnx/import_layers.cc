#include "lenslet/onnx/import_layers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/fold_constants.h"
#include "lenslet/onnx/nearest_form.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

// What no number of a network is below.
constexpr float kLowest = -1e30f;

// Numbers in computed constants: 1 GiB at most.
constexpr int64_t kMostFolded = int64_t{1} << 27;

// Where indices of all elements are compared one by one.
constexpr int64_t kMaxReordered = int64_t{1} << 26;

absl::Status Wrong(const std::string& reason) {
  return absl::InvalidArgumentError(reason);
}

absl::Status Lacking(const std::string& reason) {
  return absl::UnimplementedError(reason);
}

bool IsNear(double a, double b) { return std::abs(a - b) < 1e-6; }

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

Ints DimsOf(const ImportedValue& x) {
  Ints dims;
  for (const int axis : x.axes) dims.push_back(x.shape.dim(axis));
  return dims;
}

std::string DimsText(const ImportedValue& x) {
  return absl::StrCat("[batch", x.axes.empty() ? "" : ", ",
                      absl::StrJoin(DimsOf(x), ", "), "]");
}

// Puts a vector with a number for each element of `x` into Lenslet's order.
std::vector<float> InLensletsOrder(const ImportedValue& x,
                                   const std::vector<float>& numbers) {
  if (x.order.empty()) return numbers;
  std::vector<float> ordered(numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) ordered[x.order[i]] = numbers[i];
  return ordered;
}

// For each of ONNX's elements, in order, the index of Lenslet's.
Ints IndicesOf(const ImportedValue& x) {
  if (!x.order.empty()) return x.order;
  const auto rank = static_cast<int>(x.axes.size());
  Ints strides(rank, 1);
  for (int axis = rank - 2; axis >= 0; --axis) {
    strides[axis] = strides[axis + 1] * x.shape.dim(axis + 1);
  }
  const Ints dims = DimsOf(x);
  Ints position(rank, 0), indices;
  indices.reserve(x.shape.elements());
  for (int64_t n = 0; n < x.shape.elements(); ++n) {
    int64_t index = 0;
    for (int i = 0; i < rank; ++i) index += position[i] * strides[x.axes[i]];
    indices.push_back(index);
    for (int i = rank - 1; i >= 0 && ++position[i] == dims[i]; --i) {
      position[i] = 0;
    }
  }
  return indices;
}

// Whether layers know the form only as a step of layer normalization.
bool IsNormalizationStep(Form form) {
  return form != Form::kPlain && form != Form::kErf && form != Form::kPhi &&
         form != Form::kGelu && form != Form::kPaddedBelow;
}

bool IsAscending(const Ints& indices) {
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

// ONNX's axis after the batch, from 0, for an attribute that counts the batch
// and may count from the end.
absl::StatusOr<int> InnerAxis(int64_t axis, const ImportedValue& x) {
  const auto rank = static_cast<int64_t>(x.axes.size()) + 1;
  const int64_t positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= rank) {
    return Wrong(absl::StrCat("its axis is ", axis, "; its input ", DimsText(x),
                              " has ", rank));
  }
  if (positive == 0) return Lacking("its axis is that of the batch");
  return static_cast<int>(positive) - 1;
}

// Lenslet's first axis of those that are marked, if all after it are too.
std::optional<int> FirstOfTrailing(const std::vector<bool>& marked) {
  const auto first = std::find(marked.begin(), marked.end(), true);
  if (first == marked.end() ||
      std::find(first, marked.end(), false) != marked.end()) {
    return std::nullopt;
  }
  return static_cast<int>(first - marked.begin());
}

// A constant that ONNX repeats where it meets `x`, as a number for each element
// of Lenslet's axes from `first_axis` on; nullopt if it has other axes or
// sizes.
std::optional<std::vector<float>> FeatureNumbers(const ImportedValue& x,
                                                 const OnnxConstant& constant,
                                                 int first_axis) {
  const int rank = x.shape.rank();
  // ONNX aligns the last axes.
  const int missing = rank + 1 - static_cast<int>(constant.dims.size());
  if (missing < 0) return std::nullopt;
  Ints strides(rank, 0);  // Of the constant, along Lenslet's axes.
  int64_t stride = 1;
  for (int axis = rank; axis >= missing; --axis) {
    const int64_t size = constant.dims[axis - missing];
    if (size != 1) {
      if (axis == 0) return std::nullopt;
      const int to = x.axes[axis - 1];
      if (to < first_axis || size != x.shape.dim(to)) return std::nullopt;
      strides[to] = stride;
    }
    stride *= size;
  }
  std::vector<float> numbers;
  Ints position(rank, 0);
  int64_t count = 1;
  for (int axis = first_axis; axis < rank; ++axis) count *= x.shape.dim(axis);
  for (int64_t n = 0; n < count; ++n) {
    int64_t index = 0;
    for (int axis = first_axis; axis < rank; ++axis) {
      index += position[axis] * strides[axis];
    }
    numbers.push_back(constant.floats[index]);
    for (int axis = rank - 1;
         axis >= first_axis && ++position[axis] == x.shape.dim(axis); --axis) {
      position[axis] = 0;
    }
  }
  return InLensletsOrder(x, numbers);
}

// A window as a node describes it.
struct NodeWindow {
  Window window;
  bool same_upper = false;
  bool same = false;  // auto_pad is SAME_...
};

absl::StatusOr<Axes> AxesOf(const NodeReader& node, absl::string_view attribute,
                            int rank, int64_t otherwise) {
  LENSLET_ASSIGN_OR_RETURN(const Ints values,
                           node.Ints(attribute, Ints(rank, otherwise)));
  if (static_cast<int>(values.size()) != rank) {
    return Wrong(absl::StrCat("its ", attribute, " has ", values.size(),
                              " numbers; expected ", rank));
  }
  return Axes::Create(values);
}

absl::StatusOr<NodeWindow> WindowOf(const NodeReader& node, const Axes& kernel,
                                    const Axes& input) {
  const int rank = kernel.rank();
  NodeWindow result;
  Window& window = result.window;
  window.kernel = kernel;
  LENSLET_ASSIGN_OR_RETURN(window.stride, AxesOf(node, "strides", rank, 1));
  LENSLET_ASSIGN_OR_RETURN(window.dilation, AxesOf(node, "dilations", rank, 1));
  LENSLET_ASSIGN_OR_RETURN(const std::string auto_pad,
                           node.Text("auto_pad", "NOTSET"));
  window.padding = Padding(Axes::Filled(rank, 0), Axes::Filled(rank, 0));
  if (auto_pad == "VALID") return result;
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    result.same = true;
    result.same_upper = auto_pad == "SAME_UPPER";
    for (int i = 0; i < rank; ++i) {
      if (window.stride[i] < 1 || window.dilation[i] < 1 || kernel[i] < 1 ||
          std::max({window.stride[i], window.dilation[i], kernel[i]}) >
              kMaxAxisSize) {
        return Wrong("its kernel, strides or dilations are out of range");
      }
      const int64_t output =
          (input[i] + window.stride[i] - 1) / window.stride[i];
      const int64_t total = std::max<int64_t>(
          0, (output - 1) * window.stride[i] +
                 (kernel[i] - 1) * window.dilation[i] + 1 - input[i]);
      const int64_t less = total / 2;
      window.padding.before[i] = result.same_upper ? less : total - less;
      window.padding.after[i] = total - window.padding.before[i];
    }
    return result;
  }
  if (auto_pad != "NOTSET") {
    return Wrong(
        absl::StrCat("its auto_pad is ", QuotedName(auto_pad),
                     "; expected NOTSET, VALID, SAME_UPPER or SAME_LOWER"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Ints pads,
                           node.Ints("pads", Ints(2 * rank, 0)));
  if (static_cast<int>(pads.size()) != 2 * rank) {
    return Wrong(absl::StrCat("its pads has ", pads.size(),
                              " numbers; expected ", 2 * rank));
  }
  for (int i = 0; i < rank; ++i) {
    if (pads[i] < 0 || pads[rank + i] < 0) {
      return Lacking(absl::StrCat("its pads is [", absl::StrJoin(pads, ", "),
                                  "]; expected numbers of at least 0"));
    }
    window.padding.before[i] = pads[i];
    window.padding.after[i] = pads[rank + i];
  }
  return result;
}

Axes SpatialSizes(const Shape& image) {
  Axes sizes = Axes::Filled(image.rank() - 1, 0);
  for (int i = 0; i + 1 < image.rank(); ++i) sizes[i] = image.dim(i);
  return sizes;
}

bool HasPadding(const Window& window) {
  const auto is_positive = [](int64_t n) { return n > 0; };
  return std::any_of(window.padding.before.begin(), window.padding.before.end(),
                     is_positive) ||
         std::any_of(window.padding.after.begin(), window.padding.after.end(),
                     is_positive);
}

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

}  // namespace

std::vector<int> ChannelsFirstAxes(int rank) {
  std::vector<int> axes;
  if (rank > 0) axes.push_back(rank - 1);
  for (int axis = 0; axis + 1 < rank; ++axis) axes.push_back(axis);
  return axes;
}

LayerImporter::LayerImporter(int opset, const std::string& folder,
                             const std::string& name, ImportedValue input,
                             const std::string& output,
                             std::map<std::string, int> readers)
    : opset_(opset),
      folder_(folder),
      output_name_(output),
      readers_(std::move(readers)) {
  input_shape_ = input.shape;
  values_[name] = std::move(input);
  input_layer_name_ = NameFor(name);
}

bool LayerImporter::HasOneReader(const std::string& value) const {
  const auto found = readers_.find(value);
  return found != readers_.end() && found->second == 1;
}

ValueOr LayerImporter::Find(const std::string& name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  if (failed_.count(name) > 0) return absl::CancelledError();
  return Wrong(
      constants_.count(name) > 0
          ? absl::StrCat(QuotedName(name), " does not depend on the input")
          : absl::StrCat("no node writes ", QuotedName(name)));
}

absl::Status LayerImporter::Add(const onnx::NodeProto& node) {
  const NodeReader reader(node);
  const auto fail = [&](absl::Status status) {
    for (const std::string& output : node.output()) failed_.insert(output);
    return status;
  };
  if (node.output_size() == 0) return Wrong("it has no output");
  if (!node.domain().empty() && node.domain() != "ai.onnx") {
    return fail(
        Lacking(absl::StrCat("its domain is ", QuotedName(node.domain()),
                             "; expected ONNX's own operators")));
  }
  bool all_constant = true;
  std::vector<const OnnxConstant*> inputs;
  for (const std::string& input : node.input()) {
    if (input.empty()) {
      inputs.push_back(nullptr);
      continue;
    }
    const auto constant = constants_.find(input);
    inputs.push_back(constant == constants_.end() ? nullptr
                                                  : &constant->second);
    if (constant != constants_.end()) continue;
    all_constant = false;
    if (failed_.count(input) > 0) return fail(absl::CancelledError());
    if (values_.count(input) == 0) {
      return fail(Wrong(absl::StrCat("it reads ", QuotedName(input),
                                     ", which no node before it writes")));
    }
  }
  if (node.op_type() == "Constant") {
    absl::StatusOr<OnnxConstant> constant = ReadConstant(reader);
    if (!constant.ok()) return fail(constant.status());
    constants_[node.output(0)] = *std::move(constant);
    return absl::OkStatus();
  }
  if (all_constant) {
    absl::StatusOr<OnnxConstant> constant = FoldConstants(reader, inputs);
    if (!constant.ok()) return fail(constant.status());
    folded_ += constant->size();
    if (folded_ > kMostFolded) {
      return fail(absl::InvalidArgumentError(
          absl::StrCat("the constants computed so far have ", folded_,
                       " numbers; expected at most ", kMostFolded)));
    }
    constants_[node.output(0)] = *std::move(constant);
    return absl::OkStatus();
  }
  if (node.op_type() == "Shape") {
    absl::StatusOr<OnnxConstant> constant = ReadShape(reader);
    if (!constant.ok()) return fail(constant.status());
    constants_[node.output(0)] = *std::move(constant);
    return absl::OkStatus();
  }
  ValueOr value = Convert(reader);
  if (!value.ok()) return fail(value.status());
  // Gelu's last factor may be the first.
  if (value->form == Form::kGelu && IsNear(value->factor, 0.5)) {
    ImportedValue x = *value;
    x.form = Form::kPlain;
    value = ActivationOf(reader, x, {.kind = ActivationKind::kGelu});
    if (!value.ok()) return fail(value.status());
  }
  values_[node.output(0)] = *std::move(value);
  return absl::OkStatus();
}

absl::StatusOr<OnnxConstant> LayerImporter::ReadConstant(
    const NodeReader& node) const {
  if (const onnx::TensorProto* tensor = node.Tensor("value")) {
    return ConstantOf(*tensor, folder_);
  }
  OnnxConstant constant;
  if (node.Has("value_float")) {
    LENSLET_ASSIGN_OR_RETURN(const float number, node.Float("value_float", 0));
    constant.floats = {number};
  } else if (node.Has("value_int") || node.Has("value_ints")) {
    constant.is_float = false;
    if (node.Has("value_int")) {
      LENSLET_ASSIGN_OR_RETURN(const int64_t number, node.Int("value_int", 0));
      constant.ints = {number};
    } else {
      LENSLET_ASSIGN_OR_RETURN(constant.ints, node.Ints("value_ints", {}));
      constant.dims = {constant.size()};
    }
  } else {
    return Lacking("it has no array of numbers as value");
  }
  return constant;
}

absl::StatusOr<OnnxConstant> LayerImporter::ReadShape(
    const NodeReader& node) const {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, RawValue(node, 0));
  OnnxConstant shape{.is_float = false};
  shape.ints = DimsOf(x);
  shape.ints.insert(shape.ints.begin(), kBatchSize);
  const int64_t rank = shape.size();
  LENSLET_ASSIGN_OR_RETURN(int64_t start, node.Int("start", 0));
  LENSLET_ASSIGN_OR_RETURN(int64_t end, node.Int("end", rank));
  for (int64_t* bound : {&start, &end}) {
    if (*bound < 0) *bound = std::max(*bound, -rank) + rank;
    *bound = std::min(*bound, rank);
  }
  shape.ints = Ints(shape.ints.begin() + start,
                    shape.ints.begin() + std::max(start, end));
  shape.dims = {shape.size()};
  return shape;
}

std::string LayerImporter::NameFor(const std::string& output) {
  std::string name;
  for (const char c : output) {
    const bool fits =
        absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        absl::string_view("_-./").find(c) != absl::string_view::npos;
    name.push_back(fits ? c : '_');
  }
  // Room for a number.
  name = name.substr(0, GraphBuilder::kMaxNameBytes - 10);
  if (name.empty()) name = "layer";
  const int count = ++names_[name];
  return count == 1 ? name : NameFor(absl::StrCat(name, "_", count));
}

ValueOr LayerImporter::AddLayer(const NodeReader& node, Layer layer,
                                std::vector<ImportedValue> inputs,
                                std::vector<std::vector<float>> parameters) {
  return AddNamedLayer(node.output(), std::move(layer), std::move(inputs),
                       std::move(parameters));
}

ValueOr LayerImporter::AddChannelwise(const std::string& name,
                                      const ImportedValue& x,
                                      std::vector<float> factors,
                                      std::optional<std::vector<float>> terms) {
  const int rank = x.shape.rank() - 1;
  const ConvSpec spec = {.output_channels = x.shape.dim(rank),
                         .window = {.kernel = Axes::Filled(rank, 1)},
                         .has_bias = terms.has_value(),
                         .groups = x.shape.dim(rank)};
  std::vector<std::vector<float>> parameters = {std::move(factors)};
  if (terms) parameters.push_back(*std::move(terms));
  LENSLET_ASSIGN_OR_RETURN(
      ImportedValue y, AddNamedLayer(name, Layer(ConvLayer{rank, spec}), {x},
                                     std::move(parameters)));
  y.axes = x.axes;
  return y;
}

ValueOr LayerImporter::AddNamedLayer(
    const std::string& name, Layer layer, std::vector<ImportedValue> inputs,
    std::vector<std::vector<float>> parameters) {
  std::vector<Shape> shapes;
  std::vector<int> indices;
  for (const ImportedValue& input : inputs) {
    shapes.push_back(input.shape);
    indices.push_back(input.layer);
  }
  LENSLET_ASSIGN_OR_RETURN(const LayerInfo info, layer.Infer(shapes));
  if (info.parameters.size() != parameters.size()) {
    return Wrong(absl::StrCat("it has ", parameters.size(),
                              " parameters; expected ",
                              info.parameters.size()));
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    const ParameterInfo& expected = info.parameters[i];
    if (static_cast<int64_t>(parameters[i].size()) !=
        expected.shape.elements()) {
      return Wrong(absl::StrCat("its ", expected.name, " has ",
                                parameters[i].size(), " numbers; expected ",
                                expected.shape.elements()));
    }
  }
  ImportedValue output{.layer = static_cast<int>(layers_.size()),
                       .shape = info.output,
                       .axes = ChannelsFirstAxes(info.output.rank())};
  layers_.push_back({.name = NameFor(name),
                     .layer = std::move(layer),
                     .inputs = std::move(indices),
                     .parameters = std::move(parameters),
                     .output = info.output});
  return output;
}

ImportedValue LayerImporter::Renamed(const NodeReader& node, ImportedValue x) {
  if (x.layer >= 0 && HasOneReader(node.input(0)) &&
      absl::StartsWith(layers_[x.layer].name,
                       absl::StrCat(node.output(), "/"))) {
    layers_[x.layer].name = NameFor(node.output());
  }
  return x;
}

ValueOr LayerImporter::RawValue(const NodeReader& node, int i) const {
  if (!node.HasInput(i)) {
    return Wrong(absl::StrCat("its input ", i, " is missing"));
  }
  return Find(node.input(i));
}

ValueOr LayerImporter::PlainValue(const NodeReader& node, int i) {
  LENSLET_RETURN_IF_ERROR(RawValue(node, i).status());
  return FindPlain(node.input(i));
}

ValueOr LayerImporter::FindPlain(const std::string& name) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, Find(name));
  if (x.is_plain()) return x;
  const int rank = x.shape.rank();
  if (x.form == Form::kPlain && rank > 1 && rank <= Axes::kMaxRank + 1) {
    const int64_t channels = x.shape.dim(rank - 1);
    std::optional<std::vector<float>> terms;
    if (x.offset != 0) {
      terms.emplace(channels, static_cast<float>(x.offset));
    }
    LENSLET_ASSIGN_OR_RETURN(
        ImportedValue y,
        AddChannelwise(
            name, x, std::vector<float>(channels, static_cast<float>(x.factor)),
            std::move(terms)));
    values_[name] = y;
    return y;
  }
  if (x.form == Form::kPlain && x.offset != 0) {
    return Lacking(absl::StrCat("it reads a value times ", x.factor, " plus ",
                                x.offset, ", which no layer computes"));
  }
  if (x.form == Form::kPlain) {
    return Lacking(absl::StrCat("it reads a value times ", x.factor,
                                ", which no layer computes"));
  }
  if (IsNormalizationStep(x.form)) {
    return Lacking(
        "it reads a mean or a variance, which layers know only as part of "
        "layer "
        "normalization, (x - mean) / sqrt(variance + epsilon)");
  }
  if (x.form == Form::kPaddedBelow) {
    return Lacking(
        "it reads padding below all numbers, which layers know only before "
        "maximum pooling");
  }
  return Lacking(
      "it reads an error function, which layers know only as part of GELU, "
      "x * (1 + erf(x / sqrt(2))) / 2");
}

ValueOr LayerImporter::Image(const NodeReader& node, int i) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, PlainValue(node, i));
  if (x.shape.rank() < 2 || x.shape.rank() > Axes::kMaxRank + 1) {
    return Wrong(absl::StrCat("its input is ", DimsText(x),
                              "; expected [batch, channels] and 1 to 3 sizes"));
  }
  if (x.axes != ChannelsFirstAxes(x.shape.rank())) {
    return Lacking(
        "its input has the axes of an image with channels last; expected "
        "channels first");
  }
  return x;
}

const OnnxConstant* LayerImporter::FindConstant(const NodeReader& node,
                                                int i) const {
  if (!node.HasInput(i)) return nullptr;
  const auto found = constants_.find(node.input(i));
  return found == constants_.end() ? nullptr : &found->second;
}

absl::StatusOr<const OnnxConstant*> LayerImporter::FloatConstant(
    const NodeReader& node, int i, absl::string_view what) const {
  const OnnxConstant* constant = FindConstant(node, i);
  if (constant == nullptr) {
    return Lacking(absl::StrCat("its ", what,
                                " depends on the input; expected a constant"));
  }
  if (!constant->is_float) {
    return Wrong(
        absl::StrCat("its ", what, " has whole numbers; expected floats"));
  }
  return constant;
}

absl::StatusOr<std::optional<Ints>> LayerImporter::IntsFrom(
    const NodeReader& node, int i, const char* attribute) const {
  if (node.HasInput(i)) {
    const OnnxConstant* constant = FindConstant(node, i);
    if (constant == nullptr || constant->is_float) {
      return Lacking(
          absl::StrCat("its ", attribute, " are no constant of whole numbers"));
    }
    return constant->ints;
  }
  if (!node.Has(attribute)) return std::nullopt;
  LENSLET_ASSIGN_OR_RETURN(Ints values, node.Ints(attribute, {}));
  return values;
}

ValueOr LayerImporter::Convert(const NodeReader& node) {
  const std::string& type = node.type();
  const auto activation = [&](ActivationKind kind) {
    return Activation(node, ActivationSpec{.kind = kind});
  };
  if (type == "Conv") return Conv(node);
  if (type == "ConvTranspose") return ConvTranspose(node);
  if (type == "Gemm") return Gemm(node);
  if (type == "MatMul") return MatMul(node);
  if (type == "BatchNormalization") return BatchNormalization(node);
  if (type == "LayerNormalization") return LayerNormalization(node);
  if (type == "LRN") return Lrn(node);
  if (type == "Pow") return Pow(node);
  if (type == "Sqrt" || type == "Reciprocal") {
    LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
    const Form before = type == "Sqrt" ? Form::kVariance : Form::kDeviation;
    if (x.form != before) {
      return Lacking(
          "no layer computes it, but for the deviation of a layer "
          "normalization, (x - mean) / sqrt(variance + epsilon)");
    }
    x.form = type == "Sqrt" ? Form::kDeviation : Form::kInverse;
    return x;
  }
  if (type == "MaxPool" || type == "AveragePool") return Pool(node);
  if (type == "GlobalMaxPool") return GlobalPool(node, PoolKind::kMax);
  if (type == "GlobalAveragePool") return GlobalPool(node, PoolKind::kAverage);
  if (type == "ReduceMean") return ReduceSpatial(node, PoolKind::kAverage);
  if (type == "ReduceMax") return ReduceSpatial(node, PoolKind::kMax);
  if (type == "Relu") return activation(ActivationKind::kRelu);
  if (type == "Sigmoid") return activation(ActivationKind::kSigmoid);
  if (type == "Tanh") return activation(ActivationKind::kTanh);
  if (type == "Softplus") return activation(ActivationKind::kSoftplus);
  if (type == "LeakyRelu") {
    LENSLET_ASSIGN_OR_RETURN(const float slope, node.Float("alpha", 0.01f));
    return Activation(node,
                      {.kind = ActivationKind::kLeakyRelu, .slope = slope});
  }
  if (type == "Elu") {
    LENSLET_ASSIGN_OR_RETURN(const float alpha, node.Float("alpha", 1.0f));
    return Activation(node, {.kind = ActivationKind::kElu, .alpha = alpha});
  }
  if (type == "Gelu") {
    LENSLET_ASSIGN_OR_RETURN(const std::string approximate,
                             node.Text("approximate", "none"));
    if (approximate != "none") {
      return Lacking("it approximates; expected approximate=\"none\"");
    }
    return activation(ActivationKind::kGelu);
  }
  if (type == "HardSigmoid") {
    LENSLET_ASSIGN_OR_RETURN(const float slope, node.Float("alpha", 0.2f));
    LENSLET_ASSIGN_OR_RETURN(const float offset, node.Float("beta", 0.5f));
    return Activation(node, {.kind = ActivationKind::kHardSigmoid,
                             .hard_slope = slope,
                             .offset = offset});
  }
  if (type == "HardSwish") return activation(ActivationKind::kHardSwish);
  if (type == "Clip") return Clip(node);
  if (type == "Max" || type == "Min") return Bound(node);
  if (type == "Erf") return Erf(node);
  if (type == "Pad") return Pad(node);
  if (type == "Resize" || type == "Upsample") return Resize(node);
  if (type == "Reshape") return ReshapeNode(node);
  if (type == "Flatten") return FlattenNode(node);
  if (type == "Squeeze" || type == "Unsqueeze") return SqueezeNode(node);
  if (type == "Transpose") return Transpose(node);
  if (type == "Concat") return Concat(node);
  if (type == "Sum") return Sum(node);
  if (type == "Add" || type == "Sub" || type == "Mul" || type == "Div") {
    return Arithmetic(node);
  }
  if (type == "Neg") {
    LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
    x.factor = -x.factor;
    x.offset = -x.offset;
    return x.is_plain() ? Renamed(node, x) : x;
  }
  if (type == "Softmax" || type == "LogSoftmax") return Softmax(node);
  if (type == "Identity" || type == "Dropout" || type == "Cast") {
    LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, RawValue(node, 0));
    return Renamed(node, x);
  }
  return Lacking(absl::StrCat("no layer computes it", NearestForm(type)));
}

ValueOr LayerImporter::Conv(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, Image(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* weight,
                           FloatConstant(node, 1, "weight"));
  const int rank = x.shape.rank() - 1;
  const Ints& dims = weight->dims;
  if (static_cast<int>(dims.size()) != rank + 2) {
    return Wrong(absl::StrCat("its weight has ", dims.size(),
                              " axes; expected ", rank + 2));
  }
  LENSLET_ASSIGN_OR_RETURN(const Axes kernel,
                           Axes::Create(absl::MakeConstSpan(dims).subspan(2)));
  LENSLET_ASSIGN_OR_RETURN(const Axes stated,
                           AxesOf(node, "kernel_shape", rank, 0));
  if (node.Has("kernel_shape") && stated != kernel) {
    return Wrong(absl::StrCat("its kernel_shape is ", stated.ToString(),
                              "; its weight's is ", kernel.ToString()));
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t groups, node.Int("group", 1));
  const int64_t channels = x.shape.dim(rank);
  if (groups < 1 || channels % groups != 0 || dims[1] != channels / groups) {
    return Wrong(absl::StrCat("its weight reads ", dims[1], " channels in ",
                              groups, " groups; its input has ", channels));
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
    return Lacking(absl::StrCat("it has ", groups,
                                " groups; expected 1 for a transposed "
                                "convolution"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Axes kernel,
                           Axes::Create(absl::MakeConstSpan(dims).subspan(2)));
  const Axes input = SpatialSizes(x.shape);
  LENSLET_ASSIGN_OR_RETURN(NodeWindow window, WindowOf(node, kernel, input));
  ConvTransposeSpec spec{.output_channels = dims[1],
                         .window = window.window,
                         .has_bias = node.HasInput(2)};
  LENSLET_ASSIGN_OR_RETURN(spec.output_padding,
                           AxesOf(node, "output_padding", rank, 0));
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

ValueOr LayerImporter::MakeLinear(const NodeReader& node,
                                  const ImportedValue& x,
                                  const OnnxConstant& weight, bool transposed,
                                  const OnnxConstant* bias, float alpha,
                                  float beta) {
  if (weight.dims.size() != 2) {
    return Lacking(absl::StrCat("its weight has ", weight.dims.size(),
                                " axes; expected 2"));
  }
  const int rank = x.shape.rank();
  if (rank == 0 || x.axes.back() != rank - 1) {
    return Lacking(
        "it multiplies along an axis that is not the channels'; expected "
        "[batch, features]");
  }
  const int64_t inputs = weight.dims[transposed ? 1 : 0];
  const int64_t outputs = weight.dims[transposed ? 0 : 1];
  if (inputs != x.shape.dim(rank - 1)) {
    return Wrong(absl::StrCat("its weight reads ", inputs,
                              " features; its input is ", DimsText(x)));
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
      return Lacking(absl::StrCat("its bias has ", bias->size(),
                                  " numbers; expected ", outputs));
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
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* weight,
                           FloatConstant(node, 1, "weight"));
  const OnnxConstant* bias = nullptr;
  if (node.HasInput(2)) {
    LENSLET_ASSIGN_OR_RETURN(bias, FloatConstant(node, 2, "bias"));
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t transposes_x, node.Int("transA", 0));
  if (transposes_x != 0) {
    return Lacking("it has transA=1, which mixes images; expected 0");
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t transposed, node.Int("transB", 0));
  LENSLET_ASSIGN_OR_RETURN(const float alpha, node.Float("alpha", 1));
  LENSLET_ASSIGN_OR_RETURN(const float beta, node.Float("beta", 1));
  return MakeLinear(node, x, *weight, transposed != 0, bias, alpha, beta);
}

ValueOr LayerImporter::MatMul(const NodeReader& node) {
  if (FindConstant(node, 0) != nullptr) {
    return Lacking("its first factor is a constant; expected the second");
  }
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* weight,
                           FloatConstant(node, 1, "second factor"));
  return MakeLinear(node, x, *weight, /*transposed=*/false, nullptr, 1, 1);
}

ValueOr LayerImporter::BatchNormalization(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  const int rank = x.shape.rank();
  if (rank == 0 || x.axes[0] != rank - 1) {
    return Lacking(
        "its channels are not ONNX's second axis; expected [batch, "
        "channels, ...]");
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t spatial, node.Int("spatial", 1));
  if (spatial != 1) return Lacking("it has spatial=0; expected 1");
  LENSLET_ASSIGN_OR_RETURN(const int64_t training,
                           node.Int("training_mode", 0));
  if (training != 0) {
    return Lacking(
        "it has training_mode=1; expected a model that was exported for "
        "inference");
  }
  std::vector<std::vector<float>> parameters;
  for (const auto& [i, what] :
       {std::pair(1, "scale"), {2, "B"}, {3, "mean"}, {4, "var"}}) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* parameter,
                             FloatConstant(node, i, what));
    if (parameter->size() != x.shape.dim(rank - 1)) {
      return Wrong(absl::StrCat("its ", what, " has ", parameter->size(),
                                " numbers; its input is ", DimsText(x)));
    }
    parameters.push_back(InLensletsOrder(x, parameter->floats));
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
  const std::optional<int> first = FirstOfTrailing(normalized);
  if (!first) {
    return Lacking(absl::StrCat("it normalizes from axis ", axis, " of ",
                                DimsText(x),
                                " on; expected the channels or all axes"));
  }
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
    return Lacking(
        "its channels are not ONNX's second axis; expected [batch, channels, "
        "...]");
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
  const bool squares =
      exponent != nullptr && exponent->size() == 1 &&
      (exponent->is_float ? exponent->floats[0] == 2 : exponent->ints[0] == 2);
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
      return Lacking("its input has channels last; expected channels first");
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
                           AxesOf(node, "kernel_shape", rank, 1));
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
  // The mean and the variance of a layer normalization.
  if (const std::optional<int> first = FirstOfTrailing(reduced);
      first && kind == PoolKind::kAverage && keep != 0) {
    if (x.is_plain()) {
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
  const auto count = std::count(reduced.begin(), reduced.end(), true);
  if (rank < 2 || count != rank - 1 || reduced[rank - 1]) {
    return Lacking(absl::StrCat(
        "it reduces ",
        axes ? absl::StrCat("the axes [", absl::StrJoin(*axes, ", "), "]")
             : "all axes",
        " of ", DimsText(x), "; expected the height and width of images"));
  }
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           AddLayer(node, Layer(GlobalPoolLayer{kind}), {x}));
  y.axes = x.axes;
  if (keep != 0) return y;
  layers_[y.layer].name = NameFor(absl::StrCat(node.output(), "/pool"));
  return AddLayer(node, Layer(FlattenLayer()), {y});
}

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
    // A step of hard sigmoid, or of hard swish.
    const double size = static_cast<double>(high) - low;
    if (!(x.factor > 0) || size > 1e30) {
      return Lacking(absl::StrCat("it clips a value times ", x.factor, " plus ",
                                  x.offset, " to [", low, ", ", high,
                                  "], which no layer does"));
    }
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
      HasOneReader(node.input(0))) {
    low = 0;
    const int layer = layers_[x.layer].inputs[0];
    x.layer = layer;
  }
  return ActivationOf(node, x,
                      {.kind = ActivationKind::kClip, .min = low, .max = high});
}

ValueOr LayerImporter::Bound(const NodeReader& node) {
  const OnnxConstant* first = FindConstant(node, 0);
  const OnnxConstant* bound = first != nullptr ? first : FindConstant(node, 1);
  if (node.input_count() != 2 || bound == nullptr || !bound->is_float ||
      bound->size() != 1) {
    return Lacking("its inputs are no value and a number; expected both");
  }
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x,
                           PlainValue(node, first != nullptr ? 1 : 0));
  constexpr float kLargest = std::numeric_limits<float>::max();
  const float number = bound->floats[0];
  return node.type() == "Max" ? Clipped(node, x, number, kLargest)
                              : Clipped(node, x, -kLargest, number);
}

const ActivationSpec* LayerImporter::ActivationOfValue(
    const ImportedValue& x) const {
  if (x.layer < 0 || !x.is_multiple()) return nullptr;
  return std::get_if<ActivationSpec>(&layers_[x.layer].layer.spec());
}

ValueOr LayerImporter::Erf(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  if (!x.is_multiple() || !IsNear(x.factor, std::sqrt(0.5))) {
    return Lacking(
        "layers know the error function only as part of GELU, x * (1 + erf(x / "
        "sqrt(2))) / 2");
  }
  x.form = Form::kErf;
  x.factor = 1;
  return x;
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
    return Wrong(absl::StrCat("its pads has ", pads ? pads->size() : 0,
                              " numbers; expected ", 2 * axes.size()));
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

ValueOr LayerImporter::Resize(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, Image(node, 0));
  const int rank = x.shape.rank() - 1;
  // Up to version 10, the scales are the second input; Upsample had an
  // attribute first.
  const bool is_early = node.type() == "Upsample" || opset_ < 11;
  LENSLET_ASSIGN_OR_RETURN(const std::string mode,
                           node.Text("mode", "nearest"));
  LENSLET_ASSIGN_OR_RETURN(const std::string coordinates,
                           node.Text("coordinate_transformation_mode",
                                     is_early ? "asymmetric" : "half_pixel"));
  LENSLET_ASSIGN_OR_RETURN(
      const std::string rounding,
      node.Text("nearest_mode", is_early ? "floor" : "round_prefer_floor"));
  ResizeSpec spec;
  if (mode == "linear" || mode == "bilinear") {
    spec.mode = ResizeMode::kLinear;
  } else if (mode != "nearest") {
    return Lacking(absl::StrCat("its mode is ", QuotedName(mode),
                                "; expected nearest or linear"));
  }
  bool known = false;
  for (const ResizeCoordinates each :
       {ResizeCoordinates::kHalfPixel, ResizeCoordinates::kPytorchHalfPixel,
        ResizeCoordinates::kAlignCorners, ResizeCoordinates::kAsymmetric}) {
    if (coordinates != Name(each)) continue;
    spec.coordinates = each;
    known = true;
  }
  if (!known) {
    return Lacking(absl::StrCat(
        "its coordinate_transformation_mode is ", QuotedName(coordinates),
        "; expected half_pixel, pytorch_half_pixel, align_corners or "
        "asymmetric"));
  }
  known = spec.mode == ResizeMode::kLinear;
  for (const ResizeRounding each :
       {ResizeRounding::kRoundPreferFloor, ResizeRounding::kRoundPreferCeil,
        ResizeRounding::kFloor, ResizeRounding::kCeil}) {
    // Linear has none.
    if (spec.mode == ResizeMode::kLinear || rounding != Name(each)) continue;
    spec.rounding = each;
    known = true;
  }
  if (!known) {
    return Wrong(absl::StrCat("its nearest_mode is ", QuotedName(rounding)));
  }
  for (const char* attribute : {"antialias", "exclude_outside"}) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t value, node.Int(attribute, 0));
    // exclude_outside is for cubic interpolation.
    if (value != 0 && attribute[0] == 'a') {
      return Lacking("it smooths (antialias); expected 0");
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string policy,
                           node.Text("keep_aspect_ratio_policy", "stretch"));
  if (policy != "stretch") {
    return Lacking(absl::StrCat("its keep_aspect_ratio_policy is ",
                                QuotedName(policy), "; expected stretch"));
  }
  std::vector<double> numbers;
  const int scales_input = is_early ? 1 : 2;
  if (node.HasInput(3)) {
    LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> sizes,
                             IntsFrom(node, 3, "sizes"));
    for (const int64_t size : sizes.value_or(Ints())) {
      numbers.push_back(static_cast<double>(size));
    }
  } else if (node.HasInput(scales_input)) {
    LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* scales,
                             FloatConstant(node, scales_input, "scales"));
    numbers.assign(scales->floats.begin(), scales->floats.end());
  } else {
    LENSLET_ASSIGN_OR_RETURN(const std::vector<float> scales,
                             node.Floats("scales"));
    numbers.assign(scales.begin(), scales.end());
  }
  const bool has_sizes = node.HasInput(3);
  // Version 18 may name the axes.
  Ints axes(rank + 2);
  std::iota(axes.begin(), axes.end(), 0);
  LENSLET_ASSIGN_OR_RETURN(axes, node.Ints("axes", axes));
  if (axes.size() != numbers.size()) {
    return Wrong(absl::StrCat("it has ", numbers.size(),
                              " scales or sizes; expected ", axes.size()));
  }
  std::vector<double> by_axis(rank);
  for (int i = 0; i < rank; ++i) {
    by_axis[i] = has_sizes ? static_cast<double>(x.shape.dim(i)) : 1.0;
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t axis = axes[i] < 0 ? axes[i] + rank + 2 : axes[i];
    if (axis < 0 || axis >= rank + 2) return Wrong("its axes are out of range");
    if (axis > 1) {
      by_axis[axis - 2] = numbers[i];
      continue;
    }
    const bool keeps =
        !has_sizes ? numbers[i] == 1
        : axis == 1
            ? numbers[i] == static_cast<double>(x.shape.dim(rank))
            : numbers[i] == static_cast<double>(kBatchSize) || numbers[i] == 1;
    if (!keeps) {
      return Lacking("it resizes the batch or the channels; expected images");
    }
  }
  for (int i = 0; i < rank && !has_sizes; ++i) {
    const double size = static_cast<double>(x.shape.dim(i)) * by_axis[i];
    if (spec.coordinates == ResizeCoordinates::kAlignCorners &&
        size != std::floor(size)) {
      return Lacking(absl::StrCat(
          "its scale makes ", size, " of ", x.shape.dim(i),
          " positions with align_corners, where programs differ; expected "
          "sizes or whole numbers of positions"));
    }
  }
  const bool all_same =
      std::equal(by_axis.begin() + 1, by_axis.end(), by_axis.begin());
  if (all_same) by_axis.resize(1);
  if (has_sizes) {
    Ints sizes;
    for (const double size : by_axis) {
      if (!(size >= 1 && size <= kMaxAxisSize)) {
        return Wrong("its sizes are out of range");
      }
      sizes.push_back(static_cast<int64_t>(size));
    }
    LENSLET_ASSIGN_OR_RETURN(spec.output, Axes::Create(sizes));
  } else {
    spec.scale.assign(by_axis.begin(), by_axis.end());
  }
  return AddLayer(node, Layer(spec), {x});
}

ValueOr LayerImporter::ReshapeTo(const NodeReader& node, const ImportedValue& x,
                                 const Ints& sizes) {
  const int64_t elements = x.shape.elements();
  if (elements > kMaxReordered) {
    return Lacking(absl::StrCat("it reshapes ", elements, " numbers"));
  }
  absl::StatusOr<Shape> as_is = Shape::Create(sizes);
  if (!as_is.ok() || as_is->elements() != elements) {
    return Wrong(absl::StrCat("it reshapes ", DimsText(x), " to [batch, ",
                              absl::StrJoin(sizes, ", "), "]"));
  }
  const Ints indices = IndicesOf(x);
  if (sizes.size() == 1) {
    if (x.shape.rank() == 1) return Renamed(node, x);
    LENSLET_ASSIGN_OR_RETURN(ImportedValue flat,
                             AddLayer(node, Layer(FlattenLayer()), {x}));
    if (!IsAscending(indices)) flat.order = indices;
    return flat;
  }
  if (sizes.empty() || as_is->rank() >= Shape::kMaxRank) {
    return Lacking(absl::StrCat("it reshapes to ", sizes.size(), " axes"));
  }
  // The channels are the first of the sizes, or the last.
  Ints channels_last = sizes;
  std::rotate(channels_last.begin(), channels_last.begin() + 1,
              channels_last.end());
  LENSLET_ASSIGN_OR_RETURN(const Shape image, Shape::Create(channels_last));
  ImportedValue y{.shape = image,
                  .axes = ChannelsFirstAxes(static_cast<int>(sizes.size()))};
  const Ints wanted = IndicesOf(y);
  bool fits = wanted == indices;
  if (!fits && x.shape.rank() == 1 && x.layer >= 0 &&
      HasOneReader(node.input(0)) &&
      std::holds_alternative<LinearLayer>(layers_[x.layer].layer.spec())) {
    // The outputs of a linear layer may have any order.
    for (std::vector<float>& parameter : layers_[x.layer].parameters) {
      const std::vector<float> old = parameter;
      const int64_t row = static_cast<int64_t>(old.size()) / elements;
      for (int64_t i = 0; i < elements; ++i) {
        std::copy_n(&old[indices[i] * row], row, &parameter[wanted[i] * row]);
      }
    }
    fits = true;
  }
  if (!fits) {
    y.shape = *as_is;
    std::iota(y.axes.begin(), y.axes.end(), 0);
    if (!IsAscending(indices)) {
      return Lacking(absl::StrCat(
          "it reshapes ", DimsText(x), " to [batch, ",
          absl::StrJoin(sizes, ", "),
          "], which separates what channels last keeps together; expected a "
          "flatten, or a reshape that keeps the channels"));
    }
  }
  if (y.shape == x.shape) {
    y.layer = x.layer;
    return Renamed(node, y);
  }
  const std::vector<int> axes = y.axes;
  LENSLET_ASSIGN_OR_RETURN(
      y,
      AddLayer(
          node,
          Layer(ReshapeLayer{{y.shape.dims().begin(), y.shape.dims().end()}}),
          {x}));
  y.axes = axes;
  return y;
}

ValueOr LayerImporter::ReshapeNode(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> shape,
                           IntsFrom(node, 1, "shape"));
  LENSLET_ASSIGN_OR_RETURN(const int64_t allow_zero, node.Int("allowzero", 0));
  if (!shape || shape->empty()) return Wrong("its shape is missing");
  Ints sizes = *shape;
  const Ints dims = DimsOf(x);
  int64_t known = 1;
  int inferred = -1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 && allow_zero == 0 && i <= dims.size()) {
      sizes[i] = i == 0 ? kBatchSize : dims[i - 1];
    }
    if (i == 0) continue;
    if (sizes[i] == -1) {
      inferred = static_cast<int>(i);
    } else if (sizes[i] < 1 || known > x.shape.elements() / sizes[i]) {
      return Lacking(absl::StrCat("it reshapes ", DimsText(x), " to [",
                                  absl::StrJoin(*shape, ", "),
                                  "]; expected the batch first"));
    } else {
      known *= sizes[i];
    }
  }
  if (inferred > 0) sizes[inferred] = x.shape.elements() / known;
  // A model for one image, or for any number of them.
  const bool keeps_batch = sizes[0] == kBatchSize || sizes[0] == 1 ||
                           (sizes[0] == -1 && inferred < 0);
  if (!keeps_batch) {
    return Lacking(absl::StrCat("it reshapes ", DimsText(x), " to [",
                                absl::StrJoin(*shape, ", "),
                                "]; expected the batch first"));
  }
  sizes.erase(sizes.begin());
  return ReshapeTo(node, x, sizes);
}

ValueOr LayerImporter::FlattenNode(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis, node.Int("axis", 1));
  if (axis != 1 && axis != -static_cast<int64_t>(x.axes.size())) {
    return Lacking(absl::StrCat("its axis is ", axis, "; expected 1"));
  }
  return ReshapeTo(node, x, {x.shape.elements()});
}

ValueOr LayerImporter::SqueezeNode(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> given,
                           IntsFrom(node, 1, "axes"));
  const bool removes = node.type() == "Squeeze";
  Ints sizes = DimsOf(x);
  const auto rank = static_cast<int64_t>(
      1 + sizes.size() + (removes || !given ? 0 : given->size()));
  Ints axes;
  if (given) {
    axes = *given;
  } else {
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] == 1) axes.push_back(static_cast<int64_t>(i) + 1);
    }
  }
  for (int64_t& axis : axes) {
    if (axis < 0) axis += rank;
    if (axis < 1 || axis >= rank) {
      return Lacking("its axes have that of the batch, or none of its input");
    }
  }
  std::sort(axes.begin(), axes.end());
  if (removes) std::reverse(axes.begin(), axes.end());
  for (const int64_t axis : axes) {
    if (removes) {
      if (sizes[axis - 1] != 1)
        return Wrong("an axis has more than one number");
      sizes.erase(sizes.begin() + (axis - 1));
    } else if (axis - 1 > static_cast<int64_t>(sizes.size())) {
      return Wrong("its axes repeat");
    } else {
      sizes.insert(sizes.begin() + (axis - 1), 1);
    }
  }
  return ReshapeTo(node, x, sizes);
}

ValueOr LayerImporter::Transpose(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  const auto rank = static_cast<int64_t>(x.axes.size()) + 1;
  Ints reversed(rank);
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  LENSLET_ASSIGN_OR_RETURN(const Ints order, node.Ints("perm", reversed));
  Ints sorted = order;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  if (sorted != reversed) return Wrong("its perm is no order of its axes");
  if (order[0] != 0) {
    return Lacking("it moves the axis of the batch; expected it first");
  }
  const std::vector<int> axes = x.axes;
  for (int64_t i = 1; i < rank; ++i) x.axes[i - 1] = axes[order[i] - 1];
  return Renamed(node, x);
}

ValueOr LayerImporter::Concat(const NodeReader& node) {
  std::vector<ImportedValue> inputs;
  for (int i = 0; i < node.input_count(); ++i) {
    if (FindConstant(node, i) != nullptr) {
      return Lacking("it concatenates a constant; expected values only");
    }
    LENSLET_ASSIGN_OR_RETURN(ImportedValue x, PlainValue(node, i));
    inputs.push_back(std::move(x));
  }
  if (inputs.empty()) return Wrong("it has no inputs");
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis, node.Int("axis", 1));
  LENSLET_ASSIGN_OR_RETURN(const int inner, InnerAxis(axis, inputs[0]));
  if (inputs.size() == 1) return Renamed(node, inputs[0]);
  bool ordered = true;
  for (const ImportedValue& x : inputs) {
    if (x.axes != inputs[0].axes) {
      return Lacking("its inputs have their axes in different orders");
    }
    ordered = ordered && x.order.empty();
  }
  const int lenslet_axis = inputs[0].axes[inner];
  const int channels = inputs[0].shape.rank() - 1;
  ConcatSpec spec;
  if (lenslet_axis != channels) spec.axis = lenslet_axis;
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           AddLayer(node, Layer(spec), inputs));
  y.axes = inputs[0].axes;
  if (!ordered) {
    int64_t first = 0;
    for (const ImportedValue& x : inputs) {
      for (const int64_t i : IndicesOf(x)) y.order.push_back(first + i);
      first += x.shape.elements();
    }
  }
  return y;
}

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
                                   const std::vector<ImportedValue>& inputs) {
  Ints order;
  for (const ImportedValue& x : inputs) {
    if (x.axes != inputs[0].axes) {
      return Lacking(absl::StrCat("its inputs are ", DimsText(inputs[0]),
                                  " and ", DimsText(x),
                                  x.axes.size() == inputs[0].axes.size()
                                      ? ", with their axes in different orders"
                                      : "; expected as many axes"));
    }
    // One number has any order.
    if (x.shape.elements() == 1) continue;
    if (!order.empty() && x.order != order) {
      return Lacking("its inputs have their numbers in different orders");
    }
    order = x.order;
  }
  for (const ImportedValue& x : inputs) {
    if (x.shape.elements() > 1 && x.order != order) {
      return Lacking("its inputs have their numbers in different orders");
    }
  }
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           AddLayer(node, std::move(layer), inputs));
  y.axes = inputs[0].axes;
  y.order = std::move(order);
  return y;
}

ValueOr LayerImporter::Arithmetic(const NodeReader& node) {
  if (node.input_count() != 2) return Wrong("it has not two inputs");
  const OnnxConstant* first = FindConstant(node, 0);
  const OnnxConstant* constant =
      first != nullptr ? first : FindConstant(node, 1);
  if (constant != nullptr) {
    if (!constant->is_float) return Lacking("its constant has whole numbers");
    LENSLET_ASSIGN_OR_RETURN(const ImportedValue x,
                             RawValue(node, first != nullptr ? 1 : 0));
    if (first != nullptr && (node.type() == "Sub" || node.type() == "Div")) {
      return Lacking("its first input is a constant; expected the second");
    }
    if (constant->size() == 1) {
      return WithNumber(node, x, constant->floats[0]);
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
  return Lacking("its inputs are two values; expected a constant as second");
}

ValueOr LayerImporter::Product(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue a, RawValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(ImportedValue b, RawValue(node, 1));
  const bool swaps = a.form == Form::kPhi;
  if (swaps) std::swap(a, b);
  if (b.form == Form::kPhi && a.is_multiple() && a.layer == b.layer) {
    b.form = Form::kGelu;
    b.factor *= a.factor;
    return b;
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

bool LayerImporter::IsNetworkInput(const NodeReader& node,
                                   const ImportedValue& x) const {
  const int i = FindConstant(node, 0) != nullptr ? 1 : 0;
  return x.layer < 0 && x.is_plain() && HasOneReader(node.input(i));
}

ValueOr LayerImporter::Normalize(const NodeReader& node, ImportedValue x,
                                 const std::vector<float>& numbers) {
  const bool is_first = normalization_.empty() && !divides_by_255_;
  if (is_first && numbers.size() == 1) {
    const float divisor = node.type() == "Div"   ? numbers[0]
                          : node.type() == "Mul" ? 1 / numbers[0]
                                                 : 0;
    if (std::abs(divisor - 255) < 1e-3f) {
      divides_by_255_ = true;
      return x;
    }
  }
  Normalization& n = normalization_;
  if (n.empty()) n = {.mean = {0}, .deviation = {1}};
  const size_t size = std::max(numbers.size(), n.mean.size());
  n.mean.resize(size, n.mean[0]);
  n.deviation.resize(size, n.deviation[0]);
  for (size_t c = 0; c < size; ++c) {
    const float number = numbers[numbers.size() == 1 ? 0 : c];
    if (node.type() == "Sub") {
      n.mean[c] += number * n.deviation[c];
    } else if (node.type() == "Add") {
      n.mean[c] -= number * n.deviation[c];
    } else if (node.type() == "Div") {
      n.deviation[c] *= number;
    } else {
      n.deviation[c] /= number;
    }
  }
  return x;
}

ValueOr LayerImporter::WithNumber(const NodeReader& node, ImportedValue x,
                                  double number) {
  if (IsNetworkInput(node, x)) {
    return Normalize(node, x, {static_cast<float>(number)});
  }
  const std::string& type = node.type();
  if (IsNormalizationStep(x.form)) {
    if (x.form != Form::kVariance || type != "Add" || x.offset != 0) {
      return Lacking(
          "it changes a mean or a variance, which layers know only as part of "
          "layer normalization, (x - mean) / sqrt(variance + epsilon)");
    }
    x.offset = number;
    return x;
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
  } else if (x.form == Form::kPlain && type != "Div") {
    x.offset += type == "Add" ? number : -number;
  } else {
    return Lacking(absl::StrCat("it has the number ", number,
                                ", which no layer adds or divides by"));
  }
  // A sixth of six, for example.
  if (x.form == Form::kPlain && std::abs(x.factor - 1) < 1e-7) x.factor = 1;
  return x.is_plain() ? Renamed(node, x) : x;
}

ValueOr LayerImporter::WithChannels(const NodeReader& node,
                                    const ImportedValue& x,
                                    const OnnxConstant& constant) {
  // The scale and the bias of a layer normalization.
  if (const int i = FindConstant(node, 0) != nullptr ? 1 : 0;
      x.layer >= 0 && x.is_plain() && HasOneReader(node.input(i))) {
    ImportedLayer& before = layers_[x.layer];
    const auto* norm = std::get_if<LayerNormSpec>(&before.layer.spec());
    const std::optional<std::vector<float>> numbers =
        norm == nullptr
            ? std::nullopt
            : FeatureNumbers(
                  x, constant,
                  static_cast<int>(norm->axis.value_or(x.shape.rank() - 1)));
    if (numbers) {
      std::vector<float>& scale = before.parameters[0];
      std::vector<float>& bias = before.parameters[1];
      for (size_t f = 0; f < numbers->size(); ++f) {
        const float number = (*numbers)[f];
        if (node.type() == "Mul") {
          scale[f] *= number;
          bias[f] *= number;
        } else if (node.type() == "Div") {
          scale[f] /= number;
          bias[f] /= number;
        } else {
          bias[f] += node.type() == "Add" ? number : -number;
        }
      }
      return Renamed(node, x);
    }
  }
  // ONNX aligns the last axes.
  const int rank = x.shape.rank();
  int missing = rank + 1 - static_cast<int>(constant.dims.size());
  // Version 6 says where they are instead.
  LENSLET_ASSIGN_OR_RETURN(const int64_t first_axis, node.Int("axis", missing));
  if (opset_ < 7) missing = static_cast<int>(first_axis);
  const auto axis_of_channels = [&] {
    for (int i = 0; i < rank; ++i) {
      if (x.axes[i] == rank - 1) return i + 1;
    }
    return 0;
  }();
  bool by_channel = rank > 0 && missing >= 0 && missing <= rank;
  for (size_t i = 0; by_channel && i < constant.dims.size(); ++i) {
    const int axis = static_cast<int>(i) + missing;
    if (axis > rank) {
      by_channel = false;
      break;
    }
    const int64_t expected =
        axis == axis_of_channels ? x.shape.dim(rank - 1) : 1;
    by_channel = constant.dims[i] == expected;
  }
  if (!by_channel) {
    return Lacking(absl::StrCat(
        "its constant is [", absl::StrJoin(constant.dims, ", "),
        "], its input ", DimsText(x), "; expected a number for each channel"));
  }
  const std::vector<float> numbers = InLensletsOrder(x, constant.floats);
  if (IsNetworkInput(node, x)) return Normalize(node, x, numbers);
  if (!x.is_plain()) return Lacking("its input has a factor");
  const std::string& type = node.type();
  const int i = FindConstant(node, 0) != nullptr ? 1 : 0;
  if ((type == "Add" || type == "Sub") && x.layer >= 0 && x.order.empty() &&
      HasOneReader(node.input(i))) {
    ImportedLayer& before = layers_[x.layer];
    if (const std::optional<LayerSpec> spec = WithBias(before.layer.spec())) {
      before.layer = Layer(*spec);
      if (before.parameters.size() == 1) {
        before.parameters.emplace_back(numbers.size(), 0.0f);
      }
      for (size_t c = 0; c < numbers.size(); ++c) {
        before.parameters[1][c] += type == "Add" ? numbers[c] : -numbers[c];
      }
      before.name = NameFor(node.output());
      return x;
    }
  }
  if (rank < 2 || rank > Axes::kMaxRank + 1) {
    return Lacking("it changes a vector by a constant, which no layer does");
  }
  const int64_t channels = x.shape.dim(rank - 1);
  std::vector<float> weight(channels, 1.0f), bias(channels, 0.0f);
  for (int64_t c = 0; c < channels; ++c) {
    if (type == "Mul") {
      weight[c] = numbers[c];
    } else if (type == "Div") {
      weight[c] = 1 / numbers[c];
    } else {
      bias[c] = type == "Add" ? numbers[c] : -numbers[c];
    }
  }
  std::optional<std::vector<float>> terms;
  if (type == "Add" || type == "Sub") terms = std::move(bias);
  return AddChannelwise(node.output(), x, std::move(weight), std::move(terms));
}

ValueOr LayerImporter::Softmax(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  const int rank = x.shape.rank();
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis,
                           node.Int("axis", opset_ < 13 ? 1 : -1));
  LENSLET_ASSIGN_OR_RETURN(const int inner, InnerAxis(axis, x));
  if (node.output() != output_name_ || !HasOneReader(node.output()) ||
      x.axes[inner] != rank - 1 || (opset_ < 13 && rank != 1)) {
    return Lacking(
        "no layer computes it; expected it only at the end, along the classes");
  }
  ends_in_softmax_ = true;
  return x;
}

}  // namespace lenslet
