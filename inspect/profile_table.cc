#include "lenslet/inspect/profile_table.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/ops/backend.h"

namespace lenslet {
namespace {

using Row = std::vector<std::string>;

constexpr std::array<Align, 9> kColumns = {
    Align::kLeft,  Align::kLeft,  Align::kLeft,  Align::kRight, Align::kRight,
    Align::kRight, Align::kRight, Align::kRight, Align::kRight};

std::string Microseconds(double seconds) {
  return absl::StrFormat("%.3f", 1e6 * seconds);
}

std::string GigaflopsPerSecond(int64_t flops, double seconds) {
  if (flops == 0 || seconds == 0) return "";
  return absl::StrFormat("%.1f", 1e-9 * flops / seconds);
}

std::string Share(double seconds, double total) {
  return absl::StrFormat("%.1f %%", 100 * seconds / total);
}

// "" where a layer does nothing in that direction.
std::string MicrosecondsIfAny(double seconds) {
  return seconds == 0 ? "" : Microseconds(seconds);
}

std::string KernelOf(const Graph& graph, const Profile& profile, int i) {
  const Graph::Node& node = graph.nodes()[i];
  if (node.layer.IsReshape(profile.training)) return "(none needed)";
  if (!profile.layers[i].fused) {
    return std::string(KernelName(node.layer, profile.layers[i].backend));
  }
  int before = graph.NodeOfValue(node.inputs[0]);
  while (profile.layers[before].fused) {
    before = graph.NodeOfValue(graph.nodes()[before].inputs[0]);
  }
  return absl::StrCat("in ", graph.nodes()[before].name);
}

// The cells after the first three.
void AddTimes(const Profile::Layer& layer, double seconds, double total,
              Row& row) {
  row.push_back(MicrosecondsIfAny(layer.forward_seconds));
  row.push_back(GigaflopsPerSecond(layer.forward_flops, layer.forward_seconds));
  row.push_back(MicrosecondsIfAny(layer.backward_seconds));
  row.push_back(
      GigaflopsPerSecond(layer.backward_flops, layer.backward_seconds));
  row.push_back(MicrosecondsIfAny(seconds));
  row.push_back(seconds == 0 ? "" : Share(seconds, total));
}

}  // namespace

std::string ProfileTable(const Graph& graph, const Profile& profile) {
  std::vector<Row> rows = {{"layer", "type", "kernel", "forward us", "GFLOP/s",
                            "backward us", "GFLOP/s", "total us", "share"}};
  const double total = profile.total_seconds;
  double rest = total;
  const auto add_part = [&](const std::string& name, double seconds) {
    rest -= seconds;
    if (seconds == 0) return;
    rows.push_back({name, "", ""});
    AddTimes({}, seconds, total, rows.back());
  };

  add_part("read images", profile.read_seconds);
  Profile::Layer sum;
  for (int i = 0; i < static_cast<int>(profile.layers.size()); ++i) {
    Profile::Layer layer = profile.layers[i];
    const Graph::Node& node = graph.nodes()[i];
    // What little it takes to see that nothing is to be done.
    if (layer.fused || node.layer.IsReshape(profile.training)) {
      layer.forward_seconds = 0;
      layer.backward_seconds = 0;
    }
    const double seconds = layer.forward_seconds + layer.backward_seconds;
    rest -= seconds;
    sum.forward_seconds += layer.forward_seconds;
    sum.backward_seconds += layer.backward_seconds;
    sum.forward_flops += layer.forward_flops;
    sum.backward_flops += layer.backward_flops;
    rows.push_back({node.name, node.layer.type(), KernelOf(graph, profile, i)});
    AddTimes(layer, seconds, total, rows.back());
  }
  add_part("loss", profile.loss_seconds);
  add_part("prepare", profile.prepare_seconds);
  add_part("rest", rest);
  rows.push_back({"total", "", ""});
  AddTimes(sum, total, total, rows.back());
  return TextTable(kColumns, rows);
}

}  // namespace lenslet
