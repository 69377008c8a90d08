// The kernels of addition. MakeAddKernel() (add.h) chooses among them. They
// have inputs of these shapes, and no parameters.

#ifndef LENSLET_OPS_ADD_KERNELS_H_
#define LENSLET_OPS_ADD_KERNELS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The definition of addition. Sums in double.
std::unique_ptr<Kernel> MakeAddReferenceKernel(absl::Span<const Shape> images);

// Addition with the images of a block in lanes. With `relu`, the output is
// rectified.
std::unique_ptr<Kernel> MakeAddLanesKernel(absl::Span<const Shape> images,
                                           bool relu);

// Addition of images one after the other, for inference. With `relu`, the
// output is rectified. No Backward().
std::unique_ptr<Kernel> MakeAddDirectKernel(absl::Span<const Shape> images,
                                            bool relu);

// Addition through XNNPACK's operator for two inputs, which runs once for each
// input after the first. The gradients are our own code. Errors: Unimplemented
// for more than two inputs of different shapes, and for a CPU that XNNPACK does
// not support.
absl::StatusOr<std::unique_ptr<Kernel>> MakeAddXnnpackKernel(
    absl::Span<const Shape> images);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_KERNELS_H_
