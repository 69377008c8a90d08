// Mean squared error between a classifier's scores and the one-hot label.
//
//   t[n, k]   = (k == label[n] ? 1 : 0)
//   loss[n]   = mean over k of (x[n, k] - t[n, k])^2
//   dx[n, k]  = scale * 2 / classes * (x[n, k] - t[n, k])
//
// The score itself is fitted to the target: no softmax is taken. Shapes: x and
// dx [N, classes], labels and losses [N]. Source: "Dive into Deep Learning",
// section "Softmax regression", on regression to one-hot labels; PyTorch's
// MSELoss has the same mean over classes.

#ifndef LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_SPEC_H_
#define LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_SPEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/cost.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct SquaredErrorSpec {
  int64_t classes = 0;  // At least 1.
};

// The shape of one image's loss, a scalar, for one image's scores, [classes].
// Errors: InvalidArgument, naming the values.
absl::StatusOr<Shape> OutputShape(const SquaredErrorSpec& spec,
                                  const Shape& scores);

// For one image: a difference, a product and a sum for each class. Errors: as
// OutputShape().
absl::StatusOr<Cost> ComputeCost(const SquaredErrorSpec& spec,
                                 const Shape& scores);

}  // namespace lenslet

#endif  // LENSLET_OPS_SQUARED_ERROR_SQUARED_ERROR_SPEC_H_
