// The cost of computing an operator for one image.

#ifndef LENSLET_OPS_COST_H_
#define LENSLET_OPS_COST_H_

#include <cstdint>

#include "absl/status/status.h"

namespace lenslet {

struct Cost {
  // Multiplications whose product is added to a sum. Includes taps on padding:
  // the usual formula ignores borders.
  int64_t multiply_adds = 0;
  // All other additions, comparisons and function evaluations.
  int64_t other_operations = 0;
  // Bytes read and written if each array is touched once.
  int64_t input_bytes = 0;
  int64_t parameter_bytes = 0;
  int64_t output_bytes = 0;

  int64_t bytes() const { return input_bytes + parameter_bytes + output_bytes; }
};

// The sizes of an operator's arrays, in floats. Not negative.
struct FloatCounts {
  int64_t input = 0;
  int64_t weight = 0;
  int64_t bias = 0;
  int64_t output = 0;
};

// Sets the byte counts of `cost`. bytes() fits in an int64_t too. Errors:
// InvalidArgument for an array of more than 2^58 floats.
absl::Status SetBytes(const FloatCounts& floats, Cost& cost);

}  // namespace lenslet

#endif  // LENSLET_OPS_COST_H_
