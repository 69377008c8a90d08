#include "lenslet/train/metrics.h"

#include <algorithm>

#include "lenslet/data/target_kind.h"
#include "lenslet/train/metrics/top_k.h"

namespace lenslet {

void Metrics::Add(const Metrics& other) {
  if (weight_sum.has_value() || other.weight_sum.has_value()) {
    weight_sum = weights() + other.weights();
  }
  if (predictions == 0) {
    in_top_5 = other.in_top_5;
  } else if (other.predictions > 0) {
    const bool both = in_top_5.has_value() && other.in_top_5.has_value();
    in_top_5 = both ? std::optional(*in_top_5 + *other.in_top_5) : std::nullopt;
  }
  auc.reset();
  r2.reset();
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
  return CountTopK(scores.span(), classes, labels, /*k=*/1);
}

}  // namespace lenslet
