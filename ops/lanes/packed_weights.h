// Weights in the order in which the tiles of weighted sums read them:
// [tile of outputs][step][output in the tile]. Read otherwise, a large matrix
// costs a cache line for a few numbers, and each step another page.

#ifndef LENSLET_OPS_LANES_PACKED_WEIGHTS_H_
#define LENSLET_OPS_LANES_PACKED_WEIGHTS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

class PackedWeights {
 public:
  // None.
  PackedWeights() = default;

  // For weighted sums of `outputs` outputs over `steps` steps in tiles of that
  // size. Errors: ResourceExhausted.
  static absl::StatusOr<PackedWeights> Create(int64_t outputs, int64_t steps,
                                              TileSize tile);

  // Packs the weights of `count` steps from `first` on: that of output m and
  // step first + s is w[m * output_stride + s * step_stride]. One of the
  // strides is 1.
  void Pack(int64_t first, int64_t count, const float* w, int64_t output_stride,
            int64_t step_stride);

  // Where a step's weights are, for a run.
  int64_t OffsetOf(int64_t step) const { return step * tile_rows_; }

  // Makes sums read these weights. This must outlive them.
  void SetWeightsOf(WeightedSums& sums) const {
    sums.w = weights_.data();
    sums.w_stride = tile_rows_;
    sums.w_tile = steps_ * tile_rows_;
  }

 private:
  int64_t outputs_ = 0;
  int64_t steps_ = 0;
  int64_t tile_rows_ = 1;
  Tensor weights_;
};

}  // namespace lenslet

#endif  // LENSLET_OPS_LANES_PACKED_WEIGHTS_H_
