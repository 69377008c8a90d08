#include "ops/lanes/activated_sums.h"

#include "ops/activation/activation_functions.h"

namespace lenslet {

void ComputeActivatedSums(WeightedSums sums, TileSize tile,
                          std::optional<ActivationKind> activation) {
  // A rectifier costs nothing while the sums are still in registers.
  if (activation == ActivationKind::kRelu) sums.minimum = 0;
  ComputeWeightedSums(sums, tile);
  if (activation && activation != ActivationKind::kRelu) {
    Activate(*activation, sums.positions * sums.y_stride, sums.y, sums.y);
  }
}

}  // namespace lenslet
