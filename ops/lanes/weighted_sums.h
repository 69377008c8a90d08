// Weighted sums of vectors. Convolutions, linear operators and their gradients
// spend most of their time here.
//
//   y[p][m] = max(minimum, start + sum over runs r and their steps s of
//                          x[p][r.x + s] * w[r.w + s * w_stride + m])
//
// for positions p and outputs m. y[p][m] and x[p][i] are vectors of kLanes
// floats, usually one for each image; w holds numbers. A tile of outputs by
// positions stays in registers. Each step loads a vector for each position and
// a number for each output, and does outputs x positions vector multiply-adds.

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
  // From one tile's outputs to the next one's. 0 if all outputs are contiguous.
  int64_t w_tile = 0;
  // If true, sums start with the values in y; else with start[m], or with zero
  // if `start` is null.
  bool start_with_y = false;
  const float* start = nullptr;
  float minimum = -std::numeric_limits<float>::infinity();
  float* y = nullptr;
  int64_t y_stride = 0;       // Between positions.
  int64_t y_output = kLanes;  // Between outputs.
};

// The fastest tile on this CPU for this many outputs and positions.
TileSize ChooseWeightedSumsTile(int64_t outputs, int64_t positions);

// `tile` must come from ChooseWeightedSumsTile(), for any arguments.
void ComputeWeightedSums(const WeightedSums& sums, TileSize tile);

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_WEIGHTED_SUMS_H_
