// Finds the first non-finite number of a computation, to explain an infinite or
// NaN loss.

#ifndef LENSLET_TRAIN_FIRST_NON_FINITE_H_
#define LENSLET_TRAIN_FIRST_NON_FINITE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// The block of an executor's last forward pass. The executor has keep_outputs.
struct FinishedBlock {
  // The index of the block's first image in the batch.
  int64_t first_image = 0;
  // The memory layout of the executor's inputs and outputs.
  Layout layout = Layout::kImages;
  // One for each image of the block.
  absl::Span<const float> losses;
};

// Describes the first non-finite number, in the order of computation, as a
// clause:
//
//   the input "image" is inf for image 3 of the batch
//   layer "conv2" gives nan for image 3 of the batch
//   parameter "conv2.weight" is inf
//   the loss of image 3 of the batch is inf, although its scores are finite
//   no number is infinite or nan
//
// Images are numbered from 0. If a layer has a non-finite parameter, the text
// names the parameter instead of the layer. Statistics are ignored, because
// training does not use them. Errors: ResourceExhausted.
absl::StatusOr<std::string> FirstNonFinite(const Graph& graph,
                                           const Parameters& parameters,
                                           const FinishedBlock& block,
                                           Executor& executor);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_FIRST_NON_FINITE_H_
