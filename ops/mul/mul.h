// Elementwise product of two inputs.
//
//   y = a * b
//   da = dy * b, db = dy * a
//
// An input of size 1 along an axis is repeated along it (ops/broadcast.h); its
// gradient is the sum over the elements that it meets. So a number for each
// channel weighs a whole image: Hu et al., "Squeeze-and-excitation networks",
// arXiv:1709.01507.

#ifndef LENSLET_OPS_MUL_MUL_H_
#define LENSLET_OPS_MUL_MUL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The shape of one output image, for input images of these shapes. Errors:
// InvalidArgument for other than two inputs, and as BroadcastShape().
absl::StatusOr<Shape> MulShape(absl::Span<const Shape> images);

// For one image: one multiplication for each element of the output, which is
// not added to a sum. Errors: as MulShape().
absl::StatusOr<Cost> MulCost(absl::Span<const Shape> images);

// Returns the product of two tensors [N, ...], of which each image may be
// repeated. For one-off use: each call creates and discards a kernel. Errors:
// InvalidArgument unless both hold floats and the same number of images, at
// least one, and as MulShape(); ResourceExhausted.
absl::StatusOr<Tensor> Mul(const Tensor& a, const Tensor& b,
                           Backend backend = Backend::kReference);

// For blocks of images of these shapes, one for each of the two inputs. No
// parameters. Errors: as MulShape(); Unimplemented for a CPU that XNNPACK does
// not support.
absl::StatusOr<std::unique_ptr<Kernel>> MakeMulKernel(
    Backend backend, absl::Span<const Shape> images);

}  // namespace lenslet

#endif  // LENSLET_OPS_MUL_MUL_H_
