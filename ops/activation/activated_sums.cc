#include "lenslet/ops/activation/activated_sums.h"

#include "lenslet/ops/activation/activation_functions.h"

namespace lenslet {

void ComputeActivatedSums(WeightedSums sums, TileSize tile,
                          std::optional<ActivationSpec> activation) {
  // A rectifier costs nothing while the sums are still in registers.
  if (IsRelu(activation)) sums.minimum = 0;
  ComputeWeightedSums(sums, tile);
  if (activation && !IsRelu(activation)) {
    Activate(*activation, sums.positions * sums.y_stride, sums.y, sums.y);
  }
}

}  // namespace lenslet
