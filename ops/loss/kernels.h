// The losses' kernels, backend by backend, for specs and numbers of classes
// that CheckLoss() lets pass. All are for any number of images unless they say
// otherwise.

#ifndef LENSLET_OPS_LOSS_KERNELS_H_
#define LENSLET_OPS_LOSS_KERNELS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/ops/loss/loss_kernel.h"
#include "lenslet/ops/loss/loss_spec.h"

namespace lenslet {

// The definition of the losses: plain loops over the images, in double.
std::unique_ptr<LossKernel> MakeReferenceLoss(const LossKind& kind,
                                              int64_t classes);

// With the images of a block in lanes.
std::unique_ptr<LossKernel> MakeLanesLoss(const LossKind& kind,
                                          int64_t classes);

// Cross-entropy around XNNPACK's softmax operator, for up to `images` images.
// XNNPACK has none of the other losses: their kernels are the reference's.
// Errors: Unimplemented for a CPU that XNNPACK does not know,
// ResourceExhausted.
absl::StatusOr<std::unique_ptr<LossKernel>> MakeXnnpackLoss(
    const LossKind& kind, int64_t classes, int64_t images);

// Around `loss`, of any backend: its images count by the weight of their class.
// A weight of 0 gives a loss and a gradient of 0 to scores that are finite.
std::unique_ptr<LossKernel> MakeWeightedLoss(std::unique_ptr<LossKernel> loss,
                                             std::vector<float> class_weights);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_KERNELS_H_
