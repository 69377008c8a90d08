#include "lenslet/inspect/summary.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_join.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/inspect/sizes_text.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/receptive_fields.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/receptive_field.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// Numbers in a node's parameters, or in a graph's.
struct Counts {
  int64_t trainable = 0;
  int64_t fixed = 0;
  int64_t statistics = 0;

  void Add(const ParameterInfo& info) {
    (IsStatistic(info.role) ? statistics
     : info.trainable       ? trainable
                            : fixed) += info.shape.elements();
  }
};

std::string BytesOf(const Shape& shape) {
  return WithCommas(shape.elements() * static_cast<int64_t>(sizeof(float)));
}

// "14 x 14"
std::string AxesText(const Axes& axes) { return absl::StrJoin(axes, " x "); }

}  // namespace

std::string Summarize(const Graph& graph,
                      absl::FunctionRef<Backend(int node)> backend_of_layer,
                      const SummaryOptions& options) {
  Counts total;
  for (const Graph::Parameter& p : graph.parameters()) total.Add(p.info);
  std::vector<std::vector<std::string>> rows;
  // Leaves out columns of counts that all are zero.
  const auto add_row = [&](const std::vector<std::string>& start,
                           const std::vector<std::string>& counts,
                           const std::string& multiply_adds,
                           const std::vector<std::string>& details,
                           const std::string& kernel) {
    rows.push_back(start);
    rows.back().push_back(counts[0]);
    if (total.fixed > 0) rows.back().push_back(counts[1]);
    if (total.statistics > 0) rows.back().push_back(counts[2]);
    rows.back().push_back(multiply_adds);
    if (options.details) {
      rows.back().insert(rows.back().end(), details.begin(), details.end());
    }
    rows.back().push_back(kernel);
  };
  const auto texts = [](const Counts& counts) {
    return std::vector<std::string>{WithCommas(counts.trainable),
                                    WithCommas(counts.fixed),
                                    WithCommas(counts.statistics)};
  };
  add_row({"layer", "type", "output"}, {"parameters", "fixed", "statistics"},
          "multiply-adds", {"bytes", "sees", "every"}, "kernel");
  for (const Graph::Input& input : graph.inputs()) {
    add_row({input.name, "input", SizesText(input.shape)}, {"", "", ""}, "",
            {BytesOf(input.shape), "", ""}, "");
  }
  const auto fields = ReceptiveFields(graph);
  int64_t multiply_adds = 0;
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Graph::Node& node = graph.nodes()[i];
    Counts counts;
    for (int p = 0; p < node.parameter_count; ++p) {
      counts.Add(graph.parameters()[node.first_parameter + p].info);
    }
    multiply_adds += node.cost.multiply_adds;
    const std::optional<ReceptiveField>& field = fields[graph.ValueOfNode(i)];
    add_row({node.name, node.layer.type(), SizesText(node.output)},
            texts(counts), WithCommas(node.cost.multiply_adds),
            {BytesOf(node.output), field ? AxesText(field->size) : "",
             field ? AxesText(field->jump) : ""},
            node.layer.IsReshape(/*training=*/true)
                ? "(none needed)"
                : std::string(KernelName(node.layer, backend_of_layer(i))));
  }
  add_row({"total", "", ""}, texts(total), WithCommas(multiply_adds),
          {"", "", ""}, "");
  std::vector<Align> columns(rows[0].size(), Align::kRight);
  columns[0] = columns[1] = columns[2] = columns.back() = Align::kLeft;
  return TextTable(columns, rows);
}

}  // namespace lenslet
