#include "lenslet/onnx/import.h"

#include <algorithm>
#include <cmath>
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
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/version.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/graph_model.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/onnx/input_type.h"
#include "lenslet/onnx/onnx_file.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/trained_inputs.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

// Version 6 differs from 7 in how numbers are added to channels.
constexpr int64_t kOldestOpset = 6;
// The newest version of the operators whose definitions were compared.
constexpr int64_t kNewestOpset = 22;
// Longer than any operator's name.
constexpr size_t kMaxTypeBytes = 40;
// Of problems in one error.
constexpr size_t kMaxProblems = 20;

absl::StatusOr<onnx::ModelProto> ParseOnnx(absl::string_view bytes) {
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !model.has_graph()) {
    return absl::InvalidArgumentError(
        "is not an ONNX model, or is truncated or corrupted");
  }
  return model;
}

absl::StatusOr<int> OpsetOf(const onnx::ModelProto& model) {
  int64_t opset = 1;
  for (const onnx::OperatorSetIdProto& operators : model.opset_import()) {
    if (operators.domain().empty() || operators.domain() == "ai.onnx") {
      opset = operators.version();
    }
  }
  if (opset < kOldestOpset || opset > kNewestOpset) {
    return absl::InvalidArgumentError(
        absl::StrCat("its operators have version ", opset, "; expected ",
                     kOldestOpset, " to ", kNewestOpset));
  }
  return static_cast<int>(opset);
}

// The inputs that are not constants.
std::vector<const onnx::ValueInfoProto*> InputsOf(
    const onnx::GraphProto& graph) {
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    const bool is_constant = std::any_of(
        graph.initializer().begin(), graph.initializer().end(),
        [&](const auto& tensor) { return tensor.name() == input.name(); });
    if (!is_constant) inputs.push_back(&input);
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

absl::StatusOr<ImportedValue> ReadInput(const onnx::GraphProto& graph,
                                        const onnx::ValueInfoProto& input,
                                        const OnnxImportOptions& options) {
  const std::string name = absl::StrCat("input ", QuotedName(input.name()));
  const onnx::TypeProto::Tensor& tensor = input.type().tensor_type();
  const int rank = tensor.shape().dim_size();
  if (!tensor.has_shape() || rank < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " has ", rank, " axes; expected the batch and one or more"));
  }
  Ints sizes;
  for (int i = 1; i < rank; ++i) {
    sizes.push_back(tensor.shape().dim(i).dim_value());
  }
  const bool channels_last = HasChannelsLast(graph, input.name(), rank);
  ImportedValue value;
  value.axes = ChannelsFirstAxes(rank - 1);
  if (channels_last) {
    for (int i = 0; i < rank - 1; ++i) value.axes[i] = i;
  }
  // Lenslet's shape.
  Ints shape(rank - 1);
  for (int i = 0; i < rank - 1; ++i) shape[value.axes[i]] = sizes[i];
  if (!options.shape.empty()) {
    if (options.shape.size() != shape.size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the shape to use is [", absl::StrJoin(options.shape, ", "), "]; ",
          name, " has ", rank - 1, " sizes after the batch"));
    }
    const Ints stated = shape;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] != 0 && shape[i] != options.shape[i]) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the shape to use is [", absl::StrJoin(options.shape, ", "), "]; ",
            name, " is [", absl::StrJoin(stated, ", "), "], channels last"));
      }
      shape[i] = options.shape[i];
    }
  }
  if (std::any_of(shape.begin(), shape.end(),
                  [](int64_t size) { return size < 1; })) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " leaves sizes open: [", absl::StrJoin(shape, ", "),
        "], channels last; expected sizes from lenslet import --shape, such as "
        "--shape=224,224,3"));
  }
  LENSLET_ASSIGN_OR_RETURN(value.shape, Shape::Create(shape));
  if (value.shape.rank() >= Shape::kMaxRank) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " has ", rank, " axes; expected at most ", Shape::kMaxRank));
  }
  return value;
}

absl::StatusOr<std::string> OutputName(const onnx::GraphProto& graph,
                                       const OnnxImportOptions& options) {
  std::vector<std::string> names;
  for (const onnx::ValueInfoProto& output : graph.output()) {
    if (output.name() == options.output) return options.output;
    names.push_back(QuotedName(output.name()));
  }
  if (options.output.empty() && names.size() == 1) {
    return graph.output(0).name();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "its outputs are ", names.empty() ? "none" : absl::StrJoin(names, ", "),
      "; expected one of them from lenslet import --onnx_output"));
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
  for (const ImportedLayer& layer : layers) {
    const int node = graph.FindNode(layer.name);
    if (node < 0) continue;
    int parameter = graph.nodes()[node].first_parameter;
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

Normalization NormalizationOf(const LayerImporter& importer, bool takes_bytes) {
  Normalization normalization = importer.normalization();
  if (importer.divides_by_255() || !takes_bytes) return normalization;
  if (normalization.empty()) return {.mean = {0}, .deviation = {1.0f / 255}};
  for (float& mean : normalization.mean) mean /= 255;
  for (float& deviation : normalization.deviation) deviation /= 255;
  return normalization;
}

// The type of the examples, by the metadata that ExportOnnx() writes or by the
// input's shape: images may be of both types.
std::optional<ElementType> InputTypeOf(const onnx::ModelProto& model,
                                       const Shape& input) {
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() != kInputTypeKey) continue;
    for (const ElementType type :
         {ElementType::kUint8, ElementType::kFloat32}) {
      if (entry.value() == Name(type)) return type;
    }
  }
  return UsualInputType(input);
}

// The meaning of the outputs by the metadata that ExportOnnx() writes. Without
// these, one number is a value, and several are the scores of classes.
OutputTargets TargetsOf(const onnx::ModelProto& model, const Shape& output) {
  OutputTargets targets;
  bool has_kind = false;
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() == "targets") {
      for (const TargetKind kind : {TargetKind::kLabels, TargetKind::kValues}) {
        if (entry.value() == Name(kind)) targets.kind = kind;
      }
      has_kind = targets.kind != TargetKind::kClasses;
    } else if (entry.key() == "class_names") {
      for (const absl::string_view name : absl::StrSplit(entry.value(), '\n')) {
        targets.names.push_back(std::string(name));
      }
    }
  }
  if (has_kind || !targets.names.empty() || output.rank() != 1) return targets;
  if (output.elements() == 1) {
    targets.kind = TargetKind::kValues;
    return targets;
  }
  for (int64_t i = 0; i < output.elements(); ++i) {
    targets.names.push_back(absl::StrCat(i));
  }
  return targets;
}

}  // namespace

absl::StatusOr<OnnxImport> ImportOnnx(absl::string_view bytes,
                                      const std::string& folder,
                                      const OnnxImportOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const onnx::ModelProto model, ParseOnnx(bytes));
  const onnx::GraphProto& graph = model.graph();
  LENSLET_ASSIGN_OR_RETURN(const int opset, OpsetOf(model));
  const std::vector<const onnx::ValueInfoProto*> inputs = InputsOf(graph);
  if (inputs.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has ", CountText(static_cast<int64_t>(inputs.size()), "input"),
        "; expected one"));
  }
  LENSLET_ASSIGN_OR_RETURN(const ImportedValue input,
                           ReadInput(graph, *inputs[0], options));
  LENSLET_ASSIGN_OR_RETURN(const std::string output,
                           OutputName(graph, options));
  std::map<std::string, int> readers;
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& name : node.input()) ++readers[name];
  }
  ++readers[output];
  LayerImporter importer(opset, folder, inputs[0]->name(), input, output,
                         std::move(readers));
  std::vector<std::string> problems;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    absl::StatusOr<OnnxConstant> constant = ConstantOf(tensor, folder);
    if (constant.ok()) {
      importer.AddConstant(tensor.name(), *std::move(constant));
    } else {
      problems.push_back(absl::StrCat("constant ", QuotedName(tensor.name()),
                                      ": ", constant.status().message()));
    }
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  }
  std::set<std::string> values = {inputs[0]->name()};
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    values.insert(tensor.name());
  }
  for (int i = 0; i < graph.node_size(); ++i) {
    absl::Status status = CheckNewValues(graph.node(i), values);
    if (status.ok()) status = importer.Add(graph.node(i));
    // Of a node that fails because of another, there is nothing to say.
    if (!status.ok() && !absl::IsCancelled(status)) {
      problems.push_back(
          absl::StrCat(PlaceOf(graph.node(i), i), ": ", status.message()));
    }
  }
  absl::StatusOr<ImportedValue> result = importer.Find(output);
  if (const absl::StatusOr<ImportedValue> plain = importer.FindPlain(output);
      plain.ok()) {
    result = plain;
  }
  if (result.ok() && !result->is_plain()) {
    problems.push_back(
        result->form == ImportedValue::Form::kPlain
            ? "the output is a value times a number, or plus one"
            : "the output is a step of a function that layers know only as a "
              "whole");
  } else if (result.ok() && !result->order.empty()) {
    problems.push_back(
        "the output is a flattened image, whose numbers Lenslet has in another "
        "order; expected the image, or a linear layer after it");
  } else if (!result.ok() && problems.empty()) {
    problems.push_back(absl::StrCat("output: ", result.status().message()));
  }
  if (!problems.empty()) {
    const size_t count = problems.size();
    if (count > kMaxProblems) {
      problems.resize(kMaxProblems);
      problems.push_back(absl::StrCat("and ", count - kMaxProblems, " more"));
    }
    return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  }
  OnnxImport import;
  CheckpointProto& checkpoint = import.checkpoint;
  LENSLET_RETURN_IF_ERROR(WriteNetwork(importer, importer.input_layer_name(),
                                       input.shape, result->layer, checkpoint));
  if (graph.name() != "network") {
    checkpoint.mutable_model()->set_name(
        Printable(graph.name()).substr(0, GraphBuilder::kMaxNameBytes));
  }
  checkpoint.set_lenslet_version(kVersion);
  if (const Normalization normalization =
          NormalizationOf(importer, options.takes_bytes);
      !normalization.empty()) {
    *checkpoint.mutable_normalization() = NormalizationToProto(normalization);
  }
  TargetsToCheckpoint(TargetsOf(model, result->shape), checkpoint);
  const std::optional<ElementType> type = options.takes_bytes
                                              ? ElementType::kUint8
                                              : InputTypeOf(model, input.shape);
  if (type.has_value()) {
    TrainedInputsToCheckpoint({.type = type}, checkpoint);
  }
  if (importer.ends_in_softmax()) {
    import.notes.push_back(
        "the softmax at the end is left out: Lenslet's outputs are the scores "
        "before it");
  }
  return import;
}

}  // namespace lenslet
