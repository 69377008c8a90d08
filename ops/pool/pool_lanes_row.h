// A row of windows of pooling, with the images of a block in lanes.

#ifndef LENSLET_OPS_POOL_POOL_LANES_ROW_H_
#define LENSLET_OPS_POOL_POOL_LANES_ROW_H_

#include <cstdint>
#include <vector>

#include "lenslet/ops/pool/pool_spec.h"

namespace lenslet {

// Row of outputs [W', C, kLanes], and the rows of inputs [W, C, kLanes] that
// its windows meet, without padding.
struct PoolRow {
  const PoolGeometry* geometry = nullptr;
  // Where the input's rows start in x and dx, in floats, by tap.
  const std::vector<int64_t>* rows = nullptr;
  // How many rows an average divides by: product of PoolTaps::divisor.
  int64_t divisor = 1;
  const float* x = nullptr;
  float* y = nullptr;
  const float* dy = nullptr;
  float* dx = nullptr;
  // Whether the gradient is added to dx, or written where a window reaches.
  bool add = false;
  // Memory for as many offsets as a window has taps.
  std::vector<int64_t>* taps = nullptr;
};

// Writes y.
void PoolRowForward(const PoolRow& row);

// Writes dx or adds to it, from dy and, for all but averages, x and y.
void PoolRowBackward(const PoolRow& row);

}  // namespace lenslet

#endif  // LENSLET_OPS_POOL_POOL_LANES_ROW_H_
