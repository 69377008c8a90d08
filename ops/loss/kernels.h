// The losses' kernels for each backend. Specs and outputs must pass
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

// Losses of classes, for images with one row of scores.

// The definition of the losses: plain loops over the images, in double.
std::unique_ptr<LossKernel> MakeReferenceClassLoss(const LossKind& kind,
                                                   int64_t classes);

// With the images of a block in lanes.
std::unique_ptr<LossKernel> MakeLanesClassLoss(const LossKind& kind,
                                               int64_t classes);

// Cross-entropy with XNNPACK's softmax operator, for up to `images` images.
// XNNPACK has none of the other losses; for these, returns the reference
// kernel. Errors: ResourceExhausted, and Unimplemented for a CPU that XNNPACK
// does not support.
absl::StatusOr<std::unique_ptr<LossKernel>> MakeXnnpackClassLoss(
    const LossKind& kind, int64_t classes, int64_t images);

// Wraps `loss`, of any backend, and multiplies each image's loss and gradient
// by the weight of its class. With a weight of 0, finite scores have a loss and
// a gradient of 0.
std::unique_ptr<LossKernel> MakeWeightedLoss(std::unique_ptr<LossKernel> loss,
                                             std::vector<float> class_weights);

// Wraps `loss`, of any backend, for images with `positions` rows of scores: the
// sum of the losses of the rows but those of kIgnoredClass, divided by
// `positions`. The kernel runs `loss` for up to max(positions, kLanes) rows at
// a time, as if they were images.
std::unique_ptr<LossKernel> MakeLossOfPositions(
    std::unique_ptr<LossKernel> loss, int64_t positions, int64_t classes);

// Cross-entropy with label smoothing where each class's part of the target has
// the weight of this class, as CrossEntropySpec defines it.
std::unique_ptr<LossKernel> MakeReferenceWeightedTargets(
    double label_smoothing, std::vector<float> class_weights);
std::unique_ptr<LossKernel> MakeLanesWeightedTargets(
    double label_smoothing, std::vector<float> class_weights);

// Losses of labels and values, for images of `elements` numbers.

std::unique_ptr<LossKernel> MakeReferenceValueLoss(const LossKind& kind,
                                                   int64_t elements);

std::unique_ptr<LossKernel> MakeLanesValueLoss(const LossKind& kind,
                                               int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_KERNELS_H_
