#include "lenslet/ops/lanes/packed_weights.h"

#include <algorithm>

#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/transpose.h"

namespace lenslet {

absl::StatusOr<PackedWeights> PackedWeights::Create(int64_t outputs,
                                                    int64_t steps,
                                                    TileSize tile) {
  PackedWeights packed;
  packed.outputs_ = outputs;
  packed.steps_ = steps;
  packed.tile_rows_ = tile.rows;
  const int64_t tiles = (outputs + tile.rows - 1) / tile.rows;
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           Shape::Create({tiles, steps, tile.rows}));
  LENSLET_ASSIGN_OR_RETURN(packed.weights_,
                           Tensor::Create(ElementType::kFloat32, shape));
  return packed;
}

void PackedWeights::Pack(int64_t first, int64_t count, const float* w,
                         int64_t output_stride, int64_t step_stride) {
  for (int64_t m = 0; m < outputs_; m += tile_rows_) {
    const int64_t rows = std::min(tile_rows_, outputs_ - m);
    const float* from = w + m * output_stride;
    float* to = weights_.data() + m * steps_ + first * tile_rows_;
    if (step_stride == 1) {
      Transpose(rows, count, from, output_stride, to, tile_rows_);
    } else {
      for (int64_t s = 0; s < count; ++s) {
        std::copy_n(from + s * step_stride, rows, to + s * tile_rows_);
      }
    }
  }
}

}  // namespace lenslet
