// The checks for every loss: its results must agree with the reference backend,
// and its gradient with finite differences of those losses.

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
  Tensor dx;      // The shape of x.
};

// The targets of x [N, ...]: one of the two.
struct TestTargets {
  std::vector<int32_t> classes;  // Of each row of x.
  Tensor values;                 // The shape of x.
};

// Runs a loss on x, whatever the loss's layout. Fails the test if the losses
// differ when no gradient is computed, or if the gradient of a missing image is
// not zero.
LossAndGradient RunLoss(LossKernel& loss, const Tensor& x,
                        const TestTargets& targets, float scale);
LossAndGradient RunLoss(LossKernel& loss, const Tensor& x,
                        const std::vector<int32_t>& labels, float scale);

// Makes the loss to check. Losses of values have outputs of shape [outputs].
using LossFactory = std::function<absl::StatusOr<std::unique_ptr<LossKernel>>(
    Backend backend, int64_t outputs, int64_t images)>;

// How far a loss, and its gradient, may be from those of the reference backend:
//
//   roundings(outputs) * 2^-24 * (absolute + |x|),
//
// where `absolute` is the size of the terms that add up to a loss x. Gradients
// have `gradient_absolute` instead.
struct LossBounds {
  std::function<double(int64_t outputs)> roundings;
  double absolute;
  double gradient_absolute;
};

// Fails the test if losses or gradients differ from those of the reference
// backend. Uses awkward numbers of images and outputs, and scores in [-5, 5].
// Targets are classes, or labels in [0, 1], of which a third each is 0 and 1,
// or values in [-5, 5]. Runs lanes on every instruction set that the CPU has.
void CheckLossAgainstReference(const LossFactory& make, Backend backend,
                               TargetKind target, const LossBounds& bounds);
// For classes.
void CheckLossAgainstReference(
    const LossFactory& make, Backend backend,
    const std::function<double(int64_t classes)>& roundings, double absolute,
    double gradient_absolute);

// Fails the test if the gradient at x differs from finite differences with this
// step. Numbers in x are at most 16. `third_derivative` bounds the third
// derivative of a loss w.r.t. a score. `roundings` bounds the error of a loss,
// in units of 2^-24. x is rounded to multiples of the step, which is a power of
// 2, so that adding the step is exact.
void CheckLossGradient(LossKernel& loss, Tensor x, const TestTargets& targets,
                       double step, double third_derivative, double roundings);
void CheckLossGradient(LossKernel& loss, Tensor x,
                       const std::vector<int32_t>& labels, double step,
                       double third_derivative, double roundings);

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_LOSS_CHECKS_H_
