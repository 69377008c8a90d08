// What a threshold on the score of a class or label trades: of N examples, of
// which P are positive, those with a score of at least t are predicted to be
// positive.
//
//   recall               = true positives / P
//   false positive rate  = false positives / (N - P)
//   precision            = true positives / predicted positives
//
//   ROC curve                false positive rate against recall
//   AUC                      the area under it, by the trapezoidal rule
//   precision-recall curve   recall against precision
//   average precision        sum over the thresholds of
//                            (recall - recall of the threshold above) precision
//
// Thresholds are the scores that occur, from the highest to the lowest; before
// them, nothing is predicted to be positive. Sources: Fawcett, "An introduction
// to ROC analysis", 2006; Davis and Goadrich, "The relationship between
// precision-recall and ROC curves", 2006. Average precision is scikit-learn's:
// it does not interpolate.

#ifndef LENSLET_INSPECT_THRESHOLD_CURVE_H_
#define LENSLET_INSPECT_THRESHOLD_CURVE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// Ratios with denominator 0 are absent: the precision, if nothing is predicted
// to be positive.
struct ThresholdPoint {
  double threshold = 0;
  std::optional<double> false_positive_rate = {};
  std::optional<double> recall = {};
  std::optional<double> precision = {};
  std::optional<double> f1 = {};  // Of 2 true positives / (predicted + P).
};

struct ThresholdCurve {
  // From the highest threshold to the lowest: at most kMaxPoints of all, evenly
  // spread, with the first and the last. Empty if all examples are positive, or
  // none. They have all ratios.
  std::vector<ThresholdPoint> points;
  // From all thresholds. Absent without points.
  std::optional<double> auc;
  std::optional<double> average_precision;

  static constexpr int64_t kMaxPoints = 200;
};

// An example's score, and whether it is positive.
struct ScoredTarget {
  float score = 0;  // Not NaN.
  bool positive = false;
};

// Takes O(N log N). Reorders the examples.
ThresholdCurve MakeThresholdCurve(absl::Span<ScoredTarget> examples);

// Returns the point of a threshold: of the predictions with a score of at least
// that. Counts the examples; their order does not matter.
ThresholdPoint PointAt(absl::Span<const ScoredTarget> examples,
                       double threshold);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_THRESHOLD_CURVE_H_
