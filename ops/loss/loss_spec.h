// What a classifier is trained by: one of the losses, with weights for classes.
//
//   loss[n]   = w[label[n]] * (the loss of image n)
//   dx[n, k]  = w[label[n]] * (its gradient)
//
// The loss of a batch is the mean over its images, whatever their weights are:
// sums of losses, and so learning rates, mean the same for every batch. PyTorch
// divides by the sum of the batch's weights instead.
//
// The losses: ops/softmax_cross_entropy/softmax_cross_entropy_spec.h,
// ops/squared_error/squared_error_spec.h, ops/hinge/hinge_spec.h.

#ifndef LENSLET_OPS_LOSS_LOSS_SPEC_H_
#define LENSLET_OPS_LOSS_LOSS_SPEC_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lenslet {

enum class LossKind : uint8_t {
  kCrossEntropy,  // Of the scores' softmax.
  kMeanSquaredError,
  kHinge,
};

inline constexpr std::array<LossKind, 3> kLossKinds = {
    LossKind::kCrossEntropy, LossKind::kMeanSquaredError, LossKind::kHinge};

// "cross_entropy", "mean_squared_error", "hinge"
absl::string_view Name(LossKind kind);

struct LossSpec {
  LossKind kind = LossKind::kCrossEntropy;
  // Of the cross-entropy: the share of the target that all classes get alike,
  // in [0, 1). 0 with the others.
  double label_smoothing = 0;
  // Of the hinge loss: how far the label's score is to be above the others.
  // Positive; a float must be able to hold it.
  double margin = 1;
  // w, one for each class: finite, not negative, not all 0. Empty: 1 each.
  std::vector<float> class_weights = {};
};

// Errors: InvalidArgument, naming the field and its value, for fields out of
// their range and weights for another number of classes.
absl::Status CheckLoss(const LossSpec& spec, int64_t classes);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_SPEC_H_
