// Concatenation as copies of pieces, for all backends but reference.

#ifndef LENSLET_OPS_CONCAT_CONCAT_COPY_H_
#define LENSLET_OPS_CONCAT_CONCAT_COPY_H_

#include <memory>

#include "lenslet/ops/concat/concat_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {

// Of blocks in either layout. No parameters.
std::unique_ptr<Kernel> MakeConcatCopyKernel(ConcatGeometry geometry,
                                             Layout layout);

// The same for images one after the other, without Backward().
std::unique_ptr<Kernel> MakeConcatDirectKernel(ConcatGeometry geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONCAT_CONCAT_COPY_H_
