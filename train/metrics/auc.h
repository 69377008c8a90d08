// The area under the ROC curve: the probability that a random example to which
// the label applies has a higher score than a random one to which it does not.
//
//   AUC = (number of pairs, one of each, in which the first is higher
//          + half the number of those in which both are equal)
//         / number of pairs
//
// It depends on the order of the scores alone, so that scores and probabilities
// have the same. Absent if the label applies to all examples or to none, or if
// a score is NaN. Source: Hanley and McNeil, "The meaning and use of the area
// under a receiver operating characteristic (ROC) curve" (1982); the statistic
// is Mann and Whitney's U (1947).

#ifndef LENSLET_TRAIN_METRICS_AUC_H_
#define LENSLET_TRAIN_METRICS_AUC_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// The AUC of one label, for scores and targets [N, labels] of the whole set. A
// label applies where its target is at least 0.5. `labels` is at least 1,
// `label` in [0, labels), N below 2^31. Takes O(N log N), and 8 bytes for each
// example.
std::optional<double> AucOfLabel(absl::Span<const float> scores,
                                 absl::Span<const float> targets,
                                 int64_t labels, int64_t label);

// That of each label. MeanOfPresent() (train/metrics/ratio.h) is the macro
// average.
std::vector<std::optional<double>> AucOfLabels(absl::Span<const float> scores,
                                               absl::Span<const float> targets,
                                               int64_t labels);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_AUC_H_
