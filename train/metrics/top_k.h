// Top-k accuracy: the share of rows whose class is among the k with the highest
// scores.

#ifndef LENSLET_TRAIN_METRICS_TOP_K_H_
#define LENSLET_TRAIN_METRICS_TOP_K_H_

#include <cstdint>

#include "absl/types/span.h"

namespace lenslet {

// Returns how many of the labels.size() rows of `scores` [rows, classes] have
// their label among the k classes with the highest scores; of equal scores, the
// first wins. With k = 1, this is CountCorrect() (train/metrics.h). A NaN
// counts as higher than the label's score, and a label whose score is NaN as
// not among them. `classes` and k are at least 1; labels are in [0, classes).
int64_t CountTopK(absl::Span<const float> scores, int64_t classes,
                  absl::Span<const int32_t> labels, int64_t k);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_TOP_K_H_
