#include "lenslet/train/metrics/top_k.h"

#include <cmath>
#include <cstddef>

#include "lenslet/data/target_kind.h"

namespace lenslet {

int64_t RankOfLabel(absl::Span<const float> scores, int32_t label) {
  const int32_t classes = static_cast<int32_t>(scores.size());
  const float* row = scores.data();
  const float own = row[label];
  if (std::isnan(own)) return classes;
  // One loop without branches, for vectors: scores are in no order that could
  // be predicted. A NaN is not at most the label's score.
  int32_t before = 0;
  for (int32_t j = 0; j < classes; ++j) {
    const int32_t higher = !(row[j] <= own);
    const int32_t tied_first = (row[j] == own) & (j < label);
    before += higher | tied_first;
  }
  return before;
}

TopCounts CountTop(absl::Span<const float> scores, int64_t classes,
                   absl::Span<const int32_t> labels, int64_t k) {
  TopCounts counts;
  for (size_t n = 0; n < labels.size(); ++n) {
    if (labels[n] == kIgnoredClass) continue;
    const int64_t rank =
        RankOfLabel(scores.subspan(n * classes, classes), labels[n]);
    counts.first += rank == 0;
    counts.top_k += rank < k;
  }
  return counts;
}

int64_t CountTopK(absl::Span<const float> scores, int64_t classes,
                  absl::Span<const int32_t> labels, int64_t k) {
  return CountTop(scores, classes, labels, k).top_k;
}

}  // namespace lenslet
