// Padding by copying rows, which has nothing to gain from vectors of our own:
// for lanes, for direct, and for xnnpack where XNNPACK has no operator.

#ifndef LENSLET_OPS_PAD_PAD_PLAIN_H_
#define LENSLET_OPS_PAD_PAD_PLAIN_H_

#include <memory>

#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pad/pad_spec.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// For blocks of any number of images. No parameters.
std::unique_ptr<Kernel> MakePadPlainKernel(const PadGeometry& geometry,
                                           Layout layout);

// The same for direct: without Backward().
std::unique_ptr<Kernel> MakePadInferenceKernel(const PadGeometry& geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_PAD_PAD_PLAIN_H_
