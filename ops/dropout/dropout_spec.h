// Dropout: in training, leaves out each number with some probability, and makes
// the others larger, so that the mean stays what it was.
//
//   y = x / (1 - rate) where kept, else 0     dx = dy / (1 - rate) where kept,
//                                                  else 0
//
// x and y have the same shape. In inference y = x. What is kept is decided by
// the seed, the image's number in its block and the element's number in its
// image (dropout_hash.h): it is the same on every backend.
//
// Sources: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov,
// "Dropout: a simple way to prevent neural networks from overfitting", 2014;
// "Dive into Deep Learning", section "Dropout", which scales in training too.

#ifndef LENSLET_OPS_DROPOUT_DROPOUT_SPEC_H_
#define LENSLET_OPS_DROPOUT_DROPOUT_SPEC_H_

#include "absl/status/statusor.h"
#include "lenslet/ops/cost.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct DropoutSpec {
  double rate = 0;  // Of numbers that are left out, in [0, 1).
};

// `image`, if it has elements. Errors: InvalidArgument, for the rate too.
absl::StatusOr<Shape> OutputShape(const DropoutSpec& spec, const Shape& image);

// For one image in inference: nothing. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const DropoutSpec& spec, const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_DROPOUT_DROPOUT_SPEC_H_
