#include "lenslet/fuzz/small_graph.h"

#include <cstdint>

#include "lenslet/ops/cost.h"

namespace lenslet {

bool IsSmall(const Graph& graph) {
  constexpr int64_t kMaxLayers = 100;
  constexpr int64_t kMaxOperations = 200'000;
  constexpr int64_t kMaxBytes = 1 << 20;
  if (static_cast<int64_t>(graph.nodes().size()) > kMaxLayers) return false;
  int64_t operations = 0;
  int64_t bytes = 0;
  for (const Graph::Node& node : graph.nodes()) {
    const Cost& cost = node.cost;
    // Each by itself, for their sum may not be countable.
    if (cost.multiply_adds > kMaxOperations ||
        cost.other_operations > kMaxOperations || cost.bytes() > kMaxBytes) {
      return false;
    }
    operations += cost.multiply_adds + cost.other_operations;
    bytes += cost.bytes();
  }
  return operations <= kMaxOperations && bytes <= kMaxBytes;
}

}  // namespace lenslet
