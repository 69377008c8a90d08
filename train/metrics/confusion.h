// Counts of classes and predictions, for outputs with a class for each
// position, such as each pixel.
//
//   predicted        = the class with the highest score, the first if tied
//   counts[i][j]     = positions of class i that are predicted as class j
//   pixel accuracy   = share of positions that are predicted right
//   IoU of class c   = counts[c][c] / (positions of class c, or predicted as c)
//   mean IoU         = mean over the classes that have one
//
// A class that is neither in the targets nor in the predictions has no IoU.
// Source: Everingham, Van Gool, Williams, Winn and Zisserman, "The Pascal
// Visual Object Classes (VOC) Challenge" (2010), section 4.3.

#ifndef LENSLET_TRAIN_METRICS_CONFUSION_H_
#define LENSLET_TRAIN_METRICS_CONFUSION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// Sums over positions.
struct Confusion {
  int64_t classes = 0;
  // [classes, classes]: the class's row, the predicted one's column.
  std::vector<int64_t> counts;

  int64_t count(int64_t label, int64_t predicted) const {
    return counts[label * classes + predicted];
  }

  // All that have been counted.
  int64_t positions() const;
  // 0 without positions.
  double accuracy() const;
  std::optional<double> intersection_over_union(int64_t label) const;
  std::optional<double> mean_intersection_over_union() const;

  // `other` has as many classes, unless one of the two has none.
  void Add(const Confusion& other);
};

// Of the labels.size() rows of `scores` [rows, classes], but those of
// kIgnoredClass (data/target_kind.h). `classes` is at least 1; other labels are
// in [0, classes).
Confusion CountConfusion(absl::Span<const float> scores, int64_t classes,
                         absl::Span<const int32_t> labels);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_CONFUSION_H_
