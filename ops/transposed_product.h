// The matrix product in weight gradients: the sum over positions of the outer
// products of two rows.
//
//   c[i, j] += sum over p of a[p, i] * b[p, j]
//
// In a linear layer's weight gradient, p runs over the images, a is the
// output's gradient and b the input. In a convolution, p runs over the output's
// positions.

#ifndef LENSLET_OPS_TRANSPOSED_PRODUCT_H_
#define LENSLET_OPS_TRANSPOSED_PRODUCT_H_

#include <cstdint>

namespace lenslet {

// A matrix whose rows are in groups. Row q of group g starts at data + g *
// group_stride + q * row_stride. Rows may overlap.
struct GroupedRows {
  const float* data = nullptr;
  int64_t group_stride = 0;
  int64_t row_stride = 0;
};

// Adds a^T b to c. a and b have `groups` groups of `rows` rows, of m floats in
// a and n floats in b. c has m rows of n floats that start c_stride floats
// apart. Sums in row order, group by group, whatever the CPU's vector width. c
// must overlap neither a nor b. Costs groups * rows * m * n multiply-adds.
void AddTransposedProduct(int64_t groups, int64_t rows, int64_t m, int64_t n,
                          GroupedRows a, GroupedRows b, float* c,
                          int64_t c_stride);

}  // namespace lenslet

#endif  // LENSLET_OPS_TRANSPOSED_PRODUCT_H_
