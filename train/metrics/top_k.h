// Top-k accuracy: the share of rows whose class is among the k with the highest
// scores.

#ifndef LENSLET_TRAIN_METRICS_TOP_K_H_
#define LENSLET_TRAIN_METRICS_TOP_K_H_

#include <cstdint>

#include "absl/types/span.h"

namespace lenslet {

// Returns how many classes have a higher score than `label`; of equal scores,
// the first is higher. A NaN counts as higher than the label's score, and all
// classes as higher than a label whose score is NaN. `label` is in
// [0, scores.size()).
int64_t RankOfLabel(absl::Span<const float> scores, int32_t label);

struct TopCounts {
  int64_t first = 0;  // Rows of which no class has a higher score.
  int64_t top_k = 0;
};

// Returns how many of the labels.size() rows of `scores` [rows, classes] have
// their label among the one or the k classes with the highest scores, as
// RankOfLabel() ranks them. `classes` and k are at least 1; labels are in
// [0, classes), or kIgnoredClass (data/target_kind.h), which is nowhere among
// them. Reads the scores once.
TopCounts CountTop(absl::Span<const float> scores, int64_t classes,
                   absl::Span<const int32_t> labels, int64_t k);

// CountTop().top_k
int64_t CountTopK(absl::Span<const float> scores, int64_t classes,
                  absl::Span<const int32_t> labels, int64_t k);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_TOP_K_H_
