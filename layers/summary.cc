#include "layers/summary.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_join.h"
#include "base/number_text.h"
#include "base/text_table.h"

namespace lenslet {
namespace {

constexpr std::array<Align, 6> kColumns = {Align::kLeft,  Align::kLeft,
                                           Align::kLeft,  Align::kRight,
                                           Align::kRight, Align::kLeft};

std::string SizesOf(const Shape& shape) {
  return shape.rank() == 0 ? "1" : absl::StrJoin(shape.dims(), " x ");
}

}  // namespace

std::string Summarize(const Graph& graph,
                      absl::FunctionRef<Backend(int node)> backend_of_layer) {
  std::vector<std::vector<std::string>> rows = {
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
    rows.push_back({node.name, std::string(node.layer->type()),
                    SizesOf(node.output), WithCommas(parameters),
                    WithCommas(node.cost.multiply_adds),
                    node.layer->IsReshape(/*training=*/true)
                        ? "(none needed)"
                        : std::string(Name(backend_of_layer(i)))});
  }
  rows.push_back({"total", "", "", WithCommas(graph.parameter_count()),
                  WithCommas(multiply_adds), ""});
  return TextTable(kColumns, rows);
}

}  // namespace lenslet
