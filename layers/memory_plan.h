// Plans where an executor keeps activations and gradients.

#ifndef LENSLET_LAYERS_MEMORY_PLAN_H_
#define LENSLET_LAYERS_MEMORY_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"

namespace lenslet {

struct MemoryNeeds {
  // The number of images in a block, at least 1.
  int64_t images = 1;
  // Whether to keep the values that the backward pass reads, and to plan
  // gradients. The gradient w.r.t. the graph's output is always planned. The
  // gradient w.r.t. another value is planned if a parameter before that value
  // changes, or because of input_gradients.
  bool training = false;
  // Whether to keep all outputs until the end of the run.
  bool keep_outputs = false;
  // Whether to plan gradients w.r.t. the graph's inputs. Needs `training`.
  bool input_gradients = false;
  // For each node, whether the kernel of an earlier node also computes it. The
  // node's first input is then not stored. If the node has a second one, that
  // is an earlier node's output, and the node of the kernel reads it and writes
  // the gradient w.r.t. it. Empty: no node is fused.
  std::vector<bool> fused = {};
};

// Offsets into one arena, in bytes. They are multiples of Tensor::kAlignment.
// At least Tensor::kExtraBytes of the arena follow each value. -1 means "none".
struct MemoryPlan {
  // The gradient w.r.t. a value. Of the nodes that read the value, the last
  // one, whose backward runs first, writes to `offset`. Each other one writes a
  // part, which must be added to it.
  struct Gradient {
    int64_t offset = -1;
    std::vector<int64_t> parts = {};
  };

  std::vector<int64_t> values;      // For each value.
  std::vector<Gradient> gradients;  // W.r.t. each value.
  // [node][input]: where the node writes the gradient w.r.t. this input.
  std::vector<std::vector<int64_t>> input_gradients;
  int64_t size = 0;  // Of the arena.

  // Whether a node's backward has to run: it or an earlier node needs a
  // gradient, or it computes the graph's output.
  bool NodeHasBackward(const Graph& graph, int node) const {
    return gradients[graph.ValueOfNode(node)].offset >= 0;
  }
};

// Plans the memory. The output of a reshape or a fused node shares the memory
// of its input, and so do their gradients. Errors: ResourceExhausted for more
// bytes than any machine has.
absl::StatusOr<MemoryPlan> PlanMemory(const Graph& graph,
                                      const MemoryNeeds& needs);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_MEMORY_PLAN_H_
