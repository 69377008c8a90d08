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
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/layers/layer.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Immutable and cheap to copy; safe to use from all threads. Shapes are those
// of one image. It has one output, the one that no layer takes as its input.
class Graph {
 public:
  struct Input {
    std::string name;
    Shape shape;
  };

  // Values are numbered: first the graph's inputs, then the outputs of the
  // nodes, in their order.
  struct Node {
    std::string name;
    Layer layer;
    std::vector<int> inputs;  // Numbers of values below this node's own.
    Shape output;
    int first_parameter;  // Index into parameters().
    int parameter_count;
    Cost cost;
    Reach reach;
    Window window;  // For Reach::kWindow.
  };

  // All parameters lie in one array of floats, which parameters(), their
  // gradients and whatever an optimizer keeps have in common.
  struct Parameter {
    std::string name;  // "conv1.weight"
    ParameterInfo info;
    int64_t offset;  // Where it starts in the array, a multiple of 16.
  };

  absl::Span<const Input> inputs() const { return inputs_; }
  // Each comes after the nodes that its inputs come from.
  absl::Span<const Node> nodes() const { return nodes_; }
  absl::Span<const Parameter> parameters() const { return parameters_; }

  int value_count() const {
    return static_cast<int>(inputs_.size() + nodes_.size());
  }
  int ValueOfNode(int node) const {
    return static_cast<int>(inputs_.size()) + node;
  }
  // The node whose output is a value; -1 for an input of the graph.
  int NodeOfValue(int value) const {
    return value < static_cast<int>(inputs_.size())
               ? -1
               : value - static_cast<int>(inputs_.size());
  }
  const Shape& ShapeOfValue(int value) const;
  std::vector<Shape> InputShapes(const Node& node) const;
  int output_value() const { return output_value_; }

  // The node of that name, or -1.
  int FindNode(absl::string_view name) const;

  // Floats in the array of all parameters, with the gaps between them.
  int64_t parameter_array_size() const { return parameter_array_size_; }
  // Floats in the parameters, without the gaps.
  int64_t parameter_count() const;
  // Those of them that training changes by gradients.
  int64_t trainable_parameter_count() const;

  // Whether training changes a parameter, by gradients or as a statistic.
  static bool Changes(const Parameter& parameter) {
    return parameter.info.trainable || IsStatistic(parameter.info.role);
  }
  // Whether it changes one of a node's.
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

class GraphBuilder {
 public:
  void AddInput(const std::string& name, const Shape& shape);

  // `inputs` names graph inputs and layers, which may be added later.
  void AddLayer(const std::string& name, Layer layer,
                const std::vector<std::string>& inputs);

  // Sorts the layers, infers all shapes and lays out the parameters; allocates
  // nothing for them. Layers keep the order in which they were added where
  // their inputs allow it.
  //
  // Errors: InvalidArgument, `layer "NAME": reason`, for a name that is empty,
  // has other characters than letters, digits and _-./, or is a duplicate; an
  // unknown input (with the nearest known name); layers that form a cycle; no
  // input or layer; an input that is unused, without elements or with more
  // than Shape::kMaxRank - 1 dimensions; more than one output; a layer whose
  // options or inputs are wrong; more parameters than can be counted.
  // `failed_layer`, if it is not null, receives the index of the layer in the
  // order of adding, or -1 where the error is not a layer's.
  absl::StatusOr<Graph> Build(int* failed_layer = nullptr) const;

 private:
  struct Added {
    std::string name;
    Layer layer;
    std::vector<std::string> inputs;
  };

  absl::StatusOr<Graph> BuildImpl(int& failed_layer) const;
  absl::Status CheckNames(int& failed_layer) const;
  // For each layer, the indices of the layers among its inputs. Errors: as
  // Build(), for inputs.
  absl::StatusOr<std::vector<std::vector<int>>> FindLayerInputs(
      int& failed_layer) const;
  // The indices of layers_, so that inputs come first.
  absl::StatusOr<std::vector<int>> Sort(
      absl::Span<const std::vector<int>> layer_inputs, int& failed_layer) const;

  std::vector<Graph::Input> inputs_;
  std::vector<Added> layers_;
};

}  // namespace lenslet

#endif  // LENSLET_LAYERS_GRAPH_H_
