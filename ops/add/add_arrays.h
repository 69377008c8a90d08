// Sums of arrays of floats, which memory bounds, not arithmetic.

#ifndef LENSLET_OPS_ADD_ADD_ARRAYS_H_
#define LENSLET_OPS_ADD_ADD_ARRAYS_H_

#include <cstdint>

#include "absl/types/span.h"

namespace lenslet {

// y = x[0] + x[1] + ..., for at least two arrays of `size` floats; y is not one
// of them.
void AddArrays(absl::Span<const float* const> x, int64_t size, float* y);

// Copies dy, of `size` floats, to each array of dx that is not null.
void CopyToAll(const float* dy, int64_t size, absl::Span<float* const> dx);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_ADD_ARRAYS_H_
