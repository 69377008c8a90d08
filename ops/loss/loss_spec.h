// What a classifier is trained by: one of the losses, with weights for classes.
//
//   loss[n]   = w[label[n]] * (the loss of image n)
//   dx[n, k]  = w[label[n]] * (its gradient)
//
// The loss of a batch is the mean over its images, whatever their weights are:
// sums of losses, and so learning rates, mean the same for every batch. PyTorch
// divides by the sum of the batch's weights instead.
//
// Shapes, for all losses: x and dx [N, classes], labels and losses [N].

#ifndef LENSLET_OPS_LOSS_LOSS_SPEC_H_
#define LENSLET_OPS_LOSS_LOSS_SPEC_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/ops/cost.h"

namespace lenslet {

// Cross-entropy of the scores' softmax, in one stable step.
//
//   p[n, k]   = exp(x[n, k] - m[n]) / s[n]
//   m[n]      = max over k of x[n, k]
//   s[n]      = sum over k of exp(x[n, k] - m[n])
//   q[n, k]   = (1 - e) * (k == label[n] ? 1 : 0) + e / classes
//   loss[n]   = -sum over k of q[n, k] * log p[n, k]
//             = log s[n] + (1 - e) * (m[n] - x[n, label[n]])
//                        + e * mean over k of (m[n] - x[n, k])
//   dx[n, k]  = scale * (p[n, k] - q[n, k])
//
// where e is label_smoothing; without it the loss is -log p[n, label[n]]. No
// exponential overflows, and no logarithm is taken of a probability that has
// vanished. Sources: "Dive into Deep Learning", sections "Softmax regression"
// and its implementations; label smoothing: Szegedy, Vanhoucke, Ioffe, Shlens
// and Wojna, "Rethinking the Inception Architecture for Computer Vision"
// (2016), section 7.
struct CrossEntropySpec {
  static constexpr absl::string_view kName = "cross_entropy";
  static constexpr int64_t kOperationsPerClass = 1;  // An exponential.

  // The share of the target that all classes get alike, in [0, 1).
  double label_smoothing = 0;
};

// Mean squared error between the scores and the one-hot label.
//
//   t[n, k]   = (k == label[n] ? 1 : 0)
//   loss[n]   = mean over k of (x[n, k] - t[n, k])^2
//   dx[n, k]  = scale * 2 / classes * (x[n, k] - t[n, k])
//
// The score itself is fitted to the target: no softmax is taken. Source: "Dive
// into Deep Learning", section "Softmax regression", on regression to one-hot
// labels; PyTorch's MSELoss has the same mean over classes.
struct MeanSquaredErrorSpec {
  static constexpr absl::string_view kName = "mean_squared_error";
  // A difference, a product and a sum.
  static constexpr int64_t kOperationsPerClass = 3;
};

// The multi-class hinge loss of Crammer and Singer.
//
//   rival[n]  = the first k != label[n] with the largest x[n, k]
//   loss[n]   = max(0, margin + x[n, rival[n]] - x[n, label[n]])
//   dx[n, k]  = scale if k == rival[n], -scale if k == label[n], 0 otherwise;
//               all 0 where the loss is 0
//
// The label's score is to be above all others by the margin; after that the
// image is left alone. At the kinks, where rivals tie or the margin is just
// met, dx is one of the subgradients. With a single class the loss is 0.
// Source: Crammer and Singer, "On the Algorithmic Implementation of Multiclass
// Kernel-based Vector Machines" (2001).
struct HingeSpec {
  static constexpr absl::string_view kName = "hinge";
  static constexpr int64_t kOperationsPerClass = 1;  // A comparison.

  double margin = 1;  // Positive; a float must be able to hold it.
};

using LossKind =
    std::variant<CrossEntropySpec, MeanSquaredErrorSpec, HingeSpec>;

struct LossSpec {
  LossKind kind = CrossEntropySpec();
  // w, one for each class: finite, not negative, not all 0. Empty: 1 each.
  std::vector<float> class_weights = {};
};

// "cross_entropy", "mean_squared_error", "hinge"
absl::string_view Name(const LossKind& kind);

// Errors: InvalidArgument, naming the field and its value, for fields out of
// their range and weights for another number of classes, which is at least 1.
absl::Status CheckLoss(const LossSpec& spec, int64_t classes);

// For one image, without its weight. Errors: as CheckLoss().
absl::StatusOr<Cost> ComputeCost(const LossSpec& spec, int64_t classes);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_SPEC_H_
