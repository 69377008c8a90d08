#include "lenslet/train/metrics/confusion.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "lenslet/data/target_kind.h"
#include "lenslet/train/metrics/ratio.h"

namespace lenslet {

int64_t Confusion::positions() const {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

double Confusion::accuracy() const {
  int64_t correct = 0;
  for (int64_t c = 0; c < classes; ++c) correct += count(c, c);
  return Ratio(static_cast<double>(correct), positions()).value_or(0);
}

std::optional<double> Confusion::intersection_over_union(int64_t label) const {
  int64_t either = -count(label, label);  // It is in both sums.
  for (int64_t c = 0; c < classes; ++c) {
    either += count(label, c) + count(c, label);
  }
  return Ratio(static_cast<double>(count(label, label)), either);
}

std::optional<double> Confusion::mean_intersection_over_union() const {
  std::vector<std::optional<double>> ratios;
  for (int64_t c = 0; c < classes; ++c) {
    ratios.push_back(intersection_over_union(c));
  }
  return MeanOfPresent(ratios);
}

void Confusion::Add(const Confusion& other) {
  if (classes == 0) {
    classes = other.classes;
    counts.resize(other.counts.size());
  }
  for (size_t i = 0; i < other.counts.size(); ++i) counts[i] += other.counts[i];
}

Confusion CountConfusion(absl::Span<const float> scores, int64_t classes,
                         absl::Span<const int32_t> labels) {
  Confusion confusion = {.classes = classes,
                         .counts = std::vector<int64_t>(classes * classes)};
  for (size_t n = 0; n < labels.size(); ++n) {
    if (labels[n] == kIgnoredClass) continue;
    const float* row = scores.data() + n * classes;
    const int64_t predicted = std::max_element(row, row + classes) - row;
    ++confusion.counts[labels[n] * classes + predicted];
  }
  return confusion;
}

}  // namespace lenslet
