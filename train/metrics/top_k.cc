#include "lenslet/train/metrics/top_k.h"

#include <cmath>
#include <cstddef>

namespace lenslet {

int64_t CountTopK(absl::Span<const float> scores, int64_t classes,
                  absl::Span<const int32_t> labels, int64_t k) {
  int64_t count = 0;
  for (size_t n = 0; n < labels.size(); ++n) {
    const float* row = scores.data() + n * classes;
    const int64_t label = labels[n];
    if (std::isnan(row[label])) continue;
    int64_t before = 0;
    for (int64_t j = 0; j < classes; ++j) {
      // A NaN is not at most the label's score.
      before += !(row[j] <= row[label]) || (row[j] == row[label] && j < label);
    }
    count += before < k;
  }
  return count;
}

}  // namespace lenslet
