// The kernels of resizing. MakeResizeKernel() (resize.h) chooses among them.
// One input, no parameters.

#ifndef LENSLET_OPS_RESIZE_KERNELS_H_
#define LENSLET_OPS_RESIZE_KERNELS_H_

#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/resize/resize.h"

namespace lenslet {

// The definition of resizing. Sums in double.
std::unique_ptr<Kernel> MakeResizeReferenceKernel(
    const ResizeGeometry& geometry);

// Resizing in either layout. XNNPACK's operator, which knows two of the
// coordinates, would allocate whenever the number of images changes.
std::unique_ptr<Kernel> MakeResizePlainKernel(const ResizeGeometry& geometry,
                                              Layout layout);

// The same for inference, of images one after the other. No Backward().
std::unique_ptr<Kernel> MakeResizeInferenceKernel(
    const ResizeGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_RESIZE_KERNELS_H_
