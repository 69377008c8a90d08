// Weighted sums followed by an activation, for convolutions and linear
// operators.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATED_SUMS_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATED_SUMS_H_

#include <optional>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/lanes/tile_size.h"
#include "lenslet/ops/lanes/weighted_sums.h"

namespace lenslet {

// y = activation(sums). The positions of y must be contiguous.
void ComputeActivatedSums(WeightedSums sums, TileSize tile,
                          std::optional<ActivationSpec> activation);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATED_SUMS_H_
