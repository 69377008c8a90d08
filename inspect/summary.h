// A network as a table.
//
//   layer     type       output        parameters  multiply-adds  kernel
//   conv1     Conv2d     28 x 28 x 6          156        117,600  xnnpack
//   ...

#ifndef LENSLET_INSPECT_SUMMARY_H_
#define LENSLET_INSPECT_SUMMARY_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "lenslet/layers/graph.h"
#include "lenslet/ops/backend.h"

namespace lenslet {

struct SummaryOptions {
  // Adds columns: "bytes" of the output of one image; "sees", the positions of
  // the network's input that one of the output depends on, and "every", the
  // input's positions from one to the next (layers/receptive_fields.h). Empty
  // where it is all of the input.
  bool details = false;
};

// One line for each layer, and one for their sums, each ending in '\n'.
// `backend_of_layer` says which backend runs a node of the graph. Multiply-adds
// are those of one image, forward. The parameters are those that training
// changes by gradients; where there are others, columns "fixed" and
// "statistics" have them.
std::string Summarize(const Graph& graph,
                      absl::FunctionRef<Backend(int node)> backend_of_layer,
                      const SummaryOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_SUMMARY_H_
