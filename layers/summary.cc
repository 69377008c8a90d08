#include "layers/summary.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/number_text.h"

namespace lenslet {
namespace {

constexpr int kColumns = 6;
using Row = std::array<std::string, kColumns>;
// Numbers stand at the right.
constexpr std::array<bool, kColumns> kRight = {false, false, false,
                                               true,  true,  false};

std::string SizesOf(const Shape& shape) {
  return shape.rank() == 0 ? "1" : absl::StrJoin(shape.dims(), " x ");
}

std::string ToText(const std::vector<Row>& rows) {
  std::array<size_t, kColumns> widths = {};
  for (const Row& row : rows) {
    for (int c = 0; c < kColumns; ++c) {
      widths[c] = std::max(widths[c], row[c].size());
    }
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (int c = 0; c < kColumns; ++c) {
      const std::string padding(widths[c] - row[c].size(), ' ');
      absl::StrAppend(&line, c == 0 ? "" : "  ", kRight[c] ? padding : "",
                      row[c], kRight[c] ? "" : padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace

std::string Summarize(const Graph& graph,
                      absl::FunctionRef<Backend(int node)> backend_of_layer) {
  std::vector<Row> rows = {
      {"layer", "type", "output", "parameters", "multiply-adds", "kernel"}};
  for (const Graph::Input& input : graph.inputs()) {
    rows.push_back({input.name, "input", SizesOf(input.shape), "", "", ""});
  }
  int64_t multiply_adds = 0;
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Graph::Node& node = graph.nodes()[i];
    int64_t parameters = 0;
    for (int p = 0; p < node.parameter_count; ++p) {
      parameters +=
          graph.parameters()[node.first_parameter + p].info.shape.elements();
    }
    multiply_adds += node.cost.multiply_adds;
    rows.push_back(
        {node.name, std::string(node.layer->type()), SizesOf(node.output),
         WithCommas(parameters), WithCommas(node.cost.multiply_adds),
         node.layer->IsReshape() ? "(none needed)"
                                 : std::string(Name(backend_of_layer(i)))});
  }
  rows.push_back({"total", "", "", WithCommas(graph.parameter_count()),
                  WithCommas(multiply_adds), ""});
  return ToText(rows);
}

}  // namespace lenslet
