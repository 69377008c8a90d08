// Elementwise addition of n >= 2 inputs.
//
//   y = x[0] + x[1] + ... + x[n - 1], added in this order
//   dx[i] = dy
//
// An input of size 1 along an axis is repeated along it (ops/broadcast.h); its
// gradient is the sum over the elements that it meets.
//
// Residual connections are such sums: He et al., "Deep residual learning for
// image recognition", arXiv:1512.03385.

#ifndef LENSLET_OPS_ADD_ADD_H_
#define LENSLET_OPS_ADD_ADD_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The shape of one output image, for input images of these shapes. Errors: as
// BroadcastShape().
absl::StatusOr<Shape> AddShape(absl::Span<const Shape> images);

// For one image: one addition for each element of the output and input after
// the first.
// Errors: as AddShape().
absl::StatusOr<Cost> AddCost(absl::Span<const Shape> images);

// Returns the sum of two tensors [N, ...] of the same shape. For one-off use:
// each call creates and discards a kernel. Errors: InvalidArgument unless both
// hold floats, have the same shape and at least one image; ResourceExhausted.
absl::StatusOr<Tensor> Add(const Tensor& a, const Tensor& b,
                           Backend backend = Backend::kReference);

// For blocks of images of these shapes, one for each input. No parameters.
// `epilogue` may be a rectifier, in lanes and direct. Errors: as AddShape();
// Unimplemented for another epilogue, and for what XNNPACK lacks (kernels.h).
absl::StatusOr<std::unique_ptr<Kernel>> MakeAddKernel(
    Backend backend, absl::Span<const Shape> images,
    const Epilogue& epilogue = {});

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_ADD_H_
