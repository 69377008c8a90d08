#include "lenslet/train/recipe/layer_rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsFor(const LayerRuleProto& rule, absl::string_view layer) {
  absl::string_view pattern = rule.layer();
  return absl::ConsumeSuffix(&pattern, "*") ? absl::StartsWith(layer, pattern)
                                            : layer == pattern;
}

absl::Status CheckEachHasALayer(const RecipeProto& recipe,
                                const std::vector<std::string>& layers) {
  for (int i = 0; i < recipe.layer_rule_size(); ++i) {
    const LayerRuleProto& rule = recipe.layer_rule(i);
    if (std::none_of(layers.begin(), layers.end(),
                     [&](const auto& layer) { return IsFor(rule, layer); })) {
      return absl::InvalidArgumentError(absl::StrCat(
          "layer_rule[", i, "]: the model has no layer \"", rule.layer(), "\"",
          DidYouMeanOneOf(rule.layer(), layers)));
    }
  }
  return absl::OkStatus();
}

// The rule that counts, or null.
const LayerRuleProto* RuleFor(const RecipeProto& recipe,
                              absl::string_view layer) {
  const LayerRuleProto* last = nullptr;
  for (const LayerRuleProto& rule : recipe.layer_rule()) {
    if (IsFor(rule, layer)) last = &rule;
  }
  return last;
}

// Sets trainable to false in what the layer computes, if that has the field.
void Freeze(LayerProto& layer) {
  if (layer.kind_case() == LayerProto::KIND_NOT_SET) return;
  const FieldDescriptor* kind =
      layer.GetDescriptor()->FindFieldByNumber(layer.kind_case());
  Message* message = layer.GetReflection()->MutableMessage(&layer, kind);
  const FieldDescriptor* trainable =
      message->GetDescriptor()->FindFieldByName("trainable");
  if (trainable != nullptr) {
    message->GetReflection()->SetBool(message, trainable, false);
  }
}

}  // namespace

absl::Status FreezeLayers(const RecipeProto& recipe, ModelProto& model) {
  std::vector<std::string> layers;
  for (const LayerProto& layer : model.layer()) layers.push_back(layer.name());
  LENSLET_RETURN_IF_ERROR(CheckEachHasALayer(recipe, layers));
  for (LayerProto& layer : *model.mutable_layer()) {
    const LayerRuleProto* rule = RuleFor(recipe, layer.name());
    if (rule != nullptr && rule->freeze()) Freeze(layer);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<double>> RateFactors(const RecipeProto& recipe,
                                                const Graph& graph) {
  std::vector<std::string> layers;
  for (const Graph::Node& node : graph.nodes()) layers.push_back(node.name);
  LENSLET_RETURN_IF_ERROR(CheckEachHasALayer(recipe, layers));
  std::vector<double> factors;
  if (recipe.layer_rule().empty()) return factors;
  factors.assign(graph.parameters().size(), 1);
  for (const Graph::Node& node : graph.nodes()) {
    const LayerRuleProto* rule = RuleFor(recipe, node.name);
    if (rule == nullptr) continue;
    const double factor = rule->freeze()            ? 0
                          : rule->has_rate_factor() ? rule->rate_factor()
                                                    : 1;
    for (int p = node.first_parameter;
         p < node.first_parameter + node.parameter_count; ++p) {
      // Statistics have no learning rate, and 0 would keep them as they are.
      if (!IsStatistic(graph.parameters()[p].info.role)) factors[p] = factor;
    }
  }
  return factors;
}

}  // namespace lenslet
