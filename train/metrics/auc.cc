#include "lenslet/train/metrics/auc.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "lenslet/train/metrics/ratio.h"

namespace lenslet {
namespace {

struct ScoredExample {
  float score;
  bool applies;
};

std::optional<double> AucOf(std::vector<ScoredExample>& examples) {
  std::sort(examples.begin(), examples.end(),
            [](const ScoredExample& a, const ScoredExample& b) {
              return a.score < b.score;
            });
  int64_t positives = 0;
  int64_t negatives = 0;
  int64_t twice_pairs = 0;  // Pairs in the right order, and half the ties.
  for (size_t i = 0; i < examples.size();) {
    int64_t tied_positives = 0;
    int64_t tied_negatives = 0;
    const float score = examples[i].score;
    for (; i < examples.size() && examples[i].score == score; ++i) {
      ++(examples[i].applies ? tied_positives : tied_negatives);
    }
    twice_pairs += tied_positives * (2 * negatives + tied_negatives);
    positives += tied_positives;
    negatives += tied_negatives;
  }
  return Ratio(static_cast<double>(twice_pairs) / 2, positives * negatives);
}

}  // namespace

std::optional<double> AucOfLabel(absl::Span<const float> scores,
                                 absl::Span<const float> targets,
                                 int64_t labels, int64_t label) {
  std::vector<ScoredExample> examples(targets.size() / labels);
  bool is_nan = false;
  for (size_t n = 0; n < examples.size(); ++n) {
    const float score = scores[n * labels + label];
    is_nan |= std::isnan(score);
    examples[n] = {.score = score,
                   .applies = targets[n * labels + label] >= 0.5f};
  }
  return is_nan ? std::nullopt : AucOf(examples);
}

std::vector<std::optional<double>> AucOfLabels(absl::Span<const float> scores,
                                               absl::Span<const float> targets,
                                               int64_t labels) {
  std::vector<std::optional<double>> results;
  for (int64_t label = 0; label < labels; ++label) {
    results.push_back(AucOfLabel(scores, targets, labels, label));
  }
  return results;
}

}  // namespace lenslet
