// The kernels of concatenation. MakeConcatKernel() (concat.h) chooses among
// them.

#ifndef LENSLET_OPS_CONCAT_KERNELS_H_
#define LENSLET_OPS_CONCAT_KERNELS_H_

#include <memory>

#include "lenslet/ops/concat/concat.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// The definition of concatenation.
//
// No parameters.
std::unique_ptr<Kernel> MakeConcatReferenceKernel(ConcatGeometry geometry);

// Concatenation by copying pieces, for all backends except `reference`.

// For blocks in either layout. No parameters.
std::unique_ptr<Kernel> MakeConcatCopyKernel(ConcatGeometry geometry,
                                             Layout layout);

// The same for images one after the other. No Backward().
std::unique_ptr<Kernel> MakeConcatDirectKernel(ConcatGeometry geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONCAT_KERNELS_H_
