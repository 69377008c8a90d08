#include "lenslet/onnx/import.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/version.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/graph_model.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/count_text.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/onnx/import_meaning.h"
#include "lenslet/onnx/import_names.h"
#include "lenslet/onnx/onnx_file.h"
#include "lenslet/onnx/read_metadata.h"
#include "lenslet/predict/checkpoint.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

// Longer than any operator's name.
constexpr size_t kMaxTypeBytes = 40;
// Of problems in one error.
constexpr size_t kMaxProblems = 50;
// Of outputs, in one error.
constexpr size_t kMaxNamedOutputs = 10;
// Layers are some of the nodes; others are constants and shapes.
constexpr int kMaxNodes = 10 * kMaxInputsAndLayers;

// The inputs that are not constants.
std::vector<const onnx::ValueInfoProto*> InputsOf(
    const onnx::GraphProto& graph) {
  std::set<absl::string_view> constants;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    constants.insert(tensor.name());
  }
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    if (constants.count(input.name()) == 0) inputs.push_back(&input);
  }
  return inputs;
}

// Whether nodes turn the input's channels, which are last, to the front.
bool HasChannelsLast(const onnx::GraphProto& graph, const std::string& input,
                     int axes) {
  for (const onnx::NodeProto& node : graph.node()) {
    if (node.op_type() != "Transpose" || node.input_size() == 0 ||
        node.input(0) != input) {
      continue;
    }
    const NodeReader reader(node);
    const absl::StatusOr<Ints> order = reader.Ints("perm", {});
    if (order.ok() && static_cast<int>(order->size()) == axes &&
        (*order)[1] == axes - 1) {
      return true;
    }
  }
  return false;
}

// Sizes in place of those that are open: "32,16".
std::string ExampleShape(Ints shape) {
  for (int64_t& size : shape) size = size < 1 ? 32 : size;
  return absl::StrJoin(shape, ",");
}

// How the input is read.
enum class InputLayout { kChannelsFirst, kChannelsLast };

std::string ShapeText(const Ints& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

absl::Status CheckGivenShape(const Ints& given, const Ints& stated,
                             const std::string& name) {
  const std::string what = absl::StrCat("the shape to use (--shape) is ",
                                        ShapeText(given), "; ", name);
  if (given.size() != stated.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, " has ", CountText(static_cast<int64_t>(stated.size()), "size"),
        " after the batch"));
  }
  for (size_t i = 0; i < stated.size(); ++i) {
    if (given[i] < 1 || (stated[i] > 0 && stated[i] != given[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " is ", ShapeText(stated), ", channels last"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ImportedValue> ReadInput(const onnx::ModelProto& model,
                                        const onnx::ValueInfoProto& input,
                                        InputLayout layout,
                                        const OnnxImportOptions& options) {
  const std::string name = absl::StrCat("input ", QuotedName(input.name()));
  const onnx::TypeProto::Tensor& tensor = input.type().tensor_type();
  const int rank = tensor.shape().dim_size();
  if (!input.type().has_tensor_type() &&
      input.type().value_case() != onnx::TypeProto::VALUE_NOT_SET) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " is a sequence, a map or the like; expected a tensor"));
  }
  if (!tensor.has_shape()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name,
                     " has no shape; expected the batch and one or more "
                     "sizes"));
  }
  if (rank < 2 || rank > Shape::kMaxRank) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " has ", AxesText(rank), "; expected the batch and 1 to ",
        Shape::kMaxRank - 1, " more"));
  }
  // IsFloatType() also has those of constants that state no type.
  if (tensor.elem_type() == onnx::TensorProto::UNDEFINED ||
      (!IsFloatType(tensor.elem_type()) && !IsWholeType(tensor.elem_type()))) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " has elements of type ", ElementTypeName(tensor.elem_type()),
        "; expected floats, or whole numbers such as uint8"));
  }
  Ints sizes;
  for (int i = 1; i < rank; ++i) {
    sizes.push_back(tensor.shape().dim(i).dim_value());
  }
  ImportedValue value;
  value.axes = ChannelsFirstAxes(rank - 1);
  // Lenslet's own models have their channels first, whatever reads them.
  if (layout == InputLayout::kChannelsLast ||
      (!IsOurs(model) && HasChannelsLast(model.graph(), input.name(), rank))) {
    for (int i = 0; i < rank - 1; ++i) value.axes[i] = i;
  }
  // Lenslet's shape.
  Ints shape(rank - 1);
  for (int i = 0; i < rank - 1; ++i) shape[value.axes[i]] = sizes[i];
  if (!options.shape.empty()) {
    LENSLET_RETURN_IF_ERROR(CheckGivenShape(options.shape, shape, name));
    shape = options.shape;
  }
  if (std::any_of(shape.begin(), shape.end(),
                  [](int64_t size) { return size < 1; })) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " leaves sizes open, given as 0: ", ShapeText(shape),
        ", channels last; expected sizes from lenslet import --shape, such as ",
        "--shape=", shape.size() == 3 ? "224,224,3" : ExampleShape(shape)));
  }
  int64_t numbers = 1;
  for (const int64_t size : shape) {
    if (size > kMaxExample / numbers) {
      return absl::InvalidArgumentError(absl::StrCat(
          options.shape.empty() ? name : "the shape to use (--shape)", " is ",
          ShapeText(shape), "; expected at most ", kMaxExample,
          " numbers in an example"));
    }
    numbers *= size;
  }
  LENSLET_ASSIGN_OR_RETURN(value.shape, Shape::Create(shape));
  return value;
}

absl::StatusOr<std::string> OutputName(const onnx::GraphProto& graph,
                                       const OnnxImportOptions& options) {
  if (!options.output.empty()) {
    const std::vector<bool> used = UsedNodes(graph, options.output);
    if (std::find(used.begin(), used.end(), true) != used.end()) {
      return options.output;
    }
  }
  std::vector<std::string> names;
  for (const onnx::ValueInfoProto& output : graph.output()) {
    if (output.name() == options.output) return options.output;
    names.push_back(QuotedName(output.name()));
  }
  if (names.size() > kMaxNamedOutputs) {
    const size_t more = names.size() - kMaxNamedOutputs;
    names.resize(kMaxNamedOutputs);
    names.push_back(absl::StrCat("and ", more, " more"));
  }
  if (options.output.empty() && names.size() == 1) {
    return graph.output(0).name();
  }
  if (names.empty()) {
    return absl::InvalidArgumentError("it has no output; expected one");
  }
  const std::string what =
      absl::StrCat(names.size() == 1 ? "its output is " : "its outputs are ",
                   absl::StrJoin(names, ", "));
  return absl::InvalidArgumentError(
      options.output.empty()
          ? absl::StrCat(what,
                         "; expected one of them from lenslet import "
                         "--onnx_output")
          : absl::StrCat("the output to keep (--onnx_output) is ",
                         QuotedName(options.output), ", which no node writes; ",
                         what));
}

std::string PlaceOf(const onnx::NodeProto& node, int index) {
  const std::string& name = !node.name().empty() || node.output_size() == 0
                                ? node.name()
                                : node.output(0);
  return absl::StrCat(
      "node ", name.empty() ? absl::StrCat(index + 1) : QuotedName(name), " (",
      absl::CHexEscape(node.op_type().substr(0, kMaxTypeBytes)), ")");
}

// Adds the node's outputs to the values of the graph.
absl::Status CheckNewValues(const onnx::NodeProto& node,
                            std::set<std::string>& values) {
  for (const std::string& output : node.output()) {
    if (!output.empty() && !values.insert(output).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("it writes ", QuotedName(output),
                       ", which is another value's name already"));
    }
  }
  return absl::OkStatus();
}

// Only the layers that the output depends on, in order.
std::vector<bool> UsedLayers(const std::vector<ImportedLayer>& layers,
                             int output) {
  std::vector<bool> used(layers.size(), false);
  if (output >= 0) used[output] = true;
  for (int i = output; i >= 0; --i) {
    if (!used[i]) continue;
    for (const int input : layers[i].inputs) {
      if (input >= 0) used[input] = true;
    }
  }
  return used;
}

absl::Status WriteNetwork(const LayerImporter& importer,
                          const std::string& input_name, const Shape& input,
                          int output, CheckpointProto& checkpoint) {
  const std::vector<ImportedLayer>& layers = importer.layers();
  const std::vector<bool> used = UsedLayers(layers, output);
  const auto name_of = [&](int layer) {
    return layer < 0 ? input_name : layers[layer].name;
  };
  GraphBuilder builder;
  builder.AddInput(input_name, input);
  for (size_t i = 0; i < layers.size(); ++i) {
    if (!used[i]) continue;
    std::vector<std::string> inputs;
    for (const int layer : layers[i].inputs) inputs.push_back(name_of(layer));
    builder.AddLayer(layers[i].name, layers[i].layer, inputs);
  }
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, builder.Build());
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  std::map<absl::string_view, int> first_parameters;
  for (const Graph::Node& node : graph.nodes()) {
    first_parameters[node.name] = node.first_parameter;
  }
  for (const ImportedLayer& layer : layers) {
    const auto first_parameter = first_parameters.find(layer.name);
    if (first_parameter == first_parameters.end()) continue;
    int parameter = first_parameter->second;
    for (const std::vector<float>& values : layer.parameters) {
      if (!std::all_of(values.begin(), values.end(),
                       [](float x) { return std::isfinite(x); })) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the parameters of layer \"", layer.name, "\" are not all finite"));
      }
      std::copy(values.begin(), values.end(),
                parameters.view(parameter++).data());
    }
  }
  LENSLET_ASSIGN_OR_RETURN(*checkpoint.mutable_model(), ModelOf(graph));
  CopyParameters(parameters, checkpoint);
  return absl::OkStatus();
}

// What is wrong with the model, a line for each problem. Those after the first
// kMaxProblems are counted by operator.
class Problems {
 public:
  void Add(const std::string& operation, const std::string& text) {
    if (lines_.size() < kMaxProblems) {
      lines_.push_back(text);
    } else {
      ++more_[operation];
      ++more_count_;
    }
  }
  bool empty() const { return lines_.empty(); }
  absl::Status AsError() const {
    std::vector<std::string> lines = lines_;
    if (more_count_ > 0) {
      std::vector<std::string> counts;
      for (const auto& [operation, count] : more_) {
        counts.push_back(absl::StrCat(count, " ", operation));
      }
      if (counts.size() > kMaxProblems) {
        counts.resize(kMaxProblems);
        counts.push_back("others");
      }
      lines.push_back(absl::StrCat("and ", more_count_,
                                   " more: ", absl::StrJoin(counts, ", ")));
    }
    return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
  }

 private:
  std::vector<std::string> lines_;
  std::map<std::string, int> more_;
  int more_count_ = 0;
};

std::string OperatorOf(const onnx::NodeProto& node) {
  return absl::CHexEscape(node.op_type().substr(0, kMaxTypeBytes));
}

void AddConstants(const onnx::GraphProto& graph, LayerImporter& importer,
                  Problems& problems) {
  std::set<std::string> names;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    const absl::Status status =
        names.insert(tensor.name()).second
            ? importer.AddConstant(tensor)
            : absl::InvalidArgumentError("another constant has this name");
    if (status.ok()) continue;
    problems.Add("constants",
                 absl::StrCat("constant ", QuotedName(tensor.name()), ": ",
                              status.message()));
  }
}

void AddNodes(const onnx::GraphProto& graph, const std::vector<bool>& used,
              LayerImporter& importer, Problems& problems,
              const std::string& input) {
  std::set<std::string> values = {input};
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    values.insert(tensor.name());
  }
  for (int i = 0; i < graph.node_size(); ++i) {
    if (!used[i]) continue;
    const onnx::NodeProto& node = graph.node(i);
    absl::Status status = CheckNewValues(node, values);
    if (status.ok()) status = importer.Add(node);
    // Of a node that fails because of another, there is nothing to say.
    if (!status.ok() && !absl::IsCancelled(status)) {
      problems.Add(OperatorOf(node),
                   absl::StrCat(PlaceOf(node, i), ": ", status.message()));
    }
    // With the input.
    if (importer.layers().size() >= kMaxInputsAndLayers) {
      problems.Add(
          OperatorOf(node),
          absl::StrCat(PlaceOf(node, i), ": with it, the network has ",
                       importer.layers().size(), " layers; expected less than ",
                       kMaxInputsAndLayers));
      return;
    }
  }
}

// Why an output that no layer computes is none.
std::string NoLayersText(const onnx::GraphProto& graph,
                         const std::string& output) {
  constexpr absl::string_view kReason =
      "; expected layers between the input and the output";
  for (int i = 0; i < graph.node_size(); ++i) {
    const onnx::NodeProto& node = graph.node(i);
    if (std::find(node.output().begin(), node.output().end(), output) ==
        node.output().end()) {
      continue;
    }
    return absl::StrCat(PlaceOf(node, i),
                        ": it writes the output, which has the input's "
                        "numbers, with their axes in another order or not",
                        kReason);
  }
  return absl::StrCat("output ", QuotedName(output), " is the input", kReason);
}

// The output, as a layer computes it.
ImportedValue ReadOutput(const onnx::GraphProto& graph,
                         const std::string& output, LayerImporter& importer,
                         Problems& problems) {
  if (const absl::Status found = importer.Find(output).status(); !found.ok()) {
    if (problems.empty()) {
      problems.Add("outputs", absl::StrCat("output: ", found.message()));
    }
    return {};
  }
  absl::StatusOr<ImportedValue> result = importer.FindPlain(output);
  if (!result.ok()) {
    problems.Add("outputs", absl::StrCat("output ", QuotedName(output), ": ",
                                         result.status().message()));
    return {};
  }
  if (!result->order.empty()) {
    problems.Add(
        "outputs",
        absl::StrCat("output ", QuotedName(output),
                     " is a flattened image, whose numbers Lenslet has in "
                     "another order; expected the image, or a linear layer "
                     "after it"));
  } else if (problems.empty() && importer.layers().empty()) {
    problems.Add("outputs", NoLayersText(graph, output));
  }
  return *result;
}

// Says which of the model's axes those of the output are, if they are neither
// in its order nor those of an image with its channels moved.
void AddOrderNote(const ImportedValue& output,
                  std::vector<std::string>& notes) {
  const int rank = output.shape.rank();
  const auto sides =
      std::count_if(output.shape.dims().begin(), output.shape.dims().end(),
                    [](int64_t size) { return size > 1; });
  if (sides < 2 || output.axes == ChannelsFirstAxes(rank) ||
      std::is_sorted(output.axes.begin(), output.axes.end())) {
    return;
  }
  std::vector<int> onnx_axes(rank);
  for (int i = 0; i < rank; ++i) onnx_axes[output.axes[i]] = i + 1;
  notes.push_back(absl::StrCat(
      "the output ", DimsText(output), " becomes ", output.shape.ToString(),
      ", channels last, which are its axes ", absl::StrJoin(onnx_axes, ", ")));
}

// Whether the input's channels may be its first sizes or its last.
bool HasLayouts(const onnx::GraphProto& graph) {
  const std::vector<const onnx::ValueInfoProto*> inputs = InputsOf(graph);
  return inputs.size() == 1 &&
         inputs[0]->type().tensor_type().shape().dim_size() > 2;
}

// Whether nodes have ONNX's second axis as channels.
bool HasChannelsFirst(const onnx::GraphProto& graph) {
  constexpr absl::string_view kTypes[] = {"AveragePool",
                                          "BatchNormalization",
                                          "Conv",
                                          "ConvTranspose",
                                          "GlobalAveragePool",
                                          "GlobalMaxPool",
                                          "LRN",
                                          "MaxPool",
                                          "Resize",
                                          "Upsample"};
  return std::any_of(graph.node().begin(), graph.node().end(),
                     [&](const onnx::NodeProto& node) {
                       return std::find(std::begin(kTypes), std::end(kTypes),
                                        node.op_type()) != std::end(kTypes);
                     });
}

// Which nodes are read: all, or those that the output depends on.
enum class Nodes { kAll, kUsed };

absl::StatusOr<OnnxImport> ImportNodes(const onnx::ModelProto& model,
                                       const std::string& folder, int opset,
                                       InputLayout layout, Nodes nodes,
                                       const OnnxImportOptions& options) {
  const onnx::GraphProto& graph = model.graph();
  const std::vector<const onnx::ValueInfoProto*> inputs = InputsOf(graph);
  if (inputs.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has ", CountText(static_cast<int64_t>(inputs.size()), "input"),
        "; expected one"));
  }
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue input,
                           ReadInput(model, *inputs[0], layout, options));
  LENSLET_ASSIGN_OR_RETURN(const std::string output,
                           OutputName(graph, options));
  const std::vector<bool> used =
      nodes == Nodes::kAll ? std::vector<bool>(graph.node_size(), true)
                           : UsedNodes(graph, output);
  LayerImporter importer(opset, folder,
                         NamesOf(graph, used, *inputs[0], output),
                         LastSigmoidOf(model, options), input);
  Problems problems;
  AddConstants(graph, importer, problems);
  AddNodes(graph, used, importer, problems, inputs[0]->name());
  const ImportedValue result = ReadOutput(graph, output, importer, problems);
  if (!problems.empty()) return problems.AsError();

  OnnxImport import;
  import.activation = importer.activation();
  import.input_axes = input.axes;
  import.output_axes = result.axes;
  CheckpointProto& checkpoint = import.checkpoint;
  LENSLET_RETURN_IF_ERROR(WriteNetwork(importer, importer.input_layer_name(),
                                       input.shape, result.layer, checkpoint));
  if (graph.name() != "network") {
    checkpoint.mutable_model()->set_name(
        Printable(graph.name()).substr(0, GraphBuilder::kMaxNameBytes));
  }
  checkpoint.set_lenslet_version(kVersion);
  if (layout == InputLayout::kChannelsLast) {
    import.notes.push_back(absl::StrCat("the input is read as ",
                                        input.shape.ToString(),
                                        ", the channels last"));
  }
  AddOrderNote(result, import.notes);
  LENSLET_RETURN_IF_ERROR(AddMeaning(model, *inputs[0], input.shape, importer,
                                     result, options, import));
  return import;
}

// Nodes that the output does not depend on matter only if the model cannot be
// imported: then all that is wrong is told, but for an output that was chosen.
absl::StatusOr<OnnxImport> Import(const onnx::ModelProto& model,
                                  const std::string& folder, int opset,
                                  InputLayout layout,
                                  const OnnxImportOptions& options) {
  absl::StatusOr<OnnxImport> import =
      ImportNodes(model, folder, opset, layout, Nodes::kUsed, options);
  if (import.ok() || !options.output.empty()) return import;
  return ImportNodes(model, folder, opset, layout, Nodes::kAll, options);
}

}  // namespace

absl::StatusOr<OnnxImport> ImportOnnx(absl::string_view bytes,
                                      const std::string& folder,
                                      const OnnxImportOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const onnx::ModelProto model, ParseOnnx(bytes));
  LENSLET_ASSIGN_OR_RETURN(const int opset, OpsetOf(model));
  if (model.graph().node_size() > kMaxNodes) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", model.graph().node_size(),
                     " nodes; expected at most ", kMaxNodes));
  }
  absl::StatusOr<OnnxImport> import =
      Import(model, folder, opset, InputLayout::kChannelsFirst, options);
  if (import.ok() || !HasLayouts(model.graph())) return import;
  // Rows of a table, such as the words of a sentence, have their channels last.
  absl::StatusOr<OnnxImport> channels_last =
      Import(model, folder, opset, InputLayout::kChannelsLast, options);
  if (channels_last.ok()) return channels_last;
  // Fewer problems are nearer to what the model means.
  const auto problems = [](const absl::StatusOr<OnnxImport>& failed) {
    const absl::string_view text = failed.status().message();
    return std::count(text.begin(), text.end(), '\n');
  };
  return !HasChannelsFirst(model.graph()) &&
                 problems(channels_last) < problems(import)
             ? channels_last
             : import;
}

}  // namespace lenslet
