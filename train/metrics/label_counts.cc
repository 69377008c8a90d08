#include "lenslet/train/metrics/label_counts.h"

#include <cstddef>

#include "lenslet/train/metrics/ratio.h"

namespace lenslet {
namespace {

std::vector<std::optional<double>> OfEachLabel(
    const std::vector<LabelCounts>& labels,
    std::optional<double> (LabelCounts::*ratio)() const) {
  std::vector<std::optional<double>> ratios;
  for (const LabelCounts& label : labels) ratios.push_back((label.*ratio)());
  return ratios;
}

}  // namespace

std::optional<double> LabelCounts::precision() const {
  return Ratio(static_cast<double>(true_positives),
               true_positives + false_positives);
}

std::optional<double> LabelCounts::recall() const {
  return Ratio(static_cast<double>(true_positives),
               true_positives + false_negatives);
}

std::optional<double> LabelCounts::f1() const {
  return Ratio(2.0 * static_cast<double>(true_positives),
               2 * true_positives + false_positives + false_negatives);
}

void LabelCounts::Add(const LabelCounts& other) {
  true_positives += other.true_positives;
  false_positives += other.false_positives;
  false_negatives += other.false_negatives;
  true_negatives += other.true_negatives;
}

double LabelMetrics::exact_match() const {
  return Ratio(static_cast<double>(exact), examples).value_or(0);
}

double LabelMetrics::hamming_loss() const {
  const LabelCounts all = micro();
  const int64_t wrong = all.false_positives + all.false_negatives;
  return Ratio(static_cast<double>(wrong),
               wrong + all.true_positives + all.true_negatives)
      .value_or(0);
}

LabelCounts LabelMetrics::micro() const {
  LabelCounts all;
  for (const LabelCounts& label : labels) all.Add(label);
  return all;
}

std::optional<double> LabelMetrics::macro_precision() const {
  return MeanOfPresent(OfEachLabel(labels, &LabelCounts::precision));
}

std::optional<double> LabelMetrics::macro_recall() const {
  return MeanOfPresent(OfEachLabel(labels, &LabelCounts::recall));
}

std::optional<double> LabelMetrics::macro_f1() const {
  return MeanOfPresent(OfEachLabel(labels, &LabelCounts::f1));
}

double LabelMetrics::macro_precision_with_zeros() const {
  return MeanWithZeros(OfEachLabel(labels, &LabelCounts::precision));
}

double LabelMetrics::macro_recall_with_zeros() const {
  return MeanWithZeros(OfEachLabel(labels, &LabelCounts::recall));
}

double LabelMetrics::macro_f1_with_zeros() const {
  return MeanWithZeros(OfEachLabel(labels, &LabelCounts::f1));
}

void LabelMetrics::Add(const LabelMetrics& other) {
  examples += other.examples;
  exact += other.exact;
  if (labels.empty()) labels.resize(other.labels.size());
  for (size_t i = 0; i < other.labels.size(); ++i) {
    labels[i].Add(other.labels[i]);
  }
}

LabelMetrics CountLabels(absl::Span<const float> scores,
                         absl::Span<const float> targets, int64_t labels,
                         float threshold) {
  LabelMetrics metrics;
  metrics.examples = static_cast<int64_t>(targets.size()) / labels;
  metrics.labels.resize(labels);
  for (int64_t n = 0; n < metrics.examples; ++n) {
    bool exact = true;
    for (int64_t i = 0; i < labels; ++i) {
      const bool predicted = scores[n * labels + i] > threshold;
      const bool applies = targets[n * labels + i] >= 0.5f;
      LabelCounts& counts = metrics.labels[i];
      counts.true_positives += predicted && applies;
      counts.false_positives += predicted && !applies;
      counts.false_negatives += !predicted && applies;
      counts.true_negatives += !predicted && !applies;
      exact &= predicted == applies;
    }
    metrics.exact += exact;
  }
  return metrics;
}

}  // namespace lenslet
