// The losses for training a classifier, with optional class weights.
//
//   loss[n]   = w[label[n]] * (the loss of image n)
//   dx[n, k]  = w[label[n]] * (its gradient)
//
// In the formulas below, scale is a factor that the caller chooses, for example
// 1 / N for the gradient of the mean.
//
// The loss of a batch is the mean over its images, regardless of their weights.
// So sums of losses, and learning rates, have the same meaning for every batch.
// PyTorch divides by the sum of the batch's weights instead.
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

// Softmax cross-entropy, in one numerically stable step.
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
// where e is label_smoothing. Without it, the loss is -log p[n, label[n]]. No
// exponential overflows, and no logarithm is taken of an underflowed
// probability. Sources: "Dive into Deep Learning", sections "Softmax
// regression" and its implementations; label smoothing: Szegedy, Vanhoucke,
// Ioffe, Shlens and Wojna, "Rethinking the Inception Architecture for Computer
// Vision" (2016), section 7.
struct CrossEntropySpec {
  static constexpr absl::string_view kName = "cross_entropy";
  static constexpr int64_t kOperationsPerClass = 1;  // An exponential.

  // The fraction of the target spread evenly over all classes. In [0, 1).
  double label_smoothing = 0;

  friend bool operator==(const CrossEntropySpec&,
                         const CrossEntropySpec&) = default;
};

// Mean squared error between the scores and the one-hot label.
//
//   t[n, k]   = (k == label[n] ? 1 : 0)
//   loss[n]   = mean over k of (x[n, k] - t[n, k])^2
//   dx[n, k]  = scale * 2 / classes * (x[n, k] - t[n, k])
//
// Fits the scores themselves to the target, without softmax. Source: "Dive into
// Deep Learning", section "Softmax regression", on regression to one-hot
// labels; PyTorch's MSELoss has the same mean over classes.
struct MeanSquaredErrorSpec {
  static constexpr absl::string_view kName = "mean_squared_error";
  // A difference, a product and a sum.
  static constexpr int64_t kOperationsPerClass = 3;

  friend bool operator==(const MeanSquaredErrorSpec&,
                         const MeanSquaredErrorSpec&) = default;
};

// The multi-class hinge loss of Crammer and Singer.
//
//   rival[n]  = the first k != label[n] with the largest x[n, k]
//   loss[n]   = max(0, margin + x[n, rival[n]] - x[n, label[n]])
//   dx[n, k]  = scale if k == rival[n], -scale if k == label[n], 0 otherwise;
//               all 0 where the loss is 0
//
// The label's score should exceed all others by the margin. If it does, the
// loss is 0. Where rivals tie or the margin is just met, the loss is not
// differentiable, and dx is one of the subgradients. With a single class the
// loss is 0. Source: Crammer and Singer, "On the Algorithmic Implementation of
// Multiclass Kernel-based Vector Machines" (2001).
struct HingeSpec {
  static constexpr absl::string_view kName = "hinge";
  static constexpr int64_t kOperationsPerClass = 1;  // A comparison.

  double margin = 1;  // Positive; a float must be able to hold it.

  friend bool operator==(const HingeSpec&, const HingeSpec&) = default;
};

using LossKind =
    std::variant<CrossEntropySpec, MeanSquaredErrorSpec, HingeSpec>;

struct LossSpec {
  LossKind kind = CrossEntropySpec();
  // w, one for each class: finite, not negative, not all 0. Empty: all 1.
  std::vector<float> class_weights = {};

  friend bool operator==(const LossSpec&, const LossSpec&) = default;
};

// "cross_entropy", "mean_squared_error", "hinge"
absl::string_view Name(const LossKind& kind);

// Errors: InvalidArgument, naming the field and its value, for fields out of
// range and for weights whose number is not `classes`. `classes` is at least 1.
absl::Status CheckLoss(const LossSpec& spec, int64_t classes);

// For one image, without its weight. Errors: as CheckLoss().
absl::StatusOr<Cost> ComputeCost(const LossSpec& spec, int64_t classes);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_SPEC_H_
