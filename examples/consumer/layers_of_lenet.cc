// Lists the layers of LeNet, from a target that has the model compiled in.

#include <iostream>

#include "lenslet/layers/graph.h"
#include "lenslet/models/lenet.h"

int main() {
  const absl::StatusOr<lenslet::Graph> lenet = lenslet::Lenet();
  if (!lenet.ok()) {
    std::cerr << lenet.status() << "\n";
    return 1;
  }
  for (const lenslet::Graph::Node& node : lenet->nodes()) {
    std::cout << node.name << " " << node.layer.type() << " " << node.output
              << "\n";
  }
}
