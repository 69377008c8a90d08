#include "lenslet/train/metrics.h"

#include <algorithm>

#include "lenslet/data/target_kind.h"

namespace lenslet {

void Metrics::Add(const Metrics& other) {
  if (weight_sum.has_value() || other.weight_sum.has_value()) {
    weight_sum = weights() + other.weights();
  }
  examples += other.examples;
  loss_sum += other.loss_sum;
  predictions += other.predictions;
  correct += other.correct;
  labels.Add(other.labels);
  exact += other.exact;
  values.Add(other.values);
}

int64_t ArgMax(absl::Span<const float> scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

int64_t CountCounted(absl::Span<const int32_t> labels) {
  return labels.size() -
         std::count(labels.begin(), labels.end(), kIgnoredClass);
}

int64_t CountCorrect(View<const float> scores,
                     absl::Span<const int32_t> labels) {
  const int64_t classes = scores.shape().dim(scores.shape().rank() - 1);
  int64_t correct = 0;
  for (size_t n = 0; n < labels.size(); ++n) {
    correct += ArgMax(scores.span().subspan(n * classes, classes)) == labels[n];
  }
  return correct;
}

}  // namespace lenslet
