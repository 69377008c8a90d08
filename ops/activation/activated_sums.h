// Weighted sums with an activation, as convolutions and linear operators have
// them.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATED_SUMS_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATED_SUMS_H_

#include <optional>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/ops/lanes/weighted_sums.h"

namespace lenslet {

// y = activation(sums), for sums whose y has positions that touch.
void ComputeActivatedSums(WeightedSums sums, TileSize tile,
                          std::optional<ActivationSpec> activation);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATED_SUMS_H_
