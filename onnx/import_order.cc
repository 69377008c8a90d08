// The order of a vector's numbers, in which the layers that compute it may be
// changed.

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"

namespace lenslet {
namespace {

using ValueOr = absl::StatusOr<ImportedValue>;

// Whether the layer computes each number of a vector from those at the same
// place, or from all of them in any order, and so a vector in another order if
// its parameters have it.
bool TakesAnyOrder(const ImportedLayer& layer) {
  const LayerSpec& spec = layer.layer.spec();
  const int64_t elements = layer.output.elements();
  if (const auto* conv = std::get_if<ConvLayer>(&spec)) {
    return conv->spec.groups == elements &&
           layer.parameters[0].size() == static_cast<size_t>(elements);
  }
  return std::holds_alternative<ActivationSpec>(spec) ||
         std::holds_alternative<BatchNormSpec>(spec) ||
         std::holds_alternative<LayerNormSpec>(spec) ||
         std::holds_alternative<AddLayer>(spec) ||
         std::holds_alternative<MulLayer>(spec) ||
         std::holds_alternative<ReshapeLayer>(spec) ||
         std::holds_alternative<FlattenLayer>(spec);
}

bool HasOnlyChannels(const ImportedLayer& layer) {
  const Shape& shape = layer.output;
  return shape.dim(shape.rank() - 1) == shape.elements();
}

bool IsLinear(const ImportedLayer& layer) {
  return std::holds_alternative<LinearLayer>(layer.layer.spec());
}

// Moves the rows of a matrix, or the numbers of a vector.
void MoveRows(const Ints& places, std::vector<float>& numbers) {
  const std::vector<float> old = numbers;
  const size_t row = old.size() / places.size();
  for (size_t i = 0; i < places.size(); ++i) {
    std::copy_n(&old[i * row], row, &numbers[places[i] * row]);
  }
}

void MoveColumns(const Ints& places, std::vector<float>& numbers) {
  const std::vector<float> old = numbers;
  for (size_t first = 0; first < old.size(); first += places.size()) {
    for (size_t i = 0; i < places.size(); ++i) {
      numbers[first + places[i]] = old[first + i];
    }
  }
}

}  // namespace

std::vector<bool> LayerImporter::LayersInUse(int a, int b) const {
  std::vector<bool> used(layers_.size(), false);
  for (const int layer : {a, b}) {
    if (layer >= 0) used[layer] = true;
  }
  for (const auto& [name, value] : values_) {
    const auto unread = unread_.find(name);
    if (value.layer >= 0 && unread != unread_.end() && unread->second > 0) {
      used[value.layer] = true;
    }
  }
  for (size_t i = layers_.size(); i-- > 0;) {
    for (const int input : layers_[i].inputs) {
      if (used[i] && input >= 0) used[input] = true;
    }
  }
  return used;
}

std::optional<LayerImporter::OrderedLayers> LayerImporter::LayersInOrderOf(
    int layer, int fixed) const {
  const std::vector<bool> used = LayersInUse(layer, fixed);
  std::vector<std::vector<int>> readers(layers_.size());
  for (size_t i = 0; i < layers_.size(); ++i) {
    for (const int input : layers_[i].inputs) {
      if (used[i] && input >= 0) readers[input].push_back(static_cast<int>(i));
    }
  }
  const int64_t elements = layers_[layer].output.elements();
  OrderedLayers found;
  std::set<int> seen;
  const auto add = [&](int i) {
    if (i < 0 || layers_[i].output.elements() != elements) return false;
    if (!HasOnlyChannels(layers_[i]) ||
        !(IsLinear(layers_[i]) || TakesAnyOrder(layers_[i]))) {
      return false;
    }
    if (seen.insert(i).second) found.layers.push_back(i);
    return true;
  };
  if (!add(layer)) return std::nullopt;
  for (size_t next = 0; next < found.layers.size(); ++next) {
    const int i = found.layers[next];
    if (!IsLinear(layers_[i])) {
      for (const int input : layers_[i].inputs) {
        // A number that is repeated has any order.
        const bool is_one =
            input >= 0 && elements > 1 && layers_[input].output.elements() == 1;
        if (!is_one && !add(input)) return std::nullopt;
      }
    }
    for (const int reader : readers[i]) {
      if (!IsLinear(layers_[reader])) {
        if (!add(reader)) return std::nullopt;
      } else if (layers_[i].output.rank() == 1) {
        found.linear_readers.insert(reader);
      } else {
        return std::nullopt;
      }
    }
  }
  if (seen.count(fixed) > 0) return std::nullopt;
  for (const auto& [name, value] : values_) {
    if (seen.count(value.layer) == 0) continue;
    const auto unread = unread_.find(name);
    if (value.shape.rank() == 1) {
      found.values.push_back(name);
    } else if (unread != unread_.end() && unread->second > 0) {
      return std::nullopt;
    }
  }
  return found;
}

absl::StatusOr<bool> LayerImporter::Reorder(int layer, const Ints& from,
                                            const Ints& to, int fixed) {
  if (layer < 0) return false;
  LENSLET_RETURN_IF_ERROR(
      Count(static_cast<int64_t>(layers_.size() + values_.size())));
  const std::optional<OrderedLayers> found = LayersInOrderOf(layer, fixed);
  if (!found) return false;
  const auto elements = static_cast<int64_t>(from.size());
  Ints places(elements);
  for (int64_t e = 0; e < elements; ++e) places[from[e]] = to[e];
  for (const int i : found->layers) {
    for (std::vector<float>& parameter : layers_[i].parameters) {
      LENSLET_RETURN_IF_ERROR(Count(static_cast<int64_t>(parameter.size())));
      MoveRows(places, parameter);
    }
  }
  for (const int i : found->linear_readers) {
    std::vector<float>& weight = layers_[i].parameters[0];
    LENSLET_RETURN_IF_ERROR(Count(static_cast<int64_t>(weight.size())));
    MoveColumns(places, weight);
  }
  for (const std::string& name : found->values) {
    LENSLET_RETURN_IF_ERROR(Count(elements));
    ImportedValue& value = values_[name];
    Ints order = IndicesOf(value);
    for (int64_t& place : order) place = places[place];
    value.order = IsAscending(order) ? Ints() : std::move(order);
  }
  return true;
}

bool LayerImporter::HaveSeparateOrders(const std::vector<int>& layers) const {
  std::set<int> seen;
  for (const int layer : layers) {
    if (layer < 0) return false;
    const std::optional<OrderedLayers> found = LayersInOrderOf(layer, -1);
    if (!found) return false;
    for (const int i : found->layers) {
      if (!seen.insert(i).second) return false;
    }
  }
  return true;
}

std::optional<ValueOr> LayerImporter::ReshapedParts(const NodeReader& node,
                                                    const ImportedValue& x,
                                                    const Ints& sizes) {
  if (x.layer < 0 || !x.order.empty() || x.shape.rank() != 1 ||
      !std::holds_alternative<ConcatSpec>(layers_[x.layer].layer.spec()) ||
      names_of_values_.transposed.count(node.output()) > 0) {
    return std::nullopt;
  }
  const std::vector<int> layers = layers_[x.layer].inputs;
  const int64_t positions = x.shape.elements() / sizes[0];
  LENSLET_RETURN_IF_ERROR(Count(
      static_cast<int64_t>(layers.size() * (layers_.size() + values_.size()))));
  if (positions == 1 || !HaveSeparateOrders(layers)) return std::nullopt;
  std::vector<ImportedValue> parts;
  for (const int layer : layers) {
    const Shape& shape = layers_[layer].output;
    if (shape.elements() % positions != 0) return std::nullopt;
    parts.push_back({.layer = layer, .shape = shape, .axes = {0}});
  }
  for (ImportedValue& part : parts) {
    Ints part_sizes = sizes;
    part_sizes[0] = part.shape.elements() / positions;
    LENSLET_ASSIGN_OR_RETURN(part, ReshapeToImage(node, part, part_sizes));
    if (part.axes != ChannelsFirstAxes(static_cast<int>(sizes.size()))) {
      return Lacking("it separates the channels of joined vectors");
    }
  }
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y,
                           AddLayer(node, Layer(ConcatSpec()), parts));
  y.axes = ChannelsFirstAxes(static_cast<int>(sizes.size()));
  return y;
}

}  // namespace lenslet
