// What it costs to compute an operator for one image.

#ifndef LENSLET_OPS_COST_H_
#define LENSLET_OPS_COST_H_

#include <cstdint>

#include "absl/status/status.h"

namespace lenslet {

struct Cost {
  // Products that are added to a sum. Taps on padding count: the usual formula
  // does not look at borders.
  int64_t multiply_adds = 0;
  // Additions, comparisons and function values besides those.
  int64_t other_operations = 0;
  // Bytes that are read and written when each array is touched once.
  int64_t input_bytes = 0;
  int64_t parameter_bytes = 0;
  int64_t output_bytes = 0;

  int64_t bytes() const { return input_bytes + parameter_bytes + output_bytes; }
};

// The sizes of an operator's arrays, in floats; none is negative.
struct FloatCounts {
  int64_t input = 0;
  int64_t weight = 0;
  int64_t bias = 0;
  int64_t output = 0;
};

// Fills in the bytes of `cost`, so that bytes() fits in an int64_t too. Errors:
// InvalidArgument for an array of more than 2^58 floats.
absl::Status SetBytes(const FloatCounts& floats, Cost& cost);

}  // namespace lenslet

#endif  // LENSLET_OPS_COST_H_
