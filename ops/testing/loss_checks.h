// The checks that every loss goes through: agreement with the reference
// backend, and of its gradient with its own losses.

#ifndef LENSLET_OPS_TESTING_LOSS_CHECKS_H_
#define LENSLET_OPS_TESTING_LOSS_CHECKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct LossAndGradient {
  Tensor losses;  // [N]
  Tensor dx;      // [N, classes]
};

// Runs a loss on x [N, classes], in whatever layout it has. Fails the test if
// losses without a gradient are others, or if missing images have a gradient.
LossAndGradient RunLoss(LossKernel& loss, const Tensor& x,
                        const std::vector<int32_t>& labels, float scale);

// Makes the loss that is to be checked.
using LossFactory = std::function<absl::StatusOr<std::unique_ptr<LossKernel>>(
    Backend backend, int64_t classes, int64_t images)>;

// Fails the test if losses or gradients are not the reference's, for awkward
// numbers of images and classes and scores in [-5, 5]; lanes on every
// instruction set that the CPU has. Allowed are roundings(classes) * 2^-24 of
// each number, and of `absolute`: the size of what a loss is the sum of; of a
// gradient, of `gradient_absolute`.
void CheckLossAgainstReference(
    const LossFactory& make, Backend backend,
    const std::function<double(int64_t classes)>& roundings, double absolute,
    double gradient_absolute);

// Fails the test if the gradient at x, of numbers up to 16, is not what finite
// differences with this step say. `third_derivative` bounds the losses' by a
// score; `roundings` the losses' errors, in units of 2^-24. x is rounded to
// multiples of the step, a power of 2, so that moving by it is exact.
void CheckLossGradient(LossKernel& loss, Tensor x,
                       const std::vector<int32_t>& labels, double step,
                       double third_derivative, double roundings);

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_LOSS_CHECKS_H_
