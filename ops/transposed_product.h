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

#include "lenslet/ops/lanes/tile_size.h"

namespace lenslet {

// A matrix whose rows are in groups, and its groups in blocks. Row q of group g
// of block f starts at data + f * block_stride + g * group_stride + q *
// row_stride. Rows may overlap.
struct GroupedRows {
  const float* data = nullptr;
  int64_t block_stride = 0;
  int64_t group_stride = 0;
  int64_t row_stride = 0;
};

// a and b have `blocks` blocks of `groups` groups of `rows` rows, of m floats
// in a and n floats in b. c has m rows of n floats that start c_stride floats
// apart. c must overlap neither a nor b. Up to 64 bytes after a row of b are
// read, but do not matter.
struct TransposedProduct {
  int64_t blocks = 1;
  int64_t groups = 1;
  int64_t rows = 0;
  int64_t m = 0;
  int64_t n = 0;
  GroupedRows a;
  GroupedRows b;
  float* c = nullptr;
  int64_t c_stride = 0;
  // Whether the sum replaces what c holds instead of being added to it.
  bool overwrite = false;
};

// The fastest tile of c on this CPU: its rows, and vectors of its columns.
TileSize ChooseTransposedProductTile(int64_t m, int64_t n);

// Adds a^T b to c, or writes it there. Sums all products in row order, group by
// group and block by block, and then adds the sum to c. So the result does not
// depend on the tile or on the CPU's vector width. `tile` must come from
// ChooseTransposedProductTile(), for any arguments.
void AddTransposedProduct(const TransposedProduct& product, TileSize tile);

}  // namespace lenslet

#endif  // LENSLET_OPS_TRANSPOSED_PRODUCT_H_
