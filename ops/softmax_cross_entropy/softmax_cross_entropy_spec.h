// Softmax with cross-entropy: the loss of a classifier, in one stable step.
//
//   p[n, k]   = exp(x[n, k] - m[n]) / s[n]
//   m[n]      = max over k of x[n, k]
//   s[n]      = sum over k of exp(x[n, k] - m[n])
//   loss[n]   = -log p[n, label[n]] = log s[n] + m[n] - x[n, label[n]]
//   dx[n, k]  = scale * (p[n, k] - (k == label[n] ? 1 : 0))
//
// No exponential overflows, and no logarithm is taken of a probability that has
// vanished. Shapes: x and dx [N, classes], labels and losses [N]. Source: "Dive
// into Deep Learning", sections "Softmax regression" and its implementations.

#ifndef LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_SPEC_H_
#define LENSLET_OPS_SOFTMAX_CROSS_ENTROPY_SOFTMAX_CROSS_ENTROPY_SPEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "ops/cost.h"
#include "tensor/shape.h"

namespace lenslet {

struct SoftmaxCrossEntropySpec {
  int64_t classes = 0;  // At least 1.
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
