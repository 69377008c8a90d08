// Where a network's numbers stopped being finite: what a person wants to know
// when a loss is infinite or not a number.

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

// A block that an executor with keep_outputs has run forward last.
struct FinishedBlock {
  // Where the block starts in what the text calls "the batch".
  int64_t first_image = 0;
  // How the executor's inputs and outputs lie in memory.
  Layout layout = Layout::kImages;
  // Of each of the block's images.
  absl::Span<const float> losses;
};

// The first thing, in the order of computation, that is not finite, as a
// clause:
//
//   the input "image" is inf for image 3 of the batch
//   layer "conv2" gives nan for image 3 of the batch
//   parameter "conv2.weight" is inf
//   the loss of image 3 of the batch is inf, of scores that are finite
//   no number is infinite or nan
//
// where images count from 0. A layer's parameters are named instead of the
// layer; statistics are none of them, as training does not use them. Errors:
// ResourceExhausted.
absl::StatusOr<std::string> FirstNonFinite(const Graph& graph,
                                           const Parameters& parameters,
                                           const FinishedBlock& block,
                                           Executor& executor);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_FIRST_NON_FINITE_H_
