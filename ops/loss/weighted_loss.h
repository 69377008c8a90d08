// A loss whose images count by the weight of their class: loss_spec.h has the
// formula.

#ifndef LENSLET_OPS_LOSS_WEIGHTED_LOSS_H_
#define LENSLET_OPS_LOSS_WEIGHTED_LOSS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "lenslet/ops/loss_kernel.h"

namespace lenslet {

// Around `loss`, for scores of as many classes as there are weights, which
// multiply what it computes. A weight of 0 gives a loss and a gradient of 0 to
// scores that are finite.
std::unique_ptr<LossKernel> MakeWeightedLoss(std::unique_ptr<LossKernel> loss,
                                             std::vector<float> class_weights);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_WEIGHTED_LOSS_H_
