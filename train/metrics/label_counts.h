// How well several labels at once are predicted. A label is predicted where its
// score is above a threshold: 0 for scores, 0.5 for probabilities. It applies
// where its target is at least 0.5.
//
//   precision     = true positives / (true positives + false positives)
//   recall        = true positives / (true positives + false negatives)
//   F1            = 2 true positives
//                   / (2 true positives + false positives + false negatives)
//   exact match   = share of examples of which all labels are right
//   hamming loss  = share of wrong ones among all labels of all examples
//
// Micro averages are of the counts of all labels together; macro averages are
// means over the labels. Ratios without a denominator are absent, and macro
// averages leave them out; a label that never applies has no recall, one that
// is never predicted no precision. Exact match and hamming loss of no examples
// are 0. Sources: van Rijsbergen, "Information retrieval" (1979); Tsoumakas and
// Katakis, "Multi-Label Classification: An Overview" (2007).

#ifndef LENSLET_TRAIN_METRICS_LABEL_COUNTS_H_
#define LENSLET_TRAIN_METRICS_LABEL_COUNTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// The counts of one label.
struct LabelCounts {
  int64_t true_positives = 0;
  int64_t false_positives = 0;
  int64_t false_negatives = 0;
  int64_t true_negatives = 0;

  std::optional<double> precision() const;
  std::optional<double> recall() const;
  std::optional<double> f1() const;

  void Add(const LabelCounts& other);

  friend bool operator==(const LabelCounts&, const LabelCounts&) = default;
};

// Sums over examples.
struct LabelMetrics {
  int64_t examples = 0;
  int64_t exact = 0;  // Examples of which all labels are right.
  std::vector<LabelCounts> labels;

  double exact_match() const;
  double hamming_loss() const;

  // The counts of all labels together: its ratios are the micro averages.
  LabelCounts micro() const;
  std::optional<double> macro_precision() const;
  std::optional<double> macro_recall() const;
  std::optional<double> macro_f1() const;
  // The other convention, scikit-learn's default: means over all labels, where
  // a ratio that is absent counts as 0.
  double macro_precision_with_zeros() const;
  double macro_recall_with_zeros() const;
  double macro_f1_with_zeros() const;

  // `other` has as many labels, unless one of the two has no examples and no
  // labels.
  void Add(const LabelMetrics& other);
};

// Of scores and targets [N, labels]. `labels` is at least 1. A NaN is above no
// threshold.
LabelMetrics CountLabels(absl::Span<const float> scores,
                         absl::Span<const float> targets, int64_t labels,
                         float threshold);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_LABEL_COUNTS_H_
