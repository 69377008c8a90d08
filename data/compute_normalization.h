// The normalization that gives a data set mean 0 and variance 1.

#ifndef LENSLET_DATA_COMPUTE_NORMALIZATION_H_
#define LENSLET_DATA_COMPUTE_NORMALIZATION_H_

#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization.h"

namespace lenslet {

// Mean and standard deviation of x / 255 for each channel, over all examples,
// rounded once: bytes are summed up as whole numbers. A channel that is the
// same everywhere has the deviation 1. At least one example with at least one
// element, and less than 2^47 elements; aborts otherwise.
Normalization ComputeNormalization(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_DATA_COMPUTE_NORMALIZATION_H_
