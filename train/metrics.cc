#include "lenslet/train/metrics.h"

#include <algorithm>

namespace lenslet {

int64_t ArgMax(absl::Span<const float> scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

int64_t CountCorrect(View<const float> scores,
                     absl::Span<const int32_t> labels) {
  const int64_t classes = scores.shape().inner_elements();
  int64_t correct = 0;
  for (size_t n = 0; n < labels.size(); ++n) {
    correct += ArgMax(scores.span().subspan(n * classes, classes)) == labels[n];
  }
  return correct;
}

}  // namespace lenslet
