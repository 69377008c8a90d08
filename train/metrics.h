// The loss of a network and how good its outputs are.

#ifndef LENSLET_TRAIN_METRICS_H_
#define LENSLET_TRAIN_METRICS_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "lenslet/tensor/view.h"
#include "lenslet/train/metrics/label_counts.h"
#include "lenslet/train/metrics/value_errors.h"

namespace lenslet {

// Sums over examples. What the targets are (data/target_kind.h) decides which
// of them count.
struct Metrics {
  int64_t examples = 0;
  double loss_sum = 0;
  // The sum of the examples' weights (ops/loss/loss_spec.h). None: each has 1.
  std::optional<double> weight_sum = {};
  // Of targets that are classes: the predicted classes, one for each example or
  // for each position of a map that counts, and how many of them are right.
  int64_t predictions = 0;
  int64_t correct = 0;
  // How many of them have their class among the five with the highest scores
  // (train/metrics/top_k.h). Absent of networks of at most five classes, and of
  // sums with parts that lack it.
  std::optional<int64_t> in_top_5 = {};
  // Of labels: the counts of all labels together, and the examples of which all
  // labels are right. A label is predicted where its score is above 0.
  LabelCounts labels = {};
  int64_t exact = 0;
  // Of values.
  ValueErrors values = {};
  // Of a whole set that was measured at once (Evaluator::Evaluate()), means
  // over what has one: the AUC of labels (train/metrics/auc.h), the R^2 of
  // values (train/metrics/value_errors.h). Sums of parts lack them.
  std::optional<double> auc = {};
  std::optional<double> r2 = {};

  double weights() const {
    return weight_sum.value_or(static_cast<double>(examples));
  }
  // Weighted mean loss and fraction of correct predictions; 0 without any.
  double loss() const { return weights() == 0 ? 0 : loss_sum / weights(); }
  double accuracy() const {
    return predictions == 0 ? 0 : static_cast<double>(correct) / predictions;
  }

  void Add(const Metrics& other);
};

// Returns the index of the largest score; of equal ones, the first. `scores`
// must not be empty.
int64_t ArgMax(absl::Span<const float> scores);

// Returns how many labels are not kIgnoredClass (data/target_kind.h).
int64_t CountCounted(absl::Span<const int32_t> labels);

// Returns how many of the first labels.size() rows of `scores`, whose last
// dimension is that of the classes, have their largest element at the row's
// label: CountTopK() (train/metrics/top_k.h) with k = 1.
int64_t CountCorrect(View<const float> scores,
                     absl::Span<const int32_t> labels);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_H_
