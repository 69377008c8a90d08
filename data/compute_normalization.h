// The normalization that gives a data set mean 0 and variance 1.

#ifndef LENSLET_DATA_COMPUTE_NORMALIZATION_H_
#define LENSLET_DATA_COMPUTE_NORMALIZATION_H_

#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization.h"

namespace lenslet {

// Returns the mean and standard deviation of x / 255 for each channel, over all
// examples. Bytes are summed as integers, and the result is rounded once. A
// constant channel gets deviation 1. Aborts unless there is at least one
// example, an example has at least one element, and there are fewer than 2^47
// elements in total.
Normalization ComputeNormalization(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_DATA_COMPUTE_NORMALIZATION_H_
