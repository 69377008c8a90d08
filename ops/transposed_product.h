// The matrix product that weight gradients are made of: the sum, over
// positions, of the outer products of two rows.
//
//   c[i, j] += sum over p of a[p, i] * b[p, j]
//
// A weight gradient of a linear layer has p for the images, a for the output's
// gradient and b for the input. In a convolution p are the output's positions.

#ifndef LENSLET_OPS_TRANSPOSED_PRODUCT_H_
#define LENSLET_OPS_TRANSPOSED_PRODUCT_H_

#include <cstdint>

namespace lenslet {

// Row p of a matrix whose rows are in groups: row q of group g starts at
// data + g * group_stride + q * row_stride. Rows may overlap.
struct GroupedRows {
  const float* data = nullptr;
  int64_t group_stride = 0;
  int64_t row_stride = 0;
};

// Adds to c, m rows of n floats that start c_stride floats apart, the products
// of `groups` groups of `rows` rows: m floats of a and n floats of b. The sums
// have the order of the rows, group by group, whatever the CPU has for vectors.
// c overlaps neither a nor b. Costs groups * rows * m * n multiply-adds.
void AddTransposedProduct(int64_t groups, int64_t rows, int64_t m, int64_t n,
                          GroupedRows a, GroupedRows b, float* c,
                          int64_t c_stride);

}  // namespace lenslet

#endif  // LENSLET_OPS_TRANSPOSED_PRODUCT_H_
