#include "lenslet/layers/receptive_fields.h"

#include "absl/status/statusor.h"
#include "lenslet/layers/layer.h"
#include "lenslet/ops/axes.h"

namespace lenslet {
namespace {

using Field = std::optional<ReceptiveField>;

Field OrNone(absl::StatusOr<ReceptiveField> field) {
  return field.ok() ? Field(*field) : Field();
}

// What the node's inputs depend on together.
Field InputsOf(const Graph::Node& node, const std::vector<Field>& fields) {
  Field field = fields[node.inputs[0]];
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const Field& other = fields[node.inputs[i]];
    field = field && other ? OrNone(Union(*field, *other)) : Field();
  }
  return field;
}

}  // namespace

std::vector<std::optional<ReceptiveField>> ReceptiveFields(const Graph& graph) {
  std::vector<Field> fields;
  for (const Graph::Input& input : graph.inputs()) {
    const int rank = input.shape.rank() - 1;
    fields.push_back(rank >= 0 && rank <= Axes::kMaxRank
                         ? Field(InputField(rank))
                         : Field());
  }
  for (const Graph::Node& node : graph.nodes()) {
    Field field = InputsOf(node, fields);
    if (node.reach == Reach::kAll) field.reset();
    if (field && node.reach == Reach::kWindow) {
      field = OrNone(Through(node.window, *field));
    }
    fields.push_back(field);
  }
  return fields;
}

}  // namespace lenslet
