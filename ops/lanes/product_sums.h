// Sums over positions of products of vectors of images. A convolution's filter
// gradient spends most of its time here.
//
//   sums[i][j] = start + sum over rows and positions p of a[p][i] * b[p][j]
//
// where sums[i][j], a[p][i] and b[p][j] are vectors of kLanes floats, one for
// each image. A tile of several i by several j stays in registers over all
// positions.

#ifndef LENSLET_OPS_LANES_PRODUCT_SUMS_H_
#define LENSLET_OPS_LANES_PRODUCT_SUMS_H_

#include <cstdint>

#include "lenslet/ops/lanes/tile_size.h"

namespace lenslet {

// Strides are in floats. All but sums_stride are multiples of kLanes. Arrays
// are aligned to 64 bytes.
struct ProductSums {
  // Whether to add to `sums` or to start with zero.
  bool start_with_sums = true;
  int64_t rows = 1;       // At least 0.
  int64_t positions = 0;  // In a row.
  int64_t a_size = 0;     // Vectors at a position: the range of i.
  int64_t b_size = 0;     // The range of j.
  const float* a = nullptr;
  int64_t a_stride = 0;  // Between positions.
  int64_t a_row_stride = 0;
  const float* b = nullptr;
  int64_t b_stride = 0;
  int64_t b_row_stride = 0;
  float* sums = nullptr;
  int64_t sums_stride = 0;  // Between sums[i] and sums[i + 1].
};

// The fastest tile on this CPU for a_size values of i and b_size values of j.
TileSize ChooseProductSumsTile(int64_t a_size, int64_t b_size);

// `tile` must come from ChooseProductSumsTile(), for any arguments.
void ComputeProductSums(const ProductSums& products, TileSize tile);

// to[i] += sum of the kLanes floats of vector i, for `size` vectors.
void AddLaneSums(int64_t size, const float* vectors, float* to);

// sums[i] += sum over positions p of a[p][i], for i < `size`. Vectors and
// positions are contiguous.
void AddVectorSums(int64_t positions, int64_t size, const float* a,
                   float* sums);

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_PRODUCT_SUMS_H_
