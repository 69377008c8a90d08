// The gradient of a bias that is added to every row of a matrix.

#ifndef LENSLET_OPS_BIAS_GRADIENT_H_
#define LENSLET_OPS_BIAS_GRADIENT_H_

#include <cstdint>

namespace lenslet {

// db[k] += sum over rows r of dy[r, k], for dy [rows, columns]. To limit
// rounding errors, sums 64 rows at a time, then adds up these sums: an element
// goes through 64 + rows / 64 additions, not `rows`.
void AddBiasGradient(int64_t rows, int64_t columns, const float* dy, float* db);

}  // namespace lenslet

#endif  // LENSLET_OPS_BIAS_GRADIENT_H_
