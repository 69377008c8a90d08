// The losses. A loss compares a network's output x with targets: classes,
// labels or values (loss_targets.h).
//
// Losses of classes take x [N, ..., classes]. They are defined below for one
// row of scores, x[k] for each class k, whose class is `label`. With optional
// class weights w:
//
//   loss[n]   = mean over the rows of image n of w[label] * (the row's loss)
//   weight[n] = mean over the rows of image n of w[label]
//
// but for cross-entropy with label smoothing; see CrossEntropySpec. A row whose
// label is kIgnoredClass counts in both means, with a loss and a weight of 0.
//
// The loss of a batch, and of a data set, is
//
//   (sum over n of loss[n]) / (sum over n of weight[n])
//
// or 0 if nothing has a weight: the mean over the rows, each as often as its
// weight says. PyTorch's CrossEntropyLoss, with weight and ignore_index, is the
// same. Without weights and ignored rows, it is the mean over the images.
//
// Losses of labels and values take x of any shape, with a target t for each of
// its numbers. They are defined below for one number:
//
//   loss[n]   = mean over the numbers of image n of (the number's loss)
//
// dx is the gradient of scale * loss[n], for a factor that the caller chooses,
// for example 1 / N for the gradient of the mean. The formulas of dx are for an
// image of one row or one number; the mean divides them by the number of rows
// or numbers.

#ifndef LENSLET_OPS_LOSS_LOSS_SPEC_H_
#define LENSLET_OPS_LOSS_LOSS_SPEC_H_

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/loss/loss_targets.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Softmax cross-entropy, in one numerically stable step.
//
//   m      = max over k of x[k]
//   s      = sum over k of exp(x[k] - m)
//   p[k]   = exp(x[k] - m) / s
//   q[k]   = (1 - e) * (k == label ? 1 : 0) + e / classes
//   loss   = -sum over k of q[k] * log p[k]
//          = log s + (1 - e) * (m - x[label]) + e * mean over k of (m - x[k])
//   dx[k]  = scale * (p[k] - q[k])
//
// where e is label_smoothing. Without it, the loss is -log p[label]. No
// exponential overflows, and no logarithm is taken of an underflowed
// probability. Sources: "Dive into Deep Learning", sections "Softmax
// regression" and its implementations; label smoothing: Szegedy, Vanhoucke,
// Ioffe, Shlens and Wojna, "Rethinking the Inception Architecture for Computer
// Vision" (2016), section 7.
struct CrossEntropySpec {
  static constexpr absl::string_view kName = "cross_entropy";
  static constexpr bool kTakesClasses = true;
  static constexpr bool kTakesValues = false;
  static constexpr int64_t kOperations = 1;  // An exponential.

  // The fraction of the target spread evenly over all classes. In [0, 1).
  double label_smoothing = 0;
  // With class weights, whether to use them as Keras does: with label
  // smoothing, the weight of the label applies to the whole loss, as for the
  // other losses; and the loss of a batch is the mean over its images, whatever
  // their weights: a row that is not ignored has w = 1 in weight[n]. By
  // default, each class's part of the target has the weight of this class, as
  // in PyTorch:
  //
  //   loss   = -sum over k of w[k] * q[k] * log p[k]
  //   dx[k]  = scale * (p[k] * (sum over j of w[j] * q[j]) - w[k] * q[k])
  bool weigh_by_label = false;

  friend bool operator==(const CrossEntropySpec&,
                         const CrossEntropySpec&) = default;
};

// Squared error.
//
//   loss   = (x - t)^2
//   dx     = scale * 2 * (x - t)
//
// Takes labels and values. Also takes classes: then x is a row of scores, and t
// the one-hot label,
//
//   t[k]   = (k == label ? 1 : 0)
//   loss   = mean over k of (x[k] - t[k])^2
//   dx[k]  = scale * 2 / classes * (x[k] - t[k])
//
// which fits the scores themselves to the target, without softmax. Source:
// "Dive into Deep Learning", sections "Linear regression" and "Softmax
// regression", on regression to one-hot labels; PyTorch's MSELoss has the same
// means.
struct MeanSquaredErrorSpec {
  static constexpr absl::string_view kName = "mean_squared_error";
  static constexpr bool kTakesClasses = true;
  static constexpr bool kTakesValues = true;
  // A difference, a product and a sum.
  static constexpr int64_t kOperations = 3;

  friend bool operator==(const MeanSquaredErrorSpec&,
                         const MeanSquaredErrorSpec&) = default;
};

// The multi-class hinge loss of Crammer and Singer.
//
//   rival  = the first k != label with the largest x[k]
//   loss   = max(0, margin + x[rival] - x[label])
//   dx[k]  = scale if k == rival, -scale if k == label, 0 otherwise;
//            all 0 where the loss is 0
//
// The label's score should exceed all others by the margin. If it does, the
// loss is 0. Where rivals tie or the margin is just met, the loss is not
// differentiable, and dx is one of the subgradients. With a single class the
// loss is 0. Source: Crammer and Singer, "On the Algorithmic Implementation of
// Multiclass Kernel-based Vector Machines" (2001).
struct HingeSpec {
  static constexpr absl::string_view kName = "hinge";
  static constexpr bool kTakesClasses = true;
  static constexpr bool kTakesValues = false;
  static constexpr int64_t kOperations = 1;  // A comparison.

  double margin = 1;  // Positive; a float must be able to hold it.

  friend bool operator==(const HingeSpec&, const HingeSpec&) = default;
};

// The multi-class hinge loss of Weston and Watkins: the sum over all rivals.
//
//   loss   = sum over k != label of max(0, margin + x[k] - x[label])
//   dx[k]  = scale if margin + x[k] - x[label] > 0, 0 otherwise, k != label
//   dx[label] = -(the sum of the others)
//
// Where a margin is just met, dx is one of the subgradients. Divided by the
// number of classes, it is PyTorch's MultiMarginLoss. Source: Weston and
// Watkins, "Support Vector Machines for Multi-Class Pattern Recognition"
// (1999).
struct SumHingeSpec {
  static constexpr absl::string_view kName = "sum_hinge";
  static constexpr bool kTakesClasses = true;
  static constexpr bool kTakesValues = false;
  // A difference, a comparison and a sum.
  static constexpr int64_t kOperations = 3;

  double margin = 1;  // Positive; a float must be able to hold it.

  friend bool operator==(const SumHingeSpec&, const SumHingeSpec&) = default;
};

// The focal loss: cross-entropy, less for rows that are already predicted well,
// so that many easy ones do not outweigh few hard ones.
//
//   loss   = -(1 - p[label])^gamma * log p[label]
//   dx[k]  = scale * (1 - p[label])^gamma * (p[k] - (k == label ? 1 : 0))
//            * (1 - gamma * p[label] * log p[label] / (1 - p[label]))
//
// with p as for cross-entropy, which it is for a gamma of 0. Source: Lin,
// Goyal, Girshick, He and Dollar, "Focal Loss for Dense Object Detection"
// (2017), with softmax in place of the sigmoid; their alpha is a class weight.
// Keras's CategoricalFocalCrossentropy is alpha times it.
struct FocalSpec {
  static constexpr absl::string_view kName = "focal";
  static constexpr bool kTakesClasses = true;
  static constexpr bool kTakesValues = false;
  static constexpr int64_t kOperations = 2;  // An exponential and a sum.

  double gamma = 2;  // At least 0; a float must be able to hold it.

  friend bool operator==(const FocalSpec&, const FocalSpec&) = default;
};

// Absolute error.
//
//   loss   = |x - t|
//   dx     = scale * sign(x - t), with a sign of 0 for 0
//
// Of all constants, the median of the targets has the least loss. Source:
// PyTorch's L1Loss, Keras's MeanAbsoluteError.
struct MeanAbsoluteErrorSpec {
  static constexpr absl::string_view kName = "mean_absolute_error";
  static constexpr bool kTakesClasses = false;
  static constexpr bool kTakesValues = true;
  static constexpr int64_t kOperations = 3;  // A difference, a size and a sum.

  friend bool operator==(const MeanAbsoluteErrorSpec&,
                         const MeanAbsoluteErrorSpec&) = default;
};

// The Huber loss: half the squared error near the target, and linear from
// `delta` on, so that outliers have a bounded gradient.
//
//   loss   = (x - t)^2 / 2                    if |x - t| <= delta
//            delta * (|x - t| - delta / 2)    otherwise
//   dx     = scale * min(delta, max(-delta, x - t))
//
// Divided by delta, it is PyTorch's SmoothL1Loss with a beta of delta. Source:
// Huber, "Robust Estimation of a Location Parameter" (1964); PyTorch's
// HuberLoss and Keras's Huber are the same.
struct HuberSpec {
  static constexpr absl::string_view kName = "huber";
  static constexpr bool kTakesClasses = false;
  static constexpr bool kTakesValues = true;
  // A difference, a comparison, two products and a sum.
  static constexpr int64_t kOperations = 5;

  double delta = 1;  // Positive; a float must be able to hold it.

  friend bool operator==(const HuberSpec&, const HuberSpec&) = default;
};

// Sigmoid cross-entropy of independent labels, in one numerically stable step.
//
//   p      = 1 / (1 + exp(-x))
//   loss   = -w * t * log p - (1 - t) * log(1 - p)
//          = w * t * (max(-x, 0) + s) + (1 - t) * (max(x, 0) + s)
//   s      = log(1 + exp(-|x|))
//   dx     = scale * ((1 - t) * p - w * t * (1 - p))
//
// where t is in [0, 1] and w is the label's positive weight. Without weights,
// the loss is max(x, 0) - x * t + s, and dx is scale * (p - t). Also serves for
// values in [0, 1], such as the pixels of an autoencoder. Source: PyTorch's
// BCEWithLogitsLoss, whose pos_weight is w; Keras's BinaryCrossentropy with
// from_logits=True.
struct SigmoidCrossEntropySpec {
  static constexpr absl::string_view kName = "sigmoid_cross_entropy";
  static constexpr bool kTakesClasses = false;
  static constexpr bool kTakesValues = true;
  // An exponential, a logarithm, a division, and their combination.
  static constexpr int64_t kOperations = 10;

  // One for each label, the last dimension of the output: finite, not negative.
  // A weight above 1 favors recall over precision. Empty: all 1.
  std::vector<float> positive_weights = {};

  friend bool operator==(const SigmoidCrossEntropySpec&,
                         const SigmoidCrossEntropySpec&) = default;
};

// The focal loss of independent labels: sigmoid cross-entropy, less for labels
// that are already predicted well, so that many easy ones do not outweigh few
// hard ones.
//
//   loss   = -a * t * (1 - p)^gamma * log p
//            - b * (1 - t) * p^gamma * log(1 - p)
//   dx     = scale * (b * (1 - t) * p^gamma * (p - gamma * (1 - p) log(1 - p))
//                     - a * t * (1 - p)^gamma * (1 - p - gamma * p * log p))
//
// with p as for sigmoid cross-entropy, which it is for a gamma of 0. With an
// alpha, a = alpha and b = 1 - alpha; otherwise, both are 1. Source: Lin,
// Goyal, Girshick, He and Dollar, "Focal Loss for Dense Object Detection"
// (2017), for targets of 0 and 1; torchvision's sigmoid_focal_loss and Keras's
// BinaryFocalCrossentropy are the same for these. For targets in between, this
// mixes the losses of both.
struct SigmoidFocalSpec {
  static constexpr absl::string_view kName = "sigmoid_focal";
  static constexpr bool kTakesClasses = false;
  static constexpr bool kTakesValues = true;
  // As sigmoid cross-entropy, with two more exponentials.
  static constexpr int64_t kOperations = 20;

  double gamma = 2;  // At least 0; a float must be able to hold it.
  std::optional<double> alpha = {};  // In [0, 1].

  friend bool operator==(const SigmoidFocalSpec&,
                         const SigmoidFocalSpec&) = default;
};

// Every loss says whether it takes classes (kTakesClasses), and whether it
// takes labels and values (kTakesValues).
using LossKind =
    std::variant<CrossEntropySpec, MeanSquaredErrorSpec, HingeSpec,
                 SumHingeSpec, FocalSpec, MeanAbsoluteErrorSpec, HuberSpec,
                 SigmoidCrossEntropySpec, SigmoidFocalSpec>;

struct LossSpec {
  LossKind kind = CrossEntropySpec();
  // w, one for each class: finite, not negative, not all 0. Empty: all 1. Only
  // for targets that are classes.
  std::vector<float> class_weights = {};

  friend bool operator==(const LossSpec&, const LossSpec&) = default;
};

// "cross_entropy", "mean_squared_error", "hinge", ...
absl::string_view Name(const LossKind& kind);

bool Takes(const LossKind& kind, TargetKind target);

// Cross-entropy for classes, sigmoid cross-entropy for labels, mean squared
// error for values.
LossKind DefaultLoss(TargetKind target);

// Errors: InvalidArgument, naming the field and its value, for fields out of
// range.
absl::Status CheckLoss(const LossSpec& spec);

// Also checks that the loss takes this kind of target, that it can be computed
// for an output of this shape, without the dimension of the images, and that
// there are as many weights as classes. Errors: InvalidArgument, naming the
// loss, the field or the shape.
absl::Status CheckLoss(const LossSpec& spec, TargetKind target,
                       const Shape& output);

// Returns the sum of weight[n] over `images` images with these labels,
// [images, rows]. The order of the sum is fixed.
double SumOfWeights(const LossSpec& spec, absl::Span<const int32_t> labels,
                    int64_t images);

// For one image, without weights. Errors: as CheckLoss().
absl::StatusOr<Cost> ComputeCost(const LossSpec& spec, TargetKind target,
                                 const Shape& output);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_SPEC_H_
