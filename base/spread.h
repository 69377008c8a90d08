// The mean and the standard deviation of repeated measurements.

#ifndef LENSLET_BASE_SPREAD_H_
#define LENSLET_BASE_SPREAD_H_

#include "absl/types/span.h"

namespace lenslet {

struct Spread {
  double mean;
  // The standard deviation of the sample: sqrt(sum((x - mean)^2) / (n - 1)).
  double deviation;
};

// Returns the spread of the values. Both fields are NaN if a value is NaN.
// Aborts for fewer than two values.
Spread SpreadOf(absl::Span<const double> values);

}  // namespace lenslet

#endif  // LENSLET_BASE_SPREAD_H_
