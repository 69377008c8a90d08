// Prints a network as a table.
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
  // Adds columns: "bytes", the size of the output for one image; "sees", the
  // size of the receptive field in the network's input; and "every", its stride
  // in input positions (layers/receptive_fields.h). Empty if the field is all
  // of the input.
  bool details = false;
};

// Returns one line for each layer and one for the sums, each ending in '\n'.
// `backend_of_layer` returns the backend that runs a node of the graph. The
// kernel of a custom layer (layers/custom_layer.h) is "custom".
// Multiply-adds are for one image, forward. Parameters are those that gradients
// change. If there are others, columns "fixed" and "statistics" show them.
std::string Summarize(const Graph& graph,
                      absl::FunctionRef<Backend(int node)> backend_of_layer,
                      const SummaryOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_SUMMARY_H_
