// The definition of padding: plain loops, sums in double.

#ifndef LENSLET_OPS_PAD_PAD_REFERENCE_H_
#define LENSLET_OPS_PAD_PAD_REFERENCE_H_

#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pad/pad_spec.h"

namespace lenslet {

// For blocks of any number of images. No parameters.
std::unique_ptr<Kernel> MakePadReferenceKernel(const PadGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_PAD_PAD_REFERENCE_H_
