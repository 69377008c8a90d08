// Weights in the order in which the tiles of weighted sums read them: [tile of
// outputs][step][output in the tile]. In the original order, a tile of a large
// matrix uses only a few numbers of each cache line, and each step reads
// another page.

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
  // No weights.
  PackedWeights() = default;

  // Allocates weights for sums of `outputs` outputs over `steps` steps, in
  // tiles of size `tile`. Errors: ResourceExhausted.
  static absl::StatusOr<PackedWeights> Create(int64_t outputs, int64_t steps,
                                              TileSize tile);

  // Packs the weights of steps first to first + count - 1. w[m * output_stride
  // + s * step_stride] is the weight of output m and step first + s. One of the
  // strides must be 1.
  void Pack(int64_t first, int64_t count, const float* w, int64_t output_stride,
            int64_t step_stride);

  // The offset of a step's weights, for WeightedRun::w.
  int64_t OffsetOf(int64_t step) const { return step * tile_rows_; }

  // Makes `sums` read these weights. This object must outlive `sums`.
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
