#include "lenslet/models/model_warnings.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/overloaded.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/flatten_hint.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

// Whether no output is below 0 where no input is, but for activations.
bool KeepsSign(const Layer& layer) {
  return std::visit(Overloaded{[](const PoolLayer&) { return true; },
                               [](const AdaptivePoolLayer&) { return true; },
                               [](const GlobalPoolLayer&) { return true; },
                               [](const DropoutSpec&) { return true; },
                               [](const LrnSpec&) { return true; },
                               [](const PadSpec&) { return true; },
                               [](const ResizeSpec&) { return true; },
                               [](const FlattenLayer&) { return true; },
                               [](const ReshapeLayer&) { return true; },
                               [](const AddLayer&) { return true; },
                               [](const MulLayer&) { return true; },
                               [](const ConcatSpec&) { return true; },
                               [](const ActivationSpec&) { return false; },
                               [](const BatchNormSpec&) { return false; },
                               [](const LayerNormSpec&) { return false; },
                               [](const ConvLayer&) { return false; },
                               [](const ConvTransposeLayer&) { return false; },
                               [](const LinearLayer&) { return false; },
                               [](const CustomLayer&) { return false; }},
                    layer.spec());
}

class WarningFinder {
 public:
  WarningFinder(const ModelProto& model, const Graph& graph)
      : graph_(graph), users_(graph.value_count()) {
    for (int i = 0; i < model.layer_size(); ++i) {
      layer_of_[model.layer(i).name()] = i;
    }
    for (int i = 0; i < node_count(); ++i) {
      for (int value : graph.nodes()[i].inputs) users_[value].push_back(i);
    }
  }

  std::vector<FieldProblem> Find() {
    FindBiases();
    FindRectifiers();
    FindDropouts();
    FindLinears();
    FindPadding();
    FindOutput();
    return std::move(warnings_);
  }

 private:
  int node_count() const { return static_cast<int>(graph_.nodes().size()); }
  const Graph::Node& node(int index) const { return graph_.nodes()[index]; }
  // The spec of a node's layer if it is of that kind, else null.
  template <typename Spec>
  const Spec* As(int index) const {
    return std::get_if<Spec>(&node(index).layer.spec());
  }
  template <typename Spec>
  bool Is(int index) const {
    return As<Spec>(index) != nullptr;
  }

  void Add(const Graph::Node& node, absl::string_view message) {
    warnings_.push_back(
        {.path = {{ModelProto::kLayerFieldNumber, layer_of_[node.name]}},
         .message = absl::StrCat("layer \"", node.name, "\": ", message),
         .is_warning = true});
  }
  // Null if it has none of that role.
  const ParameterInfo* FindParameter(const Graph::Node& node,
                                     ParameterRole role) const {
    for (int i = 0; i < node.parameter_count; ++i) {
      const ParameterInfo& info =
          graph_.parameters()[node.first_parameter + i].info;
      if (info.role == role) return &info;
    }
    return nullptr;
  }

  void FindBiases();
  void FindRectifiers();
  void FindDropouts();
  void FindLinears();
  void FindPadding();
  void FindOutput();

  const Graph& graph_;
  std::vector<std::vector<int>> users_;  // Nodes, of each value.
  std::map<std::string, int> layer_of_;
  std::vector<FieldProblem> warnings_;
};

void WarningFinder::FindBiases() {
  for (int i = 0; i < node_count(); ++i) {
    if (Is<BatchNormSpec>(i)) continue;
    const ParameterInfo* bias = FindParameter(node(i), ParameterRole::kBias);
    const std::vector<int>& users = users_[graph_.ValueOfNode(i)];
    if (bias == nullptr || users.empty() ||
        !std::all_of(users.begin(), users.end(),
                     [&](int user) { return Is<BatchNormSpec>(user); })) {
      continue;
    }
    Add(node(i),
        absl::StrCat("its bias does nothing, as batch normalization \"",
                     node(users[0]).name,
                     "\" subtracts it again; bias: false saves ",
                     WithCommas(bias->shape.elements()), " parameters"));
  }
}

void WarningFinder::FindRectifiers() {
  // The node that has made a value non-negative, or -1.
  std::vector<int> made_by(graph_.value_count(), -1);
  for (int i = 0; i < node_count(); ++i) {
    int maker = made_by[node(i).inputs[0]];
    for (int value : node(i).inputs) {
      if (made_by[value] < 0) maker = -1;
    }
    const auto* activation = As<ActivationSpec>(i);
    const bool is_rectifier =
        activation != nullptr && IsRectifier(activation->kind);
    if (is_rectifier && maker >= 0) {
      Add(node(i),
          absl::StrCat("it does nothing: no number is below 0 after \"",
                       node(maker).name, "\""));
    }
    if (activation != nullptr && IsNonNegative(*activation)) {
      made_by[graph_.ValueOfNode(i)] = i;
    } else if (is_rectifier || KeepsSign(node(i).layer)) {
      made_by[graph_.ValueOfNode(i)] = maker;
    }
  }
}

void WarningFinder::FindDropouts() {
  for (int i = 0; i < node_count(); ++i) {
    const auto* dropout = As<DropoutSpec>(i);
    if (dropout != nullptr && dropout->rate == 0) {
      Add(node(i), "its rate is 0: it does nothing");
    }
  }
}

void WarningFinder::FindLinears() {
  for (int i = 0; i < node_count(); ++i) {
    const int before = graph_.NodeOfValue(node(i).inputs[0]);
    if (before < 0 || !Is<LinearLayer>(i) || !Is<LinearLayer>(before) ||
        users_[graph_.ValueOfNode(before)].size() != 1) {
      continue;
    }
    const ParameterInfo* first =
        FindParameter(node(before), ParameterRole::kWeight);
    const ParameterInfo* second =
        FindParameter(node(i), ParameterRole::kWeight);
    // A narrow one between makes fewer parameters, which may be wanted.
    if (first->fan_out < std::min(first->fan_in, second->fan_out)) continue;
    Add(node(i),
        absl::StrCat("there is no activation between it and \"",
                     node(before).name,
                     "\"; one linear layer with fewer parameters could compute "
                     "the same"));
  }
}

void WarningFinder::FindPadding() {
  for (int i = 0; i < node_count(); ++i) {
    const auto* conv = As<ConvLayer>(i);
    // Other padding has numbers of the image.
    if (conv == nullptr || conv->spec.padding_mode != PaddingMode::kZero) {
      continue;
    }
    const Window& window = node(i).window;
    for (int axis = 0; axis < window.kernel.rank(); ++axis) {
      const int64_t extent = Extent(window, axis);
      const int64_t padding = window.padding.before[axis];
      if (padding < extent) continue;
      Add(node(i), absl::StrCat("padding is ", padding,
                                ", and a window covers only ", extent,
                                " positions; windows at the edge see nothing "
                                "but padding"));
      break;
    }
  }
}

void WarningFinder::FindOutput() {
  const Graph::Node& last = node(graph_.NodeOfValue(graph_.output_value()));
  if (last.output.rank() <= 1) return;
  std::string hint = FlattenHint(graph_);
  // A map of the input's size has something for each position on purpose.
  const Shape& input = graph_.inputs()[0].shape;
  if (hint.empty() && input.rank() == last.output.rank() &&
      std::equal(input.dims().begin(), input.dims().end() - 1,
                 last.output.dims().begin())) {
    return;
  }
  if (hint.empty()) {
    hint = absl::StrCat("add a flatten layer and a linear layer after \"",
                        last.name, "\"");
  }
  Add(last,
      absl::StrCat("the model's output has shape ", last.output.ToString(),
                   "; a classifier needs one number for each class: ", hint));
}

}  // namespace

std::vector<FieldProblem> FindModelWarnings(const ModelProto& model,
                                            const Graph& graph) {
  return WarningFinder(model, graph).Find();
}

}  // namespace lenslet
