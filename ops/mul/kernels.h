// The kernels of elementwise products. MakeMulKernel() (mul.h) chooses among
// them. They have two inputs of these shapes, and no parameters.

#ifndef LENSLET_OPS_MUL_KERNELS_H_
#define LENSLET_OPS_MUL_KERNELS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The definition of the product and its gradients. Sums in double.
std::unique_ptr<Kernel> MakeMulReferenceKernel(absl::Span<const Shape> images);

// The product with the images of a block in lanes.
std::unique_ptr<Kernel> MakeMulLanesKernel(absl::Span<const Shape> images);

// The product of images one after the other, for inference. No Backward().
std::unique_ptr<Kernel> MakeMulDirectKernel(absl::Span<const Shape> images);

// The product through XNNPACK's operator. The gradients are our own code.
// Errors: Unimplemented for a CPU that XNNPACK does not support.
absl::StatusOr<std::unique_ptr<Kernel>> MakeMulXnnpackKernel(
    absl::Span<const Shape> images);

}  // namespace lenslet

#endif  // LENSLET_OPS_MUL_KERNELS_H_
