// A weight gradient as a product of matrices that have rows for each image, for
// example a linear operator's:
//
//   gradient[i, j] = sum over rows p of a[p, i] * b[p, j]
//
// Compute it for many blocks at once: a product over few rows spends most of
// its time loading and storing the gradient.

#ifndef LENSLET_OPS_GRADIENT_PRODUCT_H_
#define LENSLET_OPS_GRADIENT_PRODUCT_H_

#include <cstdint>

#include "lenslet/ops/lanes/tile_size.h"

namespace lenslet {

class GradientProduct {
 public:
  // The gradient is m x n. A group of kLanes images has `group_rows` rows.
  GradientProduct(int64_t m, int64_t n, int64_t group_rows);

  int64_t m() const { return m_; }
  int64_t n() const { return n_; }
  int64_t group_rows() const { return group_rows_; }

  // Floats from one row to the next. Rows of b are whole vectors; only their
  // first n floats matter.
  int64_t a_stride() const { return m_; }
  int64_t b_stride() const { return b_stride_; }

  // Computes rows [begin, end) of the gradient from `rows` rows of a and b. If
  // `add`, adds them to `gradient` [m, n]; else overwrites them. Sums in row
  // order. Different threads may compute different rows.
  void Compute(int64_t rows, const float* a, const float* b, int64_t begin,
               int64_t end, bool add, float* gradient) const;

 private:
  // For the columns that fill whole vectors, and for the remaining ones.
  void ComputeVectors(int64_t rows, const float* a, const float* b,
                      int64_t begin, int64_t end, bool add,
                      float* gradient) const;
  void ComputeRest(int64_t rows, const float* a, const float* b, int64_t begin,
                   int64_t end, bool add, float* gradient) const;

  int64_t m_;
  int64_t n_;
  int64_t group_rows_;
  int64_t b_stride_;
  TileSize tile_;
  TileSize rest_tile_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_GRADIENT_PRODUCT_H_
