// Dropout: in training, sets each element to zero with some probability, and
// scales up the others so that the expected value is unchanged.
//
//   y = x / (1 - rate) where kept, else 0     dx = dy / (1 - rate) where kept,
//                                                  else 0
//
// x and y have the same shape. In inference y = x. The seed, the image's index
// in its block and the element's index in its image determine which elements
// are kept (dropout_hash.h). The result is the same on every backend.
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
  double rate = 0;  // The fraction of elements set to zero, in [0, 1).
};

// Returns `image`. Errors: InvalidArgument for an image without elements, and
// for a rate out of range.
absl::StatusOr<Shape> OutputShape(const DropoutSpec& spec, const Shape& image);

// For one image in inference: nothing. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const DropoutSpec& spec, const Shape& image);

// Returns x [N, ...] with dropout, as in training. `rate` is in [0, 1). For
// one-off use: each call creates and discards a kernel. Errors:
// InvalidArgument, naming the argument and its values; Unimplemented for
// backends other than reference and lanes.
absl::StatusOr<Tensor> Dropout(const Tensor& x, double rate, uint64_t seed,
                               Backend backend = Backend::kReference);

// For blocks of images of shape `image`. One input, no parameters.
// Kernel::Seed() seeds the random numbers. Errors: as OutputShape(), and
// Unimplemented for backends other than reference and lanes.
absl::StatusOr<std::unique_ptr<Kernel>> MakeDropoutKernel(
    Backend backend, const DropoutSpec& spec, const Shape& image,
    int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_DROPOUT_DROPOUT_H_
