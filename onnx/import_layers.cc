#include "lenslet/onnx/import_layers.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/fold_constants.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/nearest_form.h"
#include "lenslet/onnx/node_specs.h"
#include "lenslet/ops/axes.h"

namespace lenslet {
namespace {

using Form = ImportedValue::Form;
using ValueOr = absl::StatusOr<ImportedValue>;

// Numbers that nodes read or make beside kMaxReads times those that the model
// stores: 256 MiB of whole numbers.
constexpr int64_t kMaxMade = int64_t{1} << 25;
// Products of a matrix product that take the time of a number of another node.
constexpr int64_t kProductsForCount = 8;
// Of a branch with a constant condition: exporters write such around single
// nodes.
constexpr int kMaxBranchNodes = 16;
// Each weight is read and written some times, to convert and transpose it and
// to add to it.
constexpr int64_t kMaxReads = 8;

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

// Multiplies a linear layer's outputs by `factors`, and then adds `terms`.
void ScaleOutputs(const std::vector<float>& factors,
                  const std::optional<std::vector<float>>& terms,
                  ImportedLayer& layer) {
  LinearLayer linear = std::get<LinearLayer>(layer.layer.spec());
  const size_t outputs = factors.size();
  if (terms && !linear.spec.has_bias) {
    linear.spec.has_bias = true;
    layer.layer = Layer(linear);
    layer.parameters.emplace_back(outputs, 0.0f);
  }
  std::vector<float>& weight = layer.parameters[0];
  const size_t inputs = weight.size() / outputs;
  for (size_t o = 0; o < outputs; ++o) {
    for (size_t i = 0; i < inputs; ++i) weight[o * inputs + i] *= factors[o];
    if (!linear.spec.has_bias) continue;
    float& bias = layer.parameters[1][o];
    bias = bias * factors[o] + (terms ? (*terms)[o] : 0.0f);
  }
}

}  // namespace

LayerImporter::LayerImporter(int opset, const std::string& folder,
                             ImportedNames names, LastSigmoid last_sigmoid,
                             ImportedValue input)
    : opset_(opset),
      folder_(folder),
      names_of_values_(std::move(names)),
      unread_(names_of_values_.readers),
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

absl::StatusOr<LayerImporter::NodeInputs> LayerImporter::FindInputs(
    const onnx::NodeProto& node) const {
  NodeInputs inputs;
  for (const std::string& input : node.input()) {
    inputs.constants.push_back(nullptr);
    if (input.empty()) continue;
    if (const auto constant = constants_.find(input);
        constant != constants_.end()) {
      inputs.constants.back() = &constant->second;
      inputs.numbers += constant->second.size();
      continue;
    }
    if (failed_constants_.count(input) > 0) {
      inputs.has_failed = true;
      continue;
    }
    inputs.are_constant = false;
    if (failed_.count(input) > 0) {
      inputs.has_failed = true;
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
    const ImportedValue& x = value->second;
    inputs.numbers += static_cast<int64_t>(x.order.size());
    inputs.has_stand_in |= x.stands_in;
    inputs.has_shared_input |=
        x.layer < 0 && (x.is_shared || !HasOneReader(input));
  }
  return inputs;
}

absl::StatusOr<OnnxConstant> LayerImporter::Fold(const NodeReader& node,
                                                 const NodeInputs& inputs) {
  const std::vector<const OnnxConstant*>& constants = inputs.constants;
  LENSLET_RETURN_IF_ERROR(Count(WorkOf(node, constants) / kProductsForCount));
  LENSLET_ASSIGN_OR_RETURN(OnnxConstant constant,
                           FoldConstants(node, constants));
  // More than its inputs' are new.
  LENSLET_RETURN_IF_ERROR(
      Count(std::max<int64_t>(0, constant.size() - inputs.numbers)));
  return constant;
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
  LENSLET_ASSIGN_OR_RETURN(const NodeInputs inputs, FindInputs(node));
  for (const std::string& input : node.input()) --unread_[input];
  is_constant = inputs.are_constant;
  if (inputs.has_failed) {
    return is_constant ? absl::CancelledError() : CheckAlone(reader);
  }
  LENSLET_RETURN_IF_ERROR(Count(inputs.numbers));
  if (node.op_type() == "If" && inputs.constants[0] != nullptr) {
    is_constant = false;
    return ReadBranch(reader, *inputs.constants[0]);
  }
  if (is_literal) {
    LENSLET_ASSIGN_OR_RETURN(constants_[node.output(0)], ReadConstant(reader));
    return absl::OkStatus();
  }
  if (is_constant) {
    LENSLET_ASSIGN_OR_RETURN(constants_[node.output(0)], Fold(reader, inputs));
    return absl::OkStatus();
  }
  if (node.op_type() == "Shape") {
    LENSLET_ASSIGN_OR_RETURN(constants_[node.output(0)], ReadShape(reader));
    return absl::OkStatus();
  }
  return ReadValue(reader, inputs);
}

absl::Status LayerImporter::ReadValue(const NodeReader& node,
                                      const NodeInputs& inputs) {
  ValueOr value = Convert(node);
  // Gelu's last factor may be the first.
  if (value.ok() && value->form == Form::kGelu && IsNear(value->factor, 0.5)) {
    value = Gelu(node, *value);
  }
  if (!value.ok()) {
    return inputs.has_stand_in && NeedsMoreThanAShape(node.type())
               ? CheckAlone(node)
               : value.status();
  }
  value->stands_in |= inputs.has_stand_in;
  value->is_shared |= inputs.has_shared_input;
  if (value->layer >= 0 && !HasOneReader(node.output())) {
    layers_[value->layer].is_shared = true;
  }
  values_[node.output()] = *std::move(value);
  return absl::OkStatus();
}

absl::Status LayerImporter::ReadBranch(const NodeReader& node,
                                       const OnnxConstant& condition) {
  if (condition.is_float() || condition.size() != 1) {
    return Wrong("its condition is not one truth value");
  }
  const onnx::GraphProto* branch =
      node.Graph(condition.ints[0] != 0 ? "then_branch" : "else_branch");
  if (branch == nullptr || branch->output_size() != 1 ||
      branch->node_size() > kMaxBranchNodes) {
    return Lacking(absl::StrCat("its branch is no graph of at most ",
                                kMaxBranchNodes, " nodes, with one output",
                                NearestForm("If")));
  }
  ++unread_[branch->output(0).name()];
  std::set<std::string> inner_names;
  const auto check_new = [&](const std::string& name) {
    if (name.empty()) return absl::OkStatus();
    if (values_.count(name) > 0 || constants_.count(name) > 0 ||
        !inner_names.insert(name).second) {
      return Wrong(absl::StrCat("its branch writes ", QuotedName(name),
                                ", which is another value's name already"));
    }
    return absl::OkStatus();
  };
  const auto in_branch = [](const absl::Status& status) {
    return absl::Status(status.code(),
                        absl::StrCat("in its branch: ", status.message()));
  };
  for (const onnx::TensorProto& tensor : branch->initializer()) {
    LENSLET_RETURN_IF_ERROR(check_new(tensor.name()));
    const absl::Status status = AddConstant(tensor);
    if (!status.ok()) return in_branch(status);
  }
  for (const onnx::NodeProto& inner : branch->node()) {
    for (const std::string& output : inner.output()) {
      LENSLET_RETURN_IF_ERROR(check_new(output));
    }
    bool is_constant = false;
    const absl::Status status = Read(inner, is_constant);
    if (!status.ok()) return in_branch(status);
  }
  const std::string& name = branch->output(0).name();
  std::optional<OnnxConstant> constant;
  ImportedValue value;
  if (const auto found = constants_.find(name); found != constants_.end()) {
    constant = found->second;
  } else {
    LENSLET_ASSIGN_OR_RETURN(value, Find(name));
  }
  // The nodes after it, and other branches, may write the same names.
  for (const std::string& inner : inner_names) {
    values_.erase(inner);
    constants_.erase(inner);
  }
  if (constant) {
    constants_[node.output()] = *std::move(constant);
  } else {
    values_[node.output()] = std::move(value);
  }
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
  } else if (node.Has("value_floats")) {
    LENSLET_ASSIGN_OR_RETURN(constant.floats, node.Floats("value_floats"));
    constant.dims = {constant.size()};
  } else if (node.Has("value_int") || node.Has("value_ints")) {
    constant.type = onnx::TensorProto::INT64;
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
  if (x.form == Form::kBatchLast) {
    return Lacking("its input has the batch last; expected it first");
  }
  Ints sizes = DimsOf(x);
  if (IsWindow(x.form) && x.window.is_raised) sizes.insert(sizes.begin(), 1);
  if (!x.lacks_batch) sizes.insert(sizes.begin(), kBatchSize);
  return ShapeFrom(node, sizes);
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

ValueOr LayerImporter::ScaleChannels(const std::string& name, ImportedValue x,
                                     std::vector<float> factors,
                                     std::optional<std::vector<float>> terms) {
  const int64_t channels = x.shape.dim(x.shape.rank() - 1);
  x.factor = 1;
  x.offset = 0;
  if (x.layer >= 0 && !layers_[x.layer].is_shared &&
      std::holds_alternative<LinearLayer>(layers_[x.layer].layer.spec())) {
    ScaleOutputs(factors, terms, layers_[x.layer]);
    layers_[x.layer].name = NameFor(name);
    return x;
  }
  const bool is_vector = x.shape.rank() == 1;
  ImportedValue image = x;
  image.order.clear();  // The numbers are in Lenslet's order.
  if (const std::optional<ImportedValue> before =
          is_vector ? Unflattened(image, {channels, 1}, /*is_transposed=*/false)
                    : std::nullopt;
      before && before->shape.dim(1) == channels) {
    image = *before;
  } else if (is_vector) {
    LENSLET_ASSIGN_OR_RETURN(
        image, AddNamedLayer(absl::StrCat(name, "/image"),
                             Layer(ReshapeLayer{{1, channels}}), {x}, {}));
  }
  const int rank = image.shape.rank() - 1;
  if (rank > Axes::kMaxRank) {
    return Lacking(absl::StrCat("it reads ", DimsText(x),
                                " times a number, or plus one; expected at "
                                "most ",
                                AxesText(Axes::kMaxRank + 2)));
  }
  const ConvSpec spec = {.output_channels = channels,
                         .window = {.kernel = Axes::Filled(rank, 1)},
                         .has_bias = terms.has_value(),
                         .groups = channels};
  std::vector<std::vector<float>> parameters = {std::move(factors)};
  if (terms) parameters.push_back(*std::move(terms));
  LENSLET_ASSIGN_OR_RETURN(
      ImportedValue y,
      AddNamedLayer(is_vector ? absl::StrCat(name, "/scale") : name,
                    Layer(ConvLayer{rank, spec}), {image},
                    std::move(parameters)));
  if (is_vector) {
    LENSLET_ASSIGN_OR_RETURN(
        y, AddNamedLayer(name, Layer(FlattenLayer()), {y}, {}));
  }
  y.axes = x.axes;
  y.order = x.order;
  return y;
}

ValueOr LayerImporter::Scaled(const std::string& name, const ImportedValue& x) {
  const int64_t channels = x.shape.dim(x.shape.rank() - 1);
  LENSLET_RETURN_IF_ERROR(Count(2 * channels));
  std::optional<std::vector<float>> terms;
  if (x.offset != 0) terms.emplace(channels, static_cast<float>(x.offset));
  return ScaleChannels(
      name, x, std::vector<float>(channels, static_cast<float>(x.factor)),
      std::move(terms));
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
  if (IsMeanOfSides(x)) {
    LENSLET_ASSIGN_OR_RETURN(values_[name], MeanOfSides(name, x));
    values_[name].lacks_batch = x.lacks_batch;
    if (!HasOneReader(name)) layers_[values_[name].layer].is_shared = true;
    return values_[name];
  }
  if (x.form == Form::kPlain && x.shape.rank() > 0) {
    LENSLET_ASSIGN_OR_RETURN(values_[name], Scaled(name, x));
    values_[name].lacks_batch = x.lacks_batch;
    if (!HasOneReader(name)) layers_[values_[name].layer].is_shared = true;
    return values_[name];
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
        x, x.layer >= 0 && std::holds_alternative<ReshapeLayer>(
                               layers_[x.layer].layer.spec())
               ? "it reads an image that a reshape makes of a vector, whose "
                 "numbers layers have in another order; expected a vector of "
                 "linear layers that no others read as an image, with "
                 "activations, normalizations, sums and products after them"
               : "its input has the axes of an image with channels last; "
                 "expected channels first");
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
  if (!constant->is_float()) {
    return Wrong(
        absl::StrCat("its ", what, " has whole numbers; expected floats"));
  }
  return constant;
}

absl::StatusOr<std::optional<Ints>> LayerImporter::IntsFrom(
    const NodeReader& node, int i, const char* attribute) const {
  if (node.HasInput(i)) {
    const OnnxConstant* constant = FindConstant(node, i);
    if (constant == nullptr || constant->is_float()) {
      return Lacking(
          absl::StrCat("its ", attribute, " are no constant of whole numbers"));
    }
    return constant->ints;
  }
  if (!node.Has(attribute)) return std::nullopt;
  LENSLET_ASSIGN_OR_RETURN(Ints values, node.Ints(attribute, {}));
  return values;
}

}  // namespace lenslet
