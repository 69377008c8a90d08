// Softmax with cross-entropy: the loss of a classifier, in one stable step.
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
// vanished. Shapes: x and dx [N, classes], labels and losses [N]. Sources:
// "Dive into Deep Learning", sections "Softmax regression" and its
// implementations; label smoothing: Szegedy, Vanhoucke, Ioffe, Shlens and
// Wojna, "Rethinking the Inception Architecture for Computer Vision" (2016),
// section 7.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_SPEC_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_SPEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/cost.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct SoftmaxCrossEntropySpec {
  int64_t classes = 0;  // At least 1.
  // The share of the target that all classes get alike, in [0, 1).
  double label_smoothing = 0;
};

// The shape of one image's loss, a scalar, for one image's scores, [classes].
// Errors: InvalidArgument, naming the values.
absl::StatusOr<Shape> OutputShape(const SoftmaxCrossEntropySpec& spec,
                                  const Shape& scores);

// For one image: an exponential for each class. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const SoftmaxCrossEntropySpec& spec,
                                 const Shape& scores);

}  // namespace lenslet

#endif  // LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_SPEC_H_
