// The transpose of a matrix: to[j, i] = from[i, j].

#ifndef LENSLET_TENSOR_TRANSPOSE_H_
#define LENSLET_TENSOR_TRANSPOSE_H_

#include <cstdint>

namespace lenslet {

// Transposes `from`, of shape [rows, columns], into `to`. A stride is the
// number of floats from one row to the next. The matrices must not overlap.
void Transpose(int64_t rows, int64_t columns, const float* from,
               int64_t from_stride, float* to, int64_t to_stride);

}  // namespace lenslet

#endif  // LENSLET_TENSOR_TRANSPOSE_H_
