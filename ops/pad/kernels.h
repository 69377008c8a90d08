// The kernels of padding. MakePadKernel() (pad.h) chooses among them.

#ifndef LENSLET_OPS_PAD_KERNELS_H_
#define LENSLET_OPS_PAD_KERNELS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// The definition of padding: plain loops, sums in double.
//
// For blocks of any number of images. No parameters.
std::unique_ptr<Kernel> MakePadReferenceKernel(const PadGeometry& geometry);

// Padding by copying rows, for `lanes`, `direct`, and `xnnpack` where XNNPACK
// has no operator. Explicit SIMD would not make it faster.

// For blocks of any number of images. No parameters.
std::unique_ptr<Kernel> MakePadPlainKernel(const PadGeometry& geometry,
                                           Layout layout);

// The same for `direct`: no Backward().
std::unique_ptr<Kernel> MakePadInferenceKernel(const PadGeometry& geometry);

// Padding with zeros through XNNPACK's constant padding operator. XNNPACK has
// none of the other modes (pad.h).
//
// For blocks of any number of images. No parameters. Errors: Unimplemented for
// modes other than kZero.
absl::StatusOr<std::unique_ptr<Kernel>> MakePadXnnpackKernel(
    const PadGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_PAD_KERNELS_H_
