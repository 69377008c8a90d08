// The losses' kernels for each backend. Specs and numbers of classes must pass
// CheckLoss(). Kernels take any number of images unless stated otherwise.

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

// Cross-entropy with XNNPACK's softmax operator, for up to `images` images.
// XNNPACK has none of the other losses; for these, returns the reference
// kernel. Errors: ResourceExhausted, and Unimplemented for a CPU that XNNPACK
// does not support.
absl::StatusOr<std::unique_ptr<LossKernel>> MakeXnnpackLoss(
    const LossKind& kind, int64_t classes, int64_t images);

// Wraps `loss`, of any backend, and multiplies each image's loss and gradient
// by the weight of its class. With a weight of 0, finite scores have a loss and
// a gradient of 0.
std::unique_ptr<LossKernel> MakeWeightedLoss(std::unique_ptr<LossKernel> loss,
                                             std::vector<float> class_weights);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_KERNELS_H_
