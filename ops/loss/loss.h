// Makes the kernel of any loss: loss_spec.h has them.
//
//   absl::StatusOr<std::unique_ptr<LossKernel>> loss =
//       MakeLoss(Backend::kLanes, {.kind = LossKind::kHinge}, {10}, 16);

#ifndef LENSLET_OPS_LOSS_LOSS_H_
#define LENSLET_OPS_LOSS_LOSS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/ops/loss_kernel.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// For up to `images` images with scores of shape `scores`. Errors:
// InvalidArgument, as CheckLoss() and for scores that are not [classes];
// Unimplemented for a CPU that the backend does not know; ResourceExhausted.
absl::StatusOr<std::unique_ptr<LossKernel>> MakeLoss(Backend backend,
                                                     const LossSpec& spec,
                                                     const Shape& scores,
                                                     int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_H_
