// Removes batch normalizations from a network for inference. Each is folded
// into the weight and the bias of the layer before it:
//
//   scale * (w x + b - mean) / deviation + shift = w' x + b'
//       w' = w * scale / deviation       deviation = sqrt(variance + epsilon)
//       b' = (b - mean) * scale / deviation + shift
//
// Source: Jacob et al., "Quantization and training of neural networks for
// efficient integer-arithmetic-only inference", 2018, section 3.2.

#ifndef LENSLET_LAYERS_FOLD_BATCH_NORM_H_
#define LENSLET_LAYERS_FOLD_BATCH_NORM_H_

#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet {

struct FoldedNetwork {
  Graph graph;
  Parameters parameters;
};

// Folds each batch normalization that directly follows a convolution, a
// transposed convolution or a linear layer, if nothing else reads the output of
// that layer. Adds a bias to the layer if it has none. Does not fold into
// convolutions with connections. The remaining layers keep their names. In
// inference, the result computes the same as `graph` with `parameters`, except
// for rounding. Errors: ResourceExhausted.
absl::StatusOr<FoldedNetwork> FoldBatchNorm(const Graph& graph,
                                            const Parameters& parameters);

// The graph of the result. Errors: as FoldBatchNorm().
absl::StatusOr<Graph> FoldedGraph(const Graph& graph);

// Folds parameters that have changed, into an earlier result for the same
// graph. Executors of the result then need Executor::ParametersChanged().
void UpdateFolded(const Graph& graph, const Parameters& parameters,
                  FoldedNetwork& folded);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_FOLD_BATCH_NORM_H_
