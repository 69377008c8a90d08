// The kernels of addition. MakeAddKernel() (add.h) chooses among them.

#ifndef LENSLET_OPS_ADD_KERNELS_H_
#define LENSLET_OPS_ADD_KERNELS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// The definition of addition.
//
// `elements` is the number of elements in one image. Adds all inputs that are
// bound. No parameters. Sums in double.
std::unique_ptr<Kernel> MakeAddReferenceKernel(int64_t elements);

// Addition with the images of a block in lanes.
//
// `elements` is the number of elements in one image. Adds all inputs that are
// bound. No parameters. With `relu`, the output is rectified.
std::unique_ptr<Kernel> MakeAddLanesKernel(int64_t elements, bool relu);

// Addition of images one after the other, for inference.
//
// `elements` is the number of elements in one image. Adds all inputs that are
// bound. No parameters. No Backward().
std::unique_ptr<Kernel> MakeAddDirectKernel(int64_t elements);

// Addition through XNNPACK's operator for two inputs, which runs once for each
// input after the first. The gradients are copies.
//
// `elements` is the number of elements in one image. Adds all inputs that are
// bound. No parameters. Errors: Unimplemented for a CPU that XNNPACK does not
// support.
absl::StatusOr<std::unique_ptr<Kernel>> MakeAddXnnpackKernel(int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_KERNELS_H_
