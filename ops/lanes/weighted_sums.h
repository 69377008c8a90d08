// Weighted sums of vectors: what convolutions, linear operators and their
// gradients spend their time on.
//
//   y[p][m] = max(minimum, start + sum over runs r and their steps s of
//                          x[p][r.x + s] * w[r.w + s * w_stride + m])
//
// for positions p and outputs m, where y[p][m] and x[p][i] are vectors of
// kLanes floats, of one image each as a rule, and w holds numbers. A tile of
// some outputs by some positions stays in registers: each step loads a vector
// for each of its positions and a number for each of its outputs, and
// multiplies and adds outputs x positions vectors.

#ifndef LENSLET_OPS_LANES_WEIGHTED_SUMS_H_
#define LENSLET_OPS_LANES_WEIGHTED_SUMS_H_

#include <cstdint>
#include <limits>

#include "absl/types/span.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// Steps through vectors of x and rows of w.
struct WeightedRun {
  int64_t x =
      0;  // Floats from the position's first vector to the first step's.
  int64_t w = 0;  // Floats from w to the first step's row.
  int64_t steps = 0;
};

struct WeightedSums {
  absl::Span<const WeightedRun> runs;
  int64_t positions = 0;
  int64_t outputs = 0;
  // Strides are in floats.
  const float* x = nullptr;
  int64_t x_stride = 0;     // Between positions.
  int64_t x_step = kLanes;  // Between steps.
  const float* w = nullptr;
  int64_t w_stride = 0;  // Between steps.
  // From one tile's outputs to the next one's; 0 where all outputs are side by
  // side.
  int64_t w_tile = 0;
  // Sums start with what y holds; else with start[m], or with zero if it is
  // null.
  bool start_with_y = false;
  const float* start = nullptr;
  float minimum = -std::numeric_limits<float>::infinity();
  float* y = nullptr;
  int64_t y_stride = 0;       // Between positions.
  int64_t y_output = kLanes;  // Between outputs.
};

// The tiles that take the least time for that many outputs and positions, on
// this CPU.
TileSize ChooseWeightedSumsTile(int64_t outputs, int64_t positions);

// `tile` is one that was chosen, for any numbers.
void ComputeWeightedSums(const WeightedSums& sums, TileSize tile);

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_WEIGHTED_SUMS_H_
