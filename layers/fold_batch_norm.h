// Takes batch normalizations out of a network whose parameters stay as they
// are: after a layer with a weight and a bias, they are another weight and
// another bias.
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

// The network without the batch normalizations that directly follow a
// convolution or a linear layer whose output nobody else reads; these have a
// bias then. All other layers keep their names. It computes in inference what
// `graph` does with `parameters`, but for rounding. Errors: ResourceExhausted.
absl::StatusOr<FoldedNetwork> FoldBatchNorm(const Graph& graph,
                                            const Parameters& parameters);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_FOLD_BATCH_NORM_H_
