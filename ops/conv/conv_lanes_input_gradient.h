// The gradient of a convolution in lanes with respect to its input. Gathers
// along depth and height, and scatters along the width.

#ifndef LENSLET_OPS_CONV_CONV_LANES_INPUT_GRADIENT_H_
#define LENSLET_OPS_CONV_CONV_LANES_INPUT_GRADIENT_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/lanes/packed_weights.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/ops/lanes/weighted_sums.h"

namespace lenslet {

class ConvLanesInputGradient {
 public:
  explicit ConvLanesInputGradient(const ConvLanesShape& shape);

  // Errors: ResourceExhausted.
  absl::Status Allocate();

  // Call before the first Write(), and after the filter has changed.
  void SetFilter(const float* filter);

  // Writes a group's dx from its dz.
  void Write(const float* dz, float* dx);

 private:
  // Adds the contribution of tap kw to input row (d, h), at dx.
  void AddTap(int64_t d, int64_t h, int64_t kw, const float* dz, float* dx);

  // The output whose tap `tap` is at input `i` along an axis, or -1.
  int64_t OutputOf(int axis, int64_t i, int64_t tap) const;

  const ConvLanesShape s_;
  const TileSize tile_;
  std::vector<WeightedRun> runs_;
  PackedWeights weights_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_LANES_INPUT_GRADIENT_H_
