// Element-wise sums of arrays, with vectors of the CPU's width.

#ifndef LENSLET_OPS_ADD_ADD_ARRAYS_H_
#define LENSLET_OPS_ADD_ADD_ARRAYS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "lenslet/tensor/buffer.h"

namespace lenslet {

// y = x[0] + x[1] + ..., in this order, for at least two arrays of `size`
// floats; with `relu`, y = max(0, that). y is not one of them. May read less
// than 64 bytes past the end of the arrays.
void AddArrays(absl::Span<const ConstBuffer> x, int64_t size, bool relu,
               float* y);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_ADD_ARRAYS_H_
