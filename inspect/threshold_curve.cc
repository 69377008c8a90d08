#include "lenslet/inspect/threshold_curve.h"

#include <algorithm>

#include "lenslet/train/metrics/ratio.h"

namespace lenslet {
namespace {

ThresholdPoint MakePoint(double threshold, int64_t true_positives,
                         int64_t false_positives, int64_t positives,
                         int64_t negatives) {
  const int64_t predicted = true_positives + false_positives;
  return {.threshold = threshold,
          .false_positive_rate =
              Ratio(static_cast<double>(false_positives), negatives),
          .recall = Ratio(static_cast<double>(true_positives), positives),
          .precision = Ratio(static_cast<double>(true_positives), predicted),
          .f1 = Ratio(2.0 * static_cast<double>(true_positives),
                      predicted + positives)};
}

// As many of them, evenly spread.
std::vector<ThresholdPoint> Thin(std::vector<ThresholdPoint> points,
                                 int64_t most) {
  const int64_t count = static_cast<int64_t>(points.size());
  if (count <= most) return points;
  std::vector<ThresholdPoint> some;
  for (int64_t i = 0; i < most; ++i) {
    some.push_back(points[i * (count - 1) / (most - 1)]);
  }
  return some;
}

}  // namespace

ThresholdCurve MakeThresholdCurve(absl::Span<ScoredTarget> examples) {
  std::sort(examples.begin(), examples.end(),
            [](const ScoredTarget& a, const ScoredTarget& b) {
              return a.score > b.score;
            });
  const int64_t positives =
      std::count_if(examples.begin(), examples.end(),
                    [](const ScoredTarget& e) { return e.positive; });
  const int64_t negatives = static_cast<int64_t>(examples.size()) - positives;
  ThresholdCurve curve;
  if (positives == 0 || negatives == 0) return curve;
  std::vector<ThresholdPoint> points;
  int64_t true_positives = 0;
  int64_t false_positives = 0;
  double area = 0;
  double average_precision = 0;
  double recall_before = 0;
  double wrong_before = 0;
  for (size_t i = 0; i < examples.size();) {
    const float score = examples[i].score;
    for (; i < examples.size() && examples[i].score == score; ++i) {
      ++(examples[i].positive ? true_positives : false_positives);
    }
    const ThresholdPoint point =
        MakePoint(score, true_positives, false_positives, positives, negatives);
    // All are there: examples are predicted, and there are both kinds.
    area += (*point.false_positive_rate - wrong_before) *
            (*point.recall + recall_before) / 2;
    average_precision += (*point.recall - recall_before) * *point.precision;
    recall_before = *point.recall;
    wrong_before = *point.false_positive_rate;
    points.push_back(point);
  }
  curve.points = Thin(std::move(points), ThresholdCurve::kMaxPoints);
  curve.auc = area;
  curve.average_precision = average_precision;
  return curve;
}

ThresholdPoint PointAt(absl::Span<const ScoredTarget> examples,
                       double threshold) {
  int64_t positives = 0;
  int64_t true_positives = 0;
  int64_t false_positives = 0;
  for (const ScoredTarget& example : examples) {
    positives += example.positive;
    if (example.score < threshold) continue;
    ++(example.positive ? true_positives : false_positives);
  }
  return MakePoint(threshold, true_positives, false_positives, positives,
                   static_cast<int64_t>(examples.size()) - positives);
}

}  // namespace lenslet
