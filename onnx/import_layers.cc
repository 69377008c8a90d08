#include "lenslet/onnx/import_layers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
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
#include "lenslet/base/text_format.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/count_text.h"
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

// Numbers that nodes read or make beside kMaxReads times those that the model
// stores: 256 MiB of whole numbers.
constexpr int64_t kMaxMade = int64_t{1} << 25;
// Of a branch with a constant condition: exporters write such around single
// nodes.
constexpr int kMaxBranchNodes = 16;
// Each weight is read and written some times, to convert and transpose it and
// to add to it.
constexpr int64_t kMaxReads = 8;

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

// Of a value that only stands in, the axes are not known.
absl::Status WrongAxes(const ImportedValue& x, const std::string& reason) {
  return x.stands_in ? absl::CancelledError() : Lacking(reason);
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

// Whether layers know the form only as a step of local response normalization.
bool IsWindow(Form form) {
  return form == Form::kWindowMean || form == Form::kWindowPower;
}

// Whether layers know the form only as a step of layer normalization.
bool IsNormalizationStep(Form form) {
  return form != Form::kPlain && form != Form::kErf && form != Form::kPhi &&
         form != Form::kGelu && form != Form::kPaddedBelow && !IsWindow(form) &&
         form != Form::kBatchLast;
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
                              " has ", AxesText(rank)));
  }
  if (positive == 0) return Lacking("its axis is that of the batch");
  return static_cast<int>(positive) - 1;
}

// Lenslet's first axis of those that are marked, if all after it are too or
// have size 1.
std::optional<int> FirstOfTrailing(const std::vector<bool>& marked,
                                   const Shape& shape) {
  const auto first = std::find(marked.begin(), marked.end(), true);
  if (first == marked.end()) return std::nullopt;
  const auto axis = static_cast<int>(first - marked.begin());
  for (int i = axis; i < shape.rank(); ++i) {
    if (!marked[i] && shape.dim(i) != 1) return std::nullopt;
  }
  return axis;
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

// "1 number", "2 numbers"
std::string Numbers(int64_t count) { return CountText(count, "number"); }

absl::Status NoLayer(absl::string_view type) {
  return Lacking(absl::StrCat("no layer computes it", NearestForm(type)));
}

// Whether a node of this type may fail for what is not known of a value that
// only stands in: the order of its numbers and axes, and which function it is a
// step of.
bool NeedsMoreThanAShape(absl::string_view type) {
  constexpr absl::string_view kTypes[] = {
      "Add",     "Clip",       "Concat", "Div", "Erf",        "Flatten", "Max",
      "Min",     "Mul",        "Neg",    "Pow", "Reciprocal", "Reshape", "Sqrt",
      "Squeeze", "ReduceMean", "Sub",    "Sum", "Unsqueeze"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) !=
         std::end(kTypes);
}

// What of a batch normalization depends on no other node.
absl::Status CheckForInference(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const int64_t spatial, node.Int("spatial", 1));
  if (spatial != 1) return Lacking("it has spatial=0; expected 1");
  LENSLET_ASSIGN_OR_RETURN(const int64_t training,
                           node.Int("training_mode", 0));
  if (training != 0) {
    return Lacking(
        "it has training_mode=1; expected a model that was exported for "
        "inference");
  }
  return absl::OkStatus();
}

// The order of a transposition's axes. Without a rank, that is not known.
absl::StatusOr<Ints> OrderOf(const NodeReader& node,
                             std::optional<int64_t> rank) {
  if (!rank && !node.Has("perm")) return absl::CancelledError();
  Ints reversed(rank.value_or(0));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  LENSLET_ASSIGN_OR_RETURN(const Ints order, node.Ints("perm", reversed));
  if (!rank) {
    reversed.resize(order.size());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
  }
  Ints sorted = order;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  if (sorted != reversed) {
    return Wrong(absl::StrCat("its perm is [", absl::StrJoin(order, ", "),
                              "]; expected an order of its input's ",
                              AxesText(static_cast<int64_t>(reversed.size()))));
  }
  if (!order.empty() && order[0] != 0) {
    return Lacking(absl::StrCat(
        "it moves the axis of the batch",
        order.size() > 4 ? ", as attention with several heads does, which no "
                           "layer computes; expected convolutions or linear "
                           "layers in place of attention"
                         : "; expected it first"));
  }
  return order;
}

// Of a resizing, what depends on no other node.
absl::StatusOr<ResizeSpec> ResizeModeOf(const NodeReader& node, int opset) {
  const bool is_early = node.type() == "Upsample" || opset < 11;
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
    return Lacking(absl::StrCat(
        "its mode is ", QuotedName(mode), "; expected nearest or linear",
        mode == "cubic" ? ", which is the nearest to cubic: export the network "
                          "with bilinear interpolation, and train it on with "
                          "that"
                        : ""));
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
  return spec;
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
    return Wrong(absl::StrCat("its ", attribute, " has ",
                              Numbers(values.size()), "; expected ", rank));
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
    return Wrong(absl::StrCat("its pads has ", Numbers(pads.size()),
                              "; expected ", 2 * rank));
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
                             ImportedNames names, LastSigmoid last_sigmoid,
                             ImportedValue input)
    : opset_(opset),
      folder_(folder),
      names_of_values_(std::move(names)),
      last_sigmoid_(last_sigmoid) {
  input_shape_ = input.shape;
  const std::string& name = names_of_values_.input;
  values_[name] = std::move(input);
  input_layer_name_ = NameFor(name);
}

bool LayerImporter::HasOneReader(const std::string& value) const {
  const auto found = names_of_values_.readers.find(value);
  return found != names_of_values_.readers.end() && found->second == 1;
}

absl::StatusOr<OnnxConstant> LayerImporter::Stored(
    const onnx::TensorProto& tensor) {
  LENSLET_ASSIGN_OR_RETURN(
      OnnxConstant constant,
      ConstantOf(tensor, folder_, kMaxStoredNumbers - stored_));
  stored_ += constant.size();
  return constant;
}

absl::Status LayerImporter::AddConstant(const onnx::TensorProto& tensor) {
  absl::StatusOr<OnnxConstant> constant = Stored(tensor);
  if (constant.ok()) {
    constants_[tensor.name()] = *std::move(constant);
  } else {
    failed_constants_.insert(tensor.name());
  }
  return constant.status();
}

absl::Status LayerImporter::Count(int64_t numbers) {
  const int64_t most = kMaxMade + kMaxReads * stored_;
  if (numbers > most - counted_) {
    return Wrong(absl::StrCat("with it, nodes compute ", counted_ + numbers,
                              " numbers of constants or orders; expected at "
                              "most ",
                              most, " of a model that stores ", stored_));
  }
  counted_ += numbers;
  return absl::OkStatus();
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
  if (node.output_size() == 0) return Wrong("it has no output");
  bool is_constant = false;
  const absl::Status status = Read(node, is_constant);
  for (int i = 1; i < node.output_size(); ++i) {
    later_outputs_.insert(node.output(i));
  }
  if (!status.ok()) Fail(node, is_constant);
  return status;
}

absl::Status LayerImporter::Read(const onnx::NodeProto& node,
                                 bool& is_constant) {
  const NodeReader reader(node);
  if (!node.domain().empty() && node.domain() != "ai.onnx") {
    return Lacking(absl::StrCat("its domain is ", QuotedName(node.domain()),
                                "; expected ONNX's own operators"));
  }
  const bool is_literal = node.op_type() == "Constant";
  if ((node.input_size() == 0 && !is_literal) || node.output(0).empty()) {
    if (ConverterOf(node.op_type()) == nullptr && !is_literal) {
      return NoLayer(node.op_type());
    }
    return Wrong(node.output(0).empty() ? "it has no name for its output"
                                        : "it has no inputs");
  }
  is_constant = true;
  bool depends_on_failed = false;
  bool depends_on_stand_in = false;
  bool reads_shared_input = false;
  int64_t numbers = 0;
  std::vector<const OnnxConstant*> inputs;
  for (const std::string& input : node.input()) {
    inputs.push_back(nullptr);
    if (input.empty()) continue;
    if (const auto constant = constants_.find(input);
        constant != constants_.end()) {
      inputs.back() = &constant->second;
      numbers += constant->second.size();
      continue;
    }
    if (failed_constants_.count(input) > 0) {
      depends_on_failed = true;
      continue;
    }
    is_constant = false;
    if (failed_.count(input) > 0) {
      depends_on_failed = true;
      continue;
    }
    const auto value = values_.find(input);
    if (value == values_.end()) {
      return Wrong(absl::StrCat(
          "it reads ", QuotedName(input),
          later_outputs_.count(input) > 0
              ? ", which is not its node's first output; expected one output "
                "of each node"
              : ", which no node before it writes"));
    }
    numbers += static_cast<int64_t>(value->second.order.size());
    depends_on_stand_in |= value->second.stands_in;
    reads_shared_input |= value->second.layer < 0 &&
                          (value->second.is_shared || !HasOneReader(input));
  }
  if (depends_on_failed) {
    return is_constant ? absl::CancelledError() : CheckAlone(reader);
  }
  LENSLET_RETURN_IF_ERROR(Count(numbers));
  if (node.op_type() == "If" && inputs[0] != nullptr) {
    is_constant = false;
    return ReadBranch(reader, *inputs[0]);
  }
  if (node.op_type() == "Constant") {
    LENSLET_ASSIGN_OR_RETURN(constants_[node.output(0)], ReadConstant(reader));
    return absl::OkStatus();
  }
  if (is_constant) {
    LENSLET_ASSIGN_OR_RETURN(OnnxConstant constant,
                             FoldConstants(reader, inputs));
    // Of ConstantOfShape, more than its inputs' are new.
    LENSLET_RETURN_IF_ERROR(
        Count(std::max<int64_t>(0, constant.size() - numbers)));
    constants_[node.output(0)] = std::move(constant);
    return absl::OkStatus();
  }
  if (node.op_type() == "Shape") {
    LENSLET_ASSIGN_OR_RETURN(constants_[node.output(0)], ReadShape(reader));
    return absl::OkStatus();
  }
  ValueOr value = Convert(reader);
  // Gelu's last factor may be the first.
  if (value.ok() && value->form == Form::kGelu && IsNear(value->factor, 0.5)) {
    ImportedValue x = *value;
    x.form = Form::kPlain;
    value = ActivationOf(reader, x, {.kind = ActivationKind::kGelu});
  }
  if (!value.ok()) {
    return depends_on_stand_in && NeedsMoreThanAShape(node.op_type())
               ? CheckAlone(reader)
               : value.status();
  }
  value->stands_in |= depends_on_stand_in;
  value->is_shared |= reads_shared_input;
  values_[node.output(0)] = *std::move(value);
  return absl::OkStatus();
}

absl::Status LayerImporter::ReadBranch(const NodeReader& node,
                                       const OnnxConstant& condition) {
  if (condition.is_float || condition.size() != 1) {
    return Wrong("its condition is not one truth value");
  }
  const onnx::GraphProto* branch =
      node.Graph(condition.ints[0] != 0 ? "then_branch" : "else_branch");
  if (branch == nullptr || branch->output_size() != 1 ||
      branch->initializer_size() > 0 || branch->node_size() > kMaxBranchNodes) {
    return Lacking(absl::StrCat(
        "its branch is no graph of at most ", kMaxBranchNodes,
        " nodes, with one output and no initializers", NearestForm("If")));
  }
  for (const onnx::NodeProto& inner : branch->node()) {
    if (inner.op_type() == "If") return NoLayer("If");
    for (const std::string& output : inner.output()) {
      if (values_.count(output) > 0 || constants_.count(output) > 0) {
        return Wrong(absl::StrCat("its branch writes ", QuotedName(output),
                                  ", which is another value's name already"));
      }
    }
    bool is_constant = false;
    const absl::Status status = Read(inner, is_constant);
    if (!status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat("in its branch: ", status.message()));
    }
  }
  const std::string& name = branch->output(0).name();
  if (const auto constant = constants_.find(name);
      constant != constants_.end()) {
    constants_[node.output()] = constant->second;
    return absl::OkStatus();
  }
  LENSLET_ASSIGN_OR_RETURN(values_[node.output()], Find(name));
  return absl::OkStatus();
}

void LayerImporter::Fail(const onnx::NodeProto& node, bool is_constant) {
  for (const std::string& output : node.output()) {
    (is_constant ? failed_constants_ : failed_).insert(output);
  }
  if (is_constant) return;
  const ImportedValue* input = nullptr;
  for (const std::string& name : node.input()) {
    const auto value = values_.find(name);
    if (value == values_.end()) continue;
    input = &value->second;
    break;
  }
  ImportedValue value;
  if (const auto sizes = names_of_values_.sizes.find(node.output(0));
      sizes != names_of_values_.sizes.end()) {
    const size_t rank = sizes->second.size();
    value.axes = input != nullptr && input->axes.size() == rank
                     ? input->axes
                     : ChannelsFirstAxes(static_cast<int>(rank));
    Ints dims(rank);
    for (size_t i = 0; i < rank; ++i) dims[value.axes[i]] = sizes->second[i];
    const absl::StatusOr<Shape> shape = Shape::Create(dims);
    if (!shape.ok()) return;
    value.shape = *shape;
  } else if (input != nullptr && KeepsShape(node.op_type())) {
    value = *input;
    value.form = Form::kPlain;
    value.factor = 1;
    value.offset = 0;
  } else {
    return;
  }
  value.layer = static_cast<int>(layers_.size());
  value.stands_in = true;
  // A layer that no other is made one with.
  layers_.push_back({.name = NameFor(node.output(0)),
                     .layer = Layer(DropoutSpec()),
                     .inputs = {-1},
                     .parameters = {},
                     .output = value.shape});
  failed_.erase(node.output(0));
  values_[node.output(0)] = std::move(value);
}

absl::Status LayerImporter::CheckAlone(const NodeReader& node) const {
  const std::string& type = node.type();
  if (type == "Shape") return absl::CancelledError();
  if (ConverterOf(type) == nullptr) return NoLayer(type);
  absl::Status status = absl::OkStatus();
  if (type == "BatchNormalization") status = CheckForInference(node);
  if (type == "MatMul") status = CheckFactors(node);
  if (type == "Softmax" || type == "LogSoftmax") status = CheckSoftmax(node);
  if (type == "Resize" || type == "Upsample") {
    status = ResizeModeOf(node, opset_).status();
  }
  if (type == "Transpose") {
    status = OrderOf(node, /*rank=*/std::nullopt).status();
  }
  return status.ok() ? absl::CancelledError() : status;
}

absl::StatusOr<OnnxConstant> LayerImporter::ReadConstant(
    const NodeReader& node) {
  if (const onnx::TensorProto* tensor = node.Tensor("value")) {
    return Stored(*tensor);
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
  if (x.form == Form::kBatchLast) {
    return Lacking("its input has the batch last; expected it first");
  }
  shape.ints = DimsOf(x);
  if (IsWindow(x.form) && x.window.is_raised) {
    shape.ints.insert(shape.ints.begin(), 1);
  }
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
  name = name.substr(0, GraphBuilder::kMaxNameBytes);
  if (name.empty()) name = "layer";
  if (names_.insert(name).second) return name;
  // Room for a number.
  name = name.substr(0, GraphBuilder::kMaxNameBytes - 10);
  int& count = name_counts_.try_emplace(name, 1).first->second;
  for (;;) {
    std::string numbered = absl::StrCat(name, "_", ++count);
    if (names_.insert(numbered).second) return numbered;
  }
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
  if (info.output.elements() > kMaxExample) {
    return Wrong(absl::StrCat("its output is ", info.output.ToString(),
                              ", channels last; expected at most ", kMaxExample,
                              " numbers for an example"));
  }
  if (info.parameters.size() != parameters.size()) {
    return Wrong(absl::StrCat(
        "it has ",
        CountText(static_cast<int64_t>(parameters.size()), "parameter"),
        "; expected ", info.parameters.size()));
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    const ParameterInfo& expected = info.parameters[i];
    if (static_cast<int64_t>(parameters[i].size()) !=
        expected.shape.elements()) {
      return Wrong(absl::StrCat("its ", expected.name, " has ",
                                Numbers(parameters[i].size()), "; expected ",
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
    LENSLET_RETURN_IF_ERROR(Count(2 * channels));
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
  if (IsWindow(x.form)) {
    return Lacking(
        "it reads a mean of squares, which layers know only as part of local "
        "response normalization, x / (bias + alpha * mean)^beta");
  }
  if (x.form == Form::kBatchLast) {
    return Lacking(
        "it reads a transposition that moves the axis of the batch; expected "
        "it first");
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
    return WrongAxes(
        x,
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
  if (std::optional<ValueOr> step = LrnStep(node)) return *step;
  return convert(*this, node);
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
        absl::StrCat("it cuts numbers off to ONNX's type ", to,
                     ", which no layer does; expected a type of floats"));
  }
  return Renamed(node, x);
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
                           AxesOf(node, "kernel_shape", rank, 0));
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
  const auto count = std::count(reduced.begin(), reduced.end(), true);
  const bool is_global = rank >= 2 && count == rank - 1 && !reduced[rank - 1];
  // The mean and the variance of a layer normalization.
  if (const std::optional<int> first = FirstOfTrailing(reduced, x.shape);
      first && kind == PoolKind::kAverage && keep != 0 && !is_global) {
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
  if (!is_global) {
    return Lacking(absl::StrCat(
        "it reduces ",
        !axes ? "all axes"
        : axes->size() == 1
            ? absl::StrCat("axis ", (*axes)[0])
            : absl::StrCat("the axes [", absl::StrJoin(*axes, ", "), "]"),
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

ValueOr LayerImporter::PRelu(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant* slopes,
                           FloatConstant(node, 1, "slope"));
  const std::vector<float>& numbers = slopes->floats;
  if (numbers.empty() ||
      std::any_of(numbers.begin(), numbers.end(),
                  [&](float slope) { return slope != numbers[0]; })) {
    return Lacking(
        "its slopes are different numbers; expected one slope for all "
        "channels, as of LeakyRelu");
  }
  return Activation(node,
                    {.kind = ActivationKind::kLeakyRelu, .slope = numbers[0]});
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

ValueOr LayerImporter::Resize(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, Image(node, 0));
  const int rank = x.shape.rank() - 1;
  // Up to version 10, the scales are the second input; Upsample had an
  // attribute first.
  const bool is_early = node.type() == "Upsample" || opset_ < 11;
  LENSLET_ASSIGN_OR_RETURN(ResizeSpec spec, ResizeModeOf(node, opset_));
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
    return Wrong(absl::StrCat("it has ",
                              CountText(static_cast<int64_t>(numbers.size()),
                                        has_sizes ? "size" : "scale"),
                              "; expected ", axes.size()));
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
  absl::StatusOr<Shape> as_is = Shape::Create(sizes);
  if (!as_is.ok() || as_is->elements() != elements) {
    return Wrong(absl::StrCat("it reshapes ", DimsText(x), " to [batch, ",
                              absl::StrJoin(sizes, ", "), "]; expected ",
                              Numbers(elements), " for each of the batch"));
  }
  // An output [batch] is one number, which is [batch, 1] to layers.
  if (sizes.empty() && x.shape.rank() == 1 &&
      names_of_values_.last_numbers.count(node.output()) > 0) {
    return Renamed(node, x);
  }
  if (sizes.size() == 1 && x.shape.rank() == 1) return Renamed(node, x);
  LENSLET_RETURN_IF_ERROR(Count(elements));
  const Ints indices = IndicesOf(x);
  if (sizes.size() == 1) {
    LENSLET_ASSIGN_OR_RETURN(ImportedValue flat,
                             AddLayer(node, Layer(FlattenLayer()), {x}));
    if (!IsAscending(indices)) flat.order = indices;
    return flat;
  }
  if (sizes.empty() || as_is->rank() >= Shape::kMaxRank) {
    return Lacking(absl::StrCat("it reshapes to the batch and ",
                                AxesText(sizes.size()), "; expected 1 to ",
                                Shape::kMaxRank - 1));
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

absl::StatusOr<Ints> LayerImporter::ReshapedSizes(const NodeReader& node,
                                                  const Ints& dims) const {
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> shape,
                           IntsFrom(node, 1, "shape"));
  LENSLET_ASSIGN_OR_RETURN(const int64_t allow_zero, node.Int("allowzero", 0));
  if (!shape || shape->empty()) return Wrong("its shape is missing");
  const int64_t elements = std::accumulate(dims.begin(), dims.end(), int64_t{1},
                                           std::multiplies<>());
  const auto no_batch = [&] {
    return Lacking(absl::StrCat("it reshapes [batch", dims.empty() ? "" : ", ",
                                absl::StrJoin(dims, ", "), "] to [",
                                absl::StrJoin(*shape, ", "),
                                "]; expected the batch first"));
  };
  Ints sizes = *shape;
  int64_t known = 1;
  int inferred = -1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 && allow_zero == 0 && i <= dims.size()) {
      sizes[i] = i == 0 ? kBatchSize : dims[i - 1];
    }
    if (i == 0) continue;
    if (sizes[i] == -1) {
      inferred = static_cast<int>(i);
    } else if (sizes[i] < 1 || known > elements / sizes[i]) {
      return no_batch();
    } else {
      known *= sizes[i];
    }
  }
  if (inferred > 0) sizes[inferred] = elements / known;
  // A model for one image, or for any number of them.
  const bool keeps_batch = sizes[0] == kBatchSize || sizes[0] == 1 ||
                           sizes[0] == names_of_values_.images ||
                           (sizes[0] == -1 && inferred < 0);
  if (!keeps_batch) return no_batch();
  sizes.erase(sizes.begin());
  return sizes;
}

ValueOr LayerImporter::ReshapeNode(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  LENSLET_ASSIGN_OR_RETURN(const Ints sizes, ReshapedSizes(node, DimsOf(x)));
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
  if (rank > Shape::kMaxRank) {
    return Lacking(absl::StrCat("its output has ", AxesText(rank),
                                "; expected at most ", Shape::kMaxRank));
  }
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
      return Lacking(absl::StrCat("its axes have ", axis, "; expected 1 to ",
                                  rank - 1, ", without the batch"));
    }
  }
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) {
    return Wrong("its axes repeat");
  }
  if (removes) std::reverse(axes.begin(), axes.end());
  for (const int64_t axis : axes) {
    if (removes) {
      if (sizes[axis - 1] != 1)
        return Wrong("an axis has more than one number");
      sizes.erase(sizes.begin() + (axis - 1));
    } else {
      sizes.insert(sizes.begin() + (axis - 1), 1);
    }
  }
  return ReshapeTo(node, x, sizes);
}

ValueOr LayerImporter::Transpose(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(ImportedValue x, RawValue(node, 0));
  const auto rank = static_cast<int64_t>(x.axes.size()) + 1;
  if (rank == 2 && (x.is_plain() || x.form == Form::kBatchLast)) {
    LENSLET_ASSIGN_OR_RETURN(const Ints perm, node.Ints("perm", {1, 0}));
    if (perm == Ints{1, 0}) {
      x.form = x.is_plain() ? Form::kBatchLast : Form::kPlain;
      return x;
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const Ints order, OrderOf(node, rank));
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
    LENSLET_RETURN_IF_ERROR(Count(y.shape.elements()));
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

bool LayerImporter::IsNormalization(const NodeReader& node,
                                    const ImportedValue& x,
                                    const std::vector<float>& numbers) const {
  const int i = FindConstant(node, 0) != nullptr ? 1 : 0;
  const bool scales = node.type() == "Mul" || node.type() == "Div";
  return x.layer < 0 && x.is_plain() && !x.is_shared &&
         HasOneReader(node.input(i)) &&
         std::all_of(numbers.begin(), numbers.end(), [&](float number) {
           return std::isfinite(number) &&
                  (!scales || (number > 0 && std::isfinite(1 / number)));
         });
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
  const bool shifts = node.type() == "Sub" || node.type() == "Add";
  std::vector<float>& changed = shifts ? n.mean : n.deviation;
  changed.resize(std::max({numbers.size(), changed.size(),
                           shifts ? n.deviation.size() : size_t{1}}),
                 changed[0]);
  for (size_t c = 0; c < changed.size(); ++c) {
    const float number = numbers[numbers.size() == 1 ? 0 : c];
    if (shifts) {
      const float term = number * n.DeviationOf(static_cast<int64_t>(c));
      n.mean[c] += node.type() == "Sub" ? term : -term;
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
  if (IsNormalization(node, x, {static_cast<float>(number)})) {
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
      LENSLET_RETURN_IF_ERROR(Count(static_cast<int64_t>(numbers->size())));
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
  if (IsNormalization(node, x, numbers)) return Normalize(node, x, numbers);
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

absl::Status LayerImporter::CheckSoftmax(const NodeReader& node) const {
  if (names_of_values_.last.count(node.output()) > 0) return absl::OkStatus();
  return Lacking(
      "no layer computes it; expected it only at the end, along the classes");
}

ValueOr LayerImporter::Softmax(const NodeReader& node) {
  LENSLET_RETURN_IF_ERROR(CheckSoftmax(node));
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  const int rank = x.shape.rank();
  LENSLET_ASSIGN_OR_RETURN(const int64_t axis,
                           node.Int("axis", opset_ < 13 ? 1 : -1));
  LENSLET_ASSIGN_OR_RETURN(const int inner, InnerAxis(axis, x));
  // Up to version 12, it was along all axes from the first on.
  const bool is_along_classes =
      x.axes[inner] == rank - 1 &&
      (opset_ >= 13 || x.shape.dim(rank - 1) == x.shape.elements() ||
       inner + 1 == rank);
  if (!is_along_classes) {
    return Lacking(absl::StrCat(
        "it is along axis ", axis, " of ", DimsText(x),
        "; expected one along the classes, which are the first axis after the "
        "batch"));
  }
  activation_ = node.type() == "Softmax" ? OutputActivation::kSoftmax
                                         : OutputActivation::kLogSoftmax;
  return x;
}

ValueOr LayerImporter::Sigmoid(const NodeReader& node) {
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue x, PlainValue(node, 0));
  const bool is_last = names_of_values_.last_reshaped.count(node.output()) > 0;
  const auto dims = x.shape.dims();
  const bool is_vector =
      std::any_of(dims.begin(), dims.end(),
                  [&](int64_t size) { return size == x.shape.elements(); });
  if (is_last &&
      (last_sigmoid_ == LastSigmoid::kIsDropped ||
       (last_sigmoid_ == LastSigmoid::kIsDroppedFromVector && is_vector))) {
    activation_ = OutputActivation::kSigmoid;
    return x;
  }
  return ActivationOf(node, x, {.kind = ActivationKind::kSigmoid});
}

}  // namespace lenslet
