// Softmax with cross-entropy, for peers whose library leaves it to its user.

#ifndef LENSLET_BENCHMARKS_PEERS_LOSS_H_
#define LENSLET_BENCHMARKS_PEERS_LOSS_H_

#include <cstdint>

#include "absl/types/span.h"

namespace lenslet::peers {

// Returns the sum of -log(softmax(row of scores)[label]) over the rows of
// scores [labels.size(), kClasses]. If `gradient` is not null, puts there the
// gradient of the rows' mean loss by the scores.
double LossSum(const float* scores, absl::Span<const int32_t> labels,
               float* gradient = nullptr);

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_LOSS_H_
