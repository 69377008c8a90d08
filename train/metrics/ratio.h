// Ratios that may be undefined, and their means.

#ifndef LENSLET_TRAIN_METRICS_RATIO_H_
#define LENSLET_TRAIN_METRICS_RATIO_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"

namespace lenslet {

// Absent if the denominator is 0. scikit-learn has 0 there, with a warning.
std::optional<double> Ratio(double numerator, int64_t denominator);

// The mean of the numbers that are present; absent if none is.
std::optional<double> MeanOfPresent(
    absl::Span<const std::optional<double>> numbers);

// The mean of all, where a number that is absent counts as 0. 0 of none.
double MeanWithZeros(absl::Span<const std::optional<double>> numbers);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_METRICS_RATIO_H_
