// The gradient of a bias that is added to every row of a matrix.

#ifndef LENSLET_OPS_BIAS_GRADIENT_H_
#define LENSLET_OPS_BIAS_GRADIENT_H_

#include <cstdint>

namespace lenslet {

// db[k] += sum over the rows r of dy[r, k], for dy [rows, columns]. Sums of 64
// rows are added up in turn, so that an element goes through 64 + rows / 64
// additions, not `rows`.
void AddBiasGradient(int64_t rows, int64_t columns, const float* dy, float* db);

}  // namespace lenslet

#endif  // LENSLET_OPS_BIAS_GRADIENT_H_
