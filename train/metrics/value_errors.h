// How far outputs are from values. For an output x and its target t, over all
// numbers:
//
//   mean absolute error        = mean of |x - t|
//   mean squared error         = mean of (x - t)^2
//   root mean squared error    = its square root
//   R^2                        = 1 - (sum of (x - t)^2) / (sum of (t - m)^2),
//                                where m is the mean of the targets
//
// R^2 is 1 for a perfect prediction, 0 for that of the mean, and below 0 for
// worse ones. Source of R^2: Wright, "Correlation and causation" (1921), as the
// coefficient of determination; scikit-learn's r2_score.

#ifndef LENSLET_TRAIN_METRICS_VALUE_ERRORS_H_
#define LENSLET_TRAIN_METRICS_VALUE_ERRORS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// Sums over numbers.
struct ValueErrors {
  int64_t numbers = 0;
  double absolute_sum = 0;
  double squared_sum = 0;

  // 0 without numbers.
  double mean_absolute_error() const;
  double mean_squared_error() const;
  double root_mean_squared_error() const;

  void Add(const ValueErrors& other);
};

// Of as many outputs as targets. Adds up in double, in order.
ValueErrors SumValueErrors(absl::Span<const float> outputs,
                           absl::Span<const float> targets);

// What the R^2 of each column of outputs and targets needs, added up block by
// block, so that no set need be in memory. Each block is measured around the
// means of its targets, and blocks are merged as of Chan, Golub and LeVeque,
// "Updating formulae and a pairwise algorithm for computing sample variances"
// (1979): targets far from 0 cost no digits. The order of the blocks decides
// the last bits. Takes 32 bytes for each column.
class R2Sums {
 public:
  // `columns` is at least 1.
  explicit R2Sums(int64_t columns) : columns_(columns) {}

  // Adds the rows of a block, outputs and targets [N, columns].
  void Add(absl::Span<const float> outputs, absl::Span<const float> targets);
  // `other` has as many columns.
  void Add(const R2Sums& other);

  // The R^2 of each column. Absent where all targets of a column are equal, or
  // where there are none. MeanOfPresent() (train/metrics/ratio.h) is
  // scikit-learn's "uniform_average".
  std::vector<std::optional<double>> r2() const;

 private:
  struct Column {
    double mean = 0;           // Of the targets.
    double deviations = 0;     // The sum of (t - mean)^2.
    double squared_error = 0;  // The sum of (x - t)^2.
    // Of the targets: a rounded mean may differ from equal ones.
    float least = 0;
    float most = 0;
  };

  int64_t rows_ = 0;
  std::vector<Column> columns_;
};

// R2Sums of all rows as one block.
std::vector<std::optional<double>> R2OfColumns(absl::Span<const float> outputs,
                                               absl::Span<const float> targets,
                                               int64_t columns);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_VALUE_ERRORS_H_
