// Sums of products of vectors of images over positions: what the gradient by a
// convolution's filter spends its time on.
//
//   sums[i][j] = start + sum over rows and positions p of a[p][i] * b[p][j]
//
// where sums[i][j], a[p][i] and b[p][j] are vectors of kLanes floats, one for
// each image. A tile of some i by some j stays in registers over all positions.

#ifndef LENSLET_OPS_LANES_PRODUCT_SUMS_H_
#define LENSLET_OPS_LANES_PRODUCT_SUMS_H_

#include <cstdint>

#include "lenslet/ops/lanes/tile_size.h"

namespace lenslet {

// Strides are in floats; all but those of `sums` from one i to the next are
// multiples of kLanes. Arrays are aligned to 64 bytes.
struct ProductSums {
  // Whether sums start with what is there, or with zero.
  bool start_with_sums = true;
  int64_t rows = 1;       // At least 0.
  int64_t positions = 0;  // In a row.
  int64_t a_size = 0;     // Vectors at a position: i is below it.
  int64_t b_size = 0;     // Likewise for j.
  const float* a = nullptr;
  int64_t a_stride = 0;  // Between positions.
  int64_t a_row_stride = 0;
  const float* b = nullptr;
  int64_t b_stride = 0;
  int64_t b_row_stride = 0;
  float* sums = nullptr;
  int64_t sums_stride = 0;  // Between sums[i] and sums[i + 1].
};

// The tiles that take the least time for that many i and j, on this CPU.
TileSize ChooseProductSumsTile(int64_t a_size, int64_t b_size);

// `tile` is one that was chosen, for any numbers.
void ComputeProductSums(const ProductSums& products, TileSize tile);

// to[i] += the sum of the kLanes floats of vector i, for `size` vectors.
void AddLaneSums(int64_t size, const float* vectors, float* to);

// sums[i] += sum over positions p of a[p][i], for vectors i below `size` that
// follow each other as the positions do.
void AddVectorSums(int64_t positions, int64_t size, const float* a,
                   float* sums);

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_PRODUCT_SUMS_H_
