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
// Shapes: x and dx [N, classes], labels and losses [N]. Source: Crammer and
// Singer, "On the Algorithmic Implementation of Multiclass Kernel-based Vector
// Machines" (2001).

#ifndef LENSLET_OPS_HINGE_HINGE_SPEC_H_
#define LENSLET_OPS_HINGE_HINGE_SPEC_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "lenslet/ops/cost.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct HingeSpec {
  int64_t classes = 0;  // At least 1.
  double margin = 1;    // Positive; a float must be able to hold it.
};

// The shape of one image's loss, a scalar, for one image's scores, [classes].
// Errors: InvalidArgument, naming the values.
absl::StatusOr<Shape> OutputShape(const HingeSpec& spec, const Shape& scores);

// For one image: a comparison for each class. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const HingeSpec& spec, const Shape& scores);

}  // namespace lenslet

#endif  // LENSLET_OPS_HINGE_HINGE_SPEC_H_
