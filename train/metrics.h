// Loss and accuracy of a classifier.

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

  // Mean loss and fraction of correct predictions; 0 without examples.
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

// Returns the index of the largest score; of equal ones, the first. `scores`
// must not be empty.
int64_t ArgMax(absl::Span<const float> scores);

// Returns how many of the first labels.size() rows of `scores` [N, classes]
// have their largest element at the row's label.
int64_t CountCorrect(View<const float> scores,
                     absl::Span<const int32_t> labels);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_H_
