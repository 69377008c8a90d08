#include "lenslet/onnx/import_names.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/onnx/node_reader.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// The values that a node reads, those of the graphs in its attributes included.
void AddInputs(const onnx::NodeProto& node, std::vector<std::string>& names) {
  for (const std::string& name : node.input()) {
    if (!name.empty()) names.push_back(name);
  }
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    for (const onnx::NodeProto& inner : attribute.g().node()) {
      AddInputs(inner, names);
    }
  }
}

std::vector<std::string> InputsOf(const onnx::NodeProto& node) {
  std::vector<std::string> names;
  AddInputs(node, names);
  return names;
}

// The values that the nodes of these types separate from the output, each of
// which only one node reads.
template <size_t kCount>
std::set<std::string> ValuesBefore(const onnx::GraphProto& graph,
                                   const std::string& output,
                                   const std::map<std::string, int>& readers,
                                   const absl::string_view (&types)[kCount]) {
  std::set<std::string> values;
  std::string value = output;
  const auto has_one_reader = [&](const std::string& name) {
    const auto found = readers.find(name);
    return found != readers.end() && found->second == 1;
  };
  if (has_one_reader(value)) values.insert(value);
  // Nodes are in order.
  for (int i = graph.node_size() - 1; i >= 0 && !values.empty(); --i) {
    const onnx::NodeProto& node = graph.node(i);
    if (node.output_size() == 0 || node.output(0) != value) continue;
    if (node.input_size() == 0 || !has_one_reader(node.input(0)) ||
        std::find(std::begin(types), std::end(types), node.op_type()) ==
            std::end(types)) {
      break;
    }
    value = node.input(0);
    values.insert(value);
  }
  return values;
}

// The sizes after the batch of values for which the model states all.
std::map<std::string, Ints> StatedSizes(const onnx::GraphProto& graph) {
  std::map<std::string, Ints> stated;
  const auto add = [&](const onnx::ValueInfoProto& value) {
    const auto& shape = value.type().tensor_type().shape();
    Ints sizes;
    for (int i = 1; i < shape.dim_size(); ++i) {
      if (shape.dim(i).dim_value() < 1) return;
      sizes.push_back(shape.dim(i).dim_value());
    }
    if (!sizes.empty() && sizes.size() < Shape::kMaxRank) {
      stated[value.name()] = std::move(sizes);
    }
  };
  for (const onnx::ValueInfoProto& value : graph.value_info()) add(value);
  for (const onnx::ValueInfoProto& value : graph.output()) add(value);
  return stated;
}

// Whether the node moves the channels of images from the last axis to the
// first.
bool MovesChannelsToFront(const onnx::NodeProto& node) {
  const absl::StatusOr<Ints> order = NodeReader(node).Ints("perm", {});
  return order.ok() && order->size() > 3 &&
         (*order)[1] == static_cast<int64_t>(order->size()) - 1;
}

// Whether the node moves the channels of images from the first axis to the
// last.
bool MovesChannelsToBack(const onnx::NodeProto& node) {
  const absl::StatusOr<Ints> order = NodeReader(node).Ints("perm", {});
  if (!order.ok() || order->size() < 3 || order->back() != 1) return false;
  for (size_t i = 1; i + 1 < order->size(); ++i) {
    if ((*order)[i] != static_cast<int64_t>(i) + 1) return false;
  }
  return true;
}

// Whether the node exchanges two axes.
bool ExchangesAxes(const onnx::NodeProto& node) {
  const absl::StatusOr<Ints> order = NodeReader(node).Ints("perm", {});
  return order.ok() && *order == Ints{0, 2, 1};
}

bool NormalizesLastAxis(const onnx::NodeProto& node) {
  const absl::StatusOr<int64_t> axis = NodeReader(node).Int("axis", -1);
  return node.op_type() == "LayerNormalization" && axis.ok() && *axis != 1;
}

// The values that a Transpose reads, unless it moves the channels of images
// with channels first to the back, and those that only functions of single
// numbers or of channels separate from one that moves the channels to the
// front.
void AddTransposed(const onnx::GraphProto& graph, const std::vector<bool>& used,
                   std::set<std::string>& transposed) {
  constexpr absl::string_view kTypes[] = {"Add",
                                          "Cast",
                                          "Clip",
                                          "Div",
                                          "Dropout",
                                          "Elu",
                                          "Gelu",
                                          "HardSigmoid",
                                          "HardSwish",
                                          "Identity",
                                          "LayerNormalization",
                                          "LeakyRelu",
                                          "Mul",
                                          "Neg",
                                          "Relu",
                                          "Sigmoid",
                                          "Sub",
                                          "Tanh"};
  std::set<std::string> before;
  // Those of whose last axis layers normalize the numbers: channels.
  std::set<std::string> normalized;
  // Nodes are in order.
  for (int i = graph.node_size() - 1; i >= 0; --i) {
    const onnx::NodeProto& node = graph.node(i);
    if (!used[i] || node.input_size() == 0 || node.output_size() == 0) continue;
    const bool moves =
        node.op_type() == "Transpose" && MovesChannelsToFront(node);
    const bool passes = before.count(node.output(0)) > 0 &&
                        std::find(std::begin(kTypes), std::end(kTypes),
                                  node.op_type()) != std::end(kTypes);
    if (moves || passes) {
      before.insert(node.input().begin(), node.input().end());
    }
    if (NormalizesLastAxis(node)) normalized.insert(node.input(0));
    if (node.op_type() != "Transpose") continue;
    // Of two axes, a node that moves one to the back moves one to the front.
    const bool is_to_back =
        MovesChannelsToBack(node) &&
        (!ExchangesAxes(node) || normalized.count(node.output(0)) > 0);
    if (!is_to_back) transposed.insert(node.input(0));
  }
  transposed.insert(before.begin(), before.end());
}

}  // namespace

std::vector<bool> UsedNodes(const onnx::GraphProto& graph,
                            const std::string& value) {
  std::vector<bool> used(graph.node_size(), false);
  std::set<std::string> values = {value};
  // Nodes are in order.
  for (int i = graph.node_size() - 1; i >= 0; --i) {
    const onnx::NodeProto& node = graph.node(i);
    used[i] = std::any_of(
        node.output().begin(), node.output().end(),
        [&](const std::string& name) { return values.count(name) > 0; });
    if (!used[i]) continue;
    for (std::string& name : InputsOf(node)) values.insert(std::move(name));
  }
  return used;
}

ImportedNames NamesOf(const onnx::GraphProto& graph,
                      const std::vector<bool>& used,
                      const onnx::ValueInfoProto& input,
                      const std::string& output) {
  ImportedNames names;
  names.input = input.name();
  const int64_t images = input.type().tensor_type().shape().dim(0).dim_value();
  names.images = std::max<int64_t>(1, images);
  names.is_for_one = images == 1;
  for (int i = 0; i < graph.node_size(); ++i) {
    if (!used[i]) continue;
    for (const std::string& name : InputsOf(graph.node(i))) {
      ++names.readers[name];
    }
  }
  ++names.readers[output];
  AddTransposed(graph, used, names.transposed);
  constexpr absl::string_view kSame[] = {"Cast", "Dropout", "Identity"};
  constexpr absl::string_view kReshaped[] = {"Cast",     "Dropout", "Flatten",
                                             "Identity", "Reshape", "Squeeze",
                                             "Unsqueeze"};
  names.last = ValuesBefore(graph, output, names.readers, kSame);
  constexpr absl::string_view kNumbers[] = {"Cast", "Dropout", "Identity",
                                            "Sigmoid"};
  names.last_numbers = ValuesBefore(graph, output, names.readers, kNumbers);
  names.last_reshaped = ValuesBefore(graph, output, names.readers, kReshaped);
  names.sizes = StatedSizes(graph);
  return names;
}

}  // namespace lenslet
