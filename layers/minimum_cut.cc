#include "lenslet/layers/minimum_cut.h"

#include <algorithm>
#include <cstddef>

namespace lenslet {
namespace {

// Below this, what is left of a capacity is a rounding error. Costs are times
// of layers, thousands and more.
constexpr double kNothing = 1e-6;

}  // namespace

MinimumCut::MinimumCut(int nodes) : edges_of_(nodes + 2) {}

void MinimumCut::AddEdges(int a, int b, double forward, double backward) {
  edges_of_[a].push_back(static_cast<int>(edges_.size()));
  edges_.push_back({.to = b, .capacity = forward});
  edges_of_[b].push_back(static_cast<int>(edges_.size()));
  edges_.push_back({.to = a, .capacity = backward});
}

void MinimumCut::AddCosts(int node, double first, double second) {
  const int source = static_cast<int>(edges_of_.size()) - 2;
  // Cutting a node off the source puts it on the second side.
  AddEdges(source, node, second, 0);
  AddEdges(node, source + 1, first, 0);
}

void MinimumCut::AddSeparation(int a, int b, double cost) {
  AddEdges(a, b, cost, cost);
}

bool MinimumCut::Augment() {
  const int source = static_cast<int>(edges_of_.size()) - 2;
  const int sink = source + 1;
  std::vector<int> edge_to(edges_of_.size(), -1);
  std::vector<int> queue = {source};
  for (size_t i = 0; i < queue.size() && edge_to[sink] < 0; ++i) {
    for (int e : edges_of_[queue[i]]) {
      const int to = edges_[e].to;
      if (edges_[e].capacity <= kNothing || to == source || edge_to[to] >= 0) {
        continue;
      }
      edge_to[to] = e;
      queue.push_back(to);
    }
  }
  if (edge_to[sink] < 0) return false;
  const auto from = [&](int node) { return edges_[edge_to[node] ^ 1].to; };
  double least = edges_[edge_to[sink]].capacity;
  for (int node = sink; node != source; node = from(node)) {
    least = std::min(least, edges_[edge_to[node]].capacity);
  }
  for (int node = sink; node != source; node = from(node)) {
    edges_[edge_to[node]].capacity -= least;
    edges_[edge_to[node] ^ 1].capacity += least;
  }
  return true;
}

std::vector<bool> MinimumCut::SecondSide() {
  while (Augment()) {
  }
  // The first side is what the source still reaches.
  const int source = static_cast<int>(edges_of_.size()) - 2;
  std::vector<bool> second(edges_of_.size(), true);
  std::vector<int> reached = {source};
  second[source] = false;
  for (size_t i = 0; i < reached.size(); ++i) {
    for (int e : edges_of_[reached[i]]) {
      const int to = edges_[e].to;
      if (edges_[e].capacity <= kNothing || !second[to]) continue;
      second[to] = false;
      reached.push_back(to);
    }
  }
  second.resize(source);
  return second;
}

}  // namespace lenslet
