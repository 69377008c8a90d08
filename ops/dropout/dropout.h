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

#ifndef LENSLET_OPS_DROPOUT_DROPOUT_H_
#define LENSLET_OPS_DROPOUT_DROPOUT_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct DropoutSpec {
  double rate = 0;  // Of numbers that are left out, in [0, 1).
};

// `image`, if it has elements. Errors: InvalidArgument, for the rate too.
absl::StatusOr<Shape> OutputShape(const DropoutSpec& spec, const Shape& image);

// For one image in inference: nothing. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const DropoutSpec& spec, const Shape& image);

// x [N, ...] as training sees it: without a part `rate`, in [0, 1), of its
// numbers. For one-off use: it prepares and forgets a kernel. Errors:
// InvalidArgument, naming the argument and its values; Unimplemented for
// backends other than reference and lanes.
absl::StatusOr<Tensor> Dropout(const Tensor& x, double rate, uint64_t seed,
                               Backend backend = Backend::kReference);

// For blocks of images of shape `image`. One input, no parameters; its
// randomness comes from Kernel::Seed(). Errors: as OutputShape(), and
// Unimplemented for backends other than reference and lanes.
absl::StatusOr<std::unique_ptr<Kernel>> MakeDropoutKernel(
    Backend backend, const DropoutSpec& spec, const Shape& image,
    int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_DROPOUT_DROPOUT_H_
