// How well a classifier does.

#ifndef LENSLET_TRAIN_METRICS_H_
#define LENSLET_TRAIN_METRICS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// Sums over examples.
struct Metrics {
  int64_t examples = 0;
  double loss_sum = 0;
  int64_t correct = 0;

  // Mean loss and share of correct answers; 0 without examples.
  double loss() const { return examples == 0 ? 0 : loss_sum / examples; }
  double accuracy() const {
    return examples == 0 ? 0 : static_cast<double>(correct) / examples;
  }

  void Add(const Metrics& other) {
    examples += other.examples;
    loss_sum += other.loss_sum;
    correct += other.correct;
  }
};

// The index of the largest of `scores`, at least one; the first of several.
int64_t ArgMax(absl::Span<const float> scores);

// How many of the first labels.size() rows of scores [N, classes] have their
// largest element at their label.
int64_t CountCorrect(View<const float> scores,
                     absl::Span<const int32_t> labels);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_H_
