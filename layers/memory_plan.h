// Where an executor keeps activations and gradients.

#ifndef LENSLET_LAYERS_MEMORY_PLAN_H_
#define LENSLET_LAYERS_MEMORY_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

struct MemoryNeeds {
  // Images in a block, at least 1.
  int64_t images = 1;
  // Keep what backward reads, and plan gradients: by the graph's output always,
  // by other values where they are wanted.
  bool training = false;
  // Keep all outputs until the end of the run.
  bool keep_outputs = false;
  // Plan gradients by the graph's inputs; with `training`.
  bool input_gradients = false;
  // Of each node, whether the kernel before it computes its output as well, so
  // that its input is never needed. Empty: of none.
  std::vector<bool> fused = {};
};

// Offsets into one arena, in floats; multiples of 16, and followed by at least
// 16 floats of the arena. -1 stands for "none".
struct MemoryPlan {
  // The gradient by a value. The value's first user writes it; where there are
  // more, each writes a part of its own, to be added to it.
  struct Gradient {
    int64_t offset = -1;
    std::vector<int64_t> parts = {};
  };

  std::vector<int64_t> values;                        // Of each value.
  std::vector<Gradient> gradients;                    // By each value.
  std::vector<std::vector<int64_t>> input_gradients;  // Node, input: where the
                                                      // node writes.
  int64_t size = 0;                                   // Of the arena.

  // Whether a node's backward has to run: a gradient is wanted there or
  // upstream, or the node is the last one.
  bool NodeHasBackward(const Graph& graph, int node) const {
    return gradients[graph.ValueOfNode(node)].offset >= 0;
  }
};

// The output of a reshape or a fused node has the memory of its input, and so
// have their gradients.
// Errors: ResourceExhausted for more floats than can be counted.
absl::StatusOr<MemoryPlan> PlanMemory(const Graph& graph,
                                      const MemoryNeeds& needs);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_MEMORY_PLAN_H_
