#include "lenslet/onnx/export_order.h"

#include <numeric>
#include <optional>
#include <variant>

#include "lenslet/layers/layer_spec.h"

namespace lenslet {
namespace {

// Whether the layer computes vectors in any order that its inputs share.
bool KeepsOrder(const Graph& graph, const Graph::Node& node) {
  const LayerSpec& spec = node.layer.spec();
  const bool reads_vectors = graph.ShapeOfValue(node.inputs[0]).rank() == 1;
  return reads_vectors && (std::holds_alternative<ActivationSpec>(spec) ||
                           std::holds_alternative<AddLayer>(spec) ||
                           std::holds_alternative<BatchNormSpec>(spec) ||
                           std::holds_alternative<DropoutSpec>(spec) ||
                           std::holds_alternative<FlattenLayer>(spec) ||
                           std::holds_alternative<LayerNormSpec>(spec) ||
                           std::holds_alternative<MulLayer>(spec));
}

// Groups of values that have the same order, since layers keep it.
class OrderGroups {
 public:
  explicit OrderGroups(int values)
      : group_(values), needs_(values, false), image_(values) {
    std::iota(group_.begin(), group_.end(), 0);
  }

  // `image` is the shape of what was flattened to the value; a scalar's shape
  // if the value has Lenslet's order from the start.
  void Start(int value, const Shape& image) { image_[value] = image; }
  void Join(int value, int input) {
    const int from = GroupOf(value), to = GroupOf(input);
    if (from == to) return;
    const bool differ = image_[from] && image_[to] != image_[from];
    needs_[to] = needs_[to] || needs_[from] || differ;
    group_[from] = to;
  }
  void Need(int value) { needs_[GroupOf(value)] = true; }
  bool IsNeeded(int value) { return needs_[GroupOf(value)]; }

 private:
  int GroupOf(int value) {
    while (group_[value] != value) {
      group_[value] = group_[group_[value]];
      value = group_[value];
    }
    return value;
  }

  std::vector<int> group_;
  // Of each group. What the layers join has no image before it is joined.
  std::vector<bool> needs_;
  std::vector<std::optional<Shape>> image_;
};

bool Reshapes(const Graph::Node& node) {
  return std::holds_alternative<FlattenLayer>(node.layer.spec()) ||
         std::holds_alternative<ReshapeLayer>(node.layer.spec());
}

// The value that a layer reshapes to what the node reshapes back; -1 if the
// node is another.
int ReshapedBefore(const Graph& graph, const Graph::Node& node) {
  const int index = graph.NodeOfValue(node.inputs[0]);
  if (index < 0) return -1;
  const Graph::Node& before = graph.nodes()[index];
  const bool is_undone = Reshapes(node) && Reshapes(before) &&
                         graph.ShapeOfValue(before.inputs[0]) == node.output;
  return is_undone ? before.inputs[0] : -1;
}

// Sets ValuePlan::in_order.
void PlanOrder(const Graph& graph, std::vector<ValuePlan>& plans) {
  OrderGroups groups(graph.value_count());
  int value = 0;
  for (const Graph::Input& input : graph.inputs()) {
    if (input.shape.rank() == 1) groups.Start(value, Shape());
    ++value;
  }
  for (const Graph::Node& node : graph.nodes()) {
    const ValuePlan& plan = plans[value];
    const LayerSpec& spec = node.layer.spec();
    const Shape& first = graph.ShapeOfValue(node.inputs[0]);
    if (plan.same_as >= 0) {
      groups.Join(value, plan.same_as);
    } else if (plan.is_used && KeepsOrder(graph, node)) {
      for (const int input : node.inputs) groups.Join(value, input);
    } else if (plan.is_used) {
      const bool changes =
          std::holds_alternative<FlattenLayer>(spec) && !OrdersAgree(first);
      groups.Start(value, changes ? first : Shape());
      if (!std::holds_alternative<LinearLayer>(spec)) {
        for (const int input : node.inputs) groups.Need(input);
      }
    }
    ++value;
  }
  groups.Need(graph.output_value());
  for (int i = 0; i < value; ++i) plans[i].in_order = groups.IsNeeded(i);
}

}  // namespace

bool OrdersAgree(const Shape& image) {
  const int rank = image.rank();
  return rank < 2 || image.dim(rank - 1) == 1 ||
         image.elements() == image.dim(rank - 1);
}

std::vector<ValuePlan> PlanValues(const Graph& graph) {
  std::vector<ValuePlan> plans(graph.value_count());
  const int first = static_cast<int>(graph.inputs().size());
  for (int value = first; value < graph.value_count(); ++value) {
    const int before = ReshapedBefore(graph, graph.nodes()[value - first]);
    if (before < 0) continue;
    const int earlier = plans[before].same_as;
    plans[value].same_as = earlier < 0 ? before : earlier;
  }
  plans[graph.output_value()].is_used = true;
  for (int value = graph.value_count() - 1; value >= first; --value) {
    const ValuePlan& plan = plans[value];
    if (!plan.is_used) continue;
    if (plan.same_as >= 0) {
      plans[plan.same_as].is_used = true;
      continue;
    }
    for (const int input : graph.nodes()[value - first].inputs) {
      plans[input].is_used = true;
    }
  }
  PlanOrder(graph, plans);
  return plans;
}

}  // namespace lenslet
