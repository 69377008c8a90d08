// The normalization that gives a data set mean 0 and variance 1.

#ifndef LENSLET_DATA_COMPUTE_NORMALIZATION_H_
#define LENSLET_DATA_COMPUTE_NORMALIZATION_H_

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization.h"

namespace lenslet {

// Returns, for each channel, the mean and standard deviation over all examples:
// of x / 255 for bytes, of x for float numbers. Bytes are summed as integers,
// and the result is rounded once; numbers are summed in double, in the order of
// the examples (Welford, "Note on a method for calculating corrected sums of
// squares and products", 1962). A constant channel gets deviation 1. Reads all
// examples. Errors: those of reading them. Aborts unless there is at least one
// example, an example has at least one element, and there are fewer than 2^47
// elements in total.
absl::StatusOr<Normalization> ComputeNormalization(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_DATA_COMPUTE_NORMALIZATION_H_
