// A network: layers in topological order, each naming its inputs.
//
//   GraphBuilder builder;
//   builder.AddInput("image", {28, 28, 1});
//   builder.AddLayer("flatten", layers::Flatten(), {"image"});
//   ...
//   absl::StatusOr<Graph> graph = builder.Build();

#ifndef LENSLET_LAYERS_GRAPH_H_
#define LENSLET_LAYERS_GRAPH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/layers/layer.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Immutable and cheap to copy; safe to use from all threads. Shapes are those
// of one image. A graph has exactly one output: that of the only node whose
// output no other node reads.
class Graph {
 public:
  struct Input {
    std::string name;
    Shape shape;
    ElementType type = ElementType::kFloat32;
  };

  // Values are numbered: first the graph's inputs, then the outputs of the
  // nodes in order.
  struct Node {
    std::string name;
    Layer layer;
    std::vector<int> inputs;  // Values, each less than this node's own.
    Shape output;
    int first_parameter;  // Index into parameters().
    int parameter_count;
    Cost cost;
    Reach reach;
    Window window;     // For Reach::kWindow.
    ElementType type;  // Of the output's elements.
  };

  // All parameters are in one array, measured in units of 4 bytes, the size of
  // a float. Gradients and an optimizer's state are arrays of floats with the
  // same layout.
  struct Parameter {
    std::string name;  // "conv1.weight"
    ParameterInfo info;
    int64_t offset;  // The unit where it starts; a multiple of 16.
  };

  absl::Span<const Input> inputs() const { return inputs_; }
  // Each node comes after the nodes whose outputs it reads.
  absl::Span<const Node> nodes() const { return nodes_; }
  absl::Span<const Parameter> parameters() const { return parameters_; }

  int value_count() const {
    return static_cast<int>(inputs_.size() + nodes_.size());
  }
  int ValueOfNode(int node) const {
    return static_cast<int>(inputs_.size()) + node;
  }
  // The node that computes this value; -1 for an input of the graph.
  int NodeOfValue(int value) const {
    return value < static_cast<int>(inputs_.size())
               ? -1
               : value - static_cast<int>(inputs_.size());
  }
  const Shape& ShapeOfValue(int value) const;
  ElementType TypeOfValue(int value) const;
  std::vector<Shape> InputShapes(const Node& node) const;
  int output_value() const { return output_value_; }

  // The node with this name, or -1.
  int FindNode(absl::string_view name) const;

  // The size of the array of all parameters, in units, including gaps.
  int64_t parameter_array_size() const { return parameter_array_size_; }
  // The number of elements of all parameters.
  int64_t parameter_count() const;
  // The number of elements that training changes by gradients.
  int64_t trainable_parameter_count() const;

  // Whether training changes this parameter, by gradients or as a statistic.
  static bool Changes(const Parameter& parameter) {
    return parameter.info.trainable || IsStatistic(parameter.info.role);
  }
  // Whether training changes any of this node's parameters.
  bool ParametersChange(const Node& node) const;

 private:
  friend class GraphBuilder;
  Graph() = default;

  std::vector<Input> inputs_;
  std::vector<Node> nodes_;
  std::vector<Parameter> parameters_;
  int output_value_ = 0;
  int64_t parameter_array_size_ = 0;
};

// Formats a name from a file for an error message: quoted, escaped, and
// shortened to GraphBuilder::kMaxNameBytes.
std::string QuotedName(absl::string_view name);

// Formats an input or a layer for an error message: `layer "conv1"`. Without a
// name, says where it is, counting from 1: `layer 3 (Relu)`. `type` may be "".
std::string PartText(absl::string_view part, absl::string_view name, int index,
                     absl::string_view type = "");

// A problem that GraphBuilder::Build() found.
struct GraphProblem {
  enum class About : uint8_t { kGraph, kInput, kLayer };
  About about = About::kGraph;
  // The index of the input or layer, in the order of adding.
  int part = 0;
  // If one of the layer's inputs is unknown, its index in that layer; else -1.
  int layer_input = -1;
  // Starts with the input or layer: `layer "conv2": reason`.
  std::string message;
};

class GraphBuilder {
 public:
  void AddInput(const std::string& name, const Shape& shape);

  // `inputs` are names of graph inputs and layers. These may be added later.
  void AddLayer(const std::string& name, Layer layer,
                const std::vector<std::string>& inputs);

  // Sorts the layers, infers all shapes and lays out the parameters, without
  // allocating them. Layers keep the order in which they were added, as far as
  // their inputs allow.
  //
  // Errors: InvalidArgument, `layer "NAME": reason`, for
  // * a name that is empty, longer than kMaxNameBytes or a duplicate, or has
  //   characters other than letters, digits and _-./;
  // * an unknown input (the message suggests the nearest known name);
  // * layers that form a cycle;
  // * a graph without inputs or layers, or with more than one output;
  // * an input that is unused, has no elements, or has more than
  //   Shape::kMaxRank - 1 dimensions;
  // * a layer whose options or inputs are invalid;
  // * more parameters than 64 bits can count.
  absl::StatusOr<Graph> Build() const;

  // As Build(), but does not stop at the first error: sets `problems` to up
  // to `max_problems` of them, at least 1. If the shapes of a layer's
  // inputs are unknown, finds only problems that the layer has for inputs of
  // any shape. Returns the graph if there are no problems and no unknown parts.
  std::optional<Graph> Build(int max_problems,
                             std::vector<GraphProblem>& problems) const;

  // Adds an input or layer of which only the name and the names of its inputs
  // are known. For callers that have found a problem in this part and want
  // Build() to check the others. Build() reports nothing about its name, except
  // that it is a duplicate.
  void AddUnknownInput(const std::string& name);
  void AddUnknownLayer(const std::string& name,
                       const std::vector<std::string>& inputs);
  // States that some parts or connections were not added. Build() then does not
  // report parts as missing or unused.
  void SetIncomplete() { incomplete_ = true; }

  static constexpr int kMaxNameBytes = 128;
  // Checks a name alone. Returns the reason of Build()'s error, without the
  // name of the input or layer.
  static absl::Status CheckName(absl::string_view name);

 private:
  // One call of Build().
  class Assembly;

  struct AddedInput {
    std::string name;
    std::optional<Shape> shape;
  };
  struct AddedLayer {
    std::string name;
    std::optional<Layer> layer;
    std::vector<std::string> inputs;
  };

  std::vector<AddedInput> inputs_;
  std::vector<AddedLayer> layers_;
  bool incomplete_ = false;
};

}  // namespace lenslet

#endif  // LENSLET_LAYERS_GRAPH_H_
