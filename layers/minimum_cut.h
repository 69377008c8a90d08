// Splits the nodes of a graph into two sides at the least cost.

#ifndef LENSLET_LAYERS_MINIMUM_CUT_H_
#define LENSLET_LAYERS_MINIMUM_CUT_H_

#include <vector>

namespace lenslet {

// Costs are at least 0, and finite.
class MinimumCut {
 public:
  explicit MinimumCut(int nodes);

  // What it costs to have the node on the first side, and on the second.
  void AddCosts(int node, double first, double second);
  // What it costs to have these two nodes on different sides.
  void AddSeparation(int a, int b, double cost);

  // Returns for each node whether it is on the second side, so that the sum of
  // the costs is the least. Of several such sums, the one with the most nodes
  // on the second side. By the shortest augmenting paths: Edmonds and Karp,
  // "Theoretical improvements in algorithmic efficiency for network flow
  // problems", 1972. Call it once.
  std::vector<bool> SecondSide();

 private:
  // Edges stand in pairs, one for each direction.
  struct Edge {
    int to;
    double capacity;
  };

  void AddEdges(int a, int b, double forward, double backward);

  // Sends as much as possible along a shortest path; false if there is none.
  bool Augment();

  // The last two are the source, which is on the first side, and the sink.
  std::vector<std::vector<int>> edges_of_;
  std::vector<Edge> edges_;
};

}  // namespace lenslet

#endif  // LENSLET_LAYERS_MINIMUM_CUT_H_
