// Pooling of a row of windows, with the images of a block in lanes.

#ifndef LENSLET_OPS_POOL_POOL_LANES_ROW_H_
#define LENSLET_OPS_POOL_POOL_LANES_ROW_H_

#include <cstdint>
#include <vector>

#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// A row of outputs [W', C, kLanes], and the rows of inputs [W, C, kLanes] that
// its windows cover, without padding.
struct PoolRow {
  const PoolGeometry* geometry = nullptr;
  // The offsets of the input rows in x and dx, in floats, one for each tap.
  const std::vector<int64_t>* rows = nullptr;
  // The number of rows in the divisor of an average: the product of
  // PoolTaps::divisor over the outer axes.
  int64_t divisor = 1;
  const float* x = nullptr;
  float* y = nullptr;
  const float* dy = nullptr;
  float* dx = nullptr;
  // Whether to add the gradient to dx. If false, overwrites dx where a window
  // reaches.
  bool add = false;
  // Scratch memory: one offset for each tap of a window.
  std::vector<int64_t>* taps = nullptr;
};

// Writes y.
void PoolRowForward(const PoolRow& row);

// Writes dx or adds to it, from dy. Except for averages, also reads x and y.
void PoolRowBackward(const PoolRow& row);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_LANES_ROW_H_
