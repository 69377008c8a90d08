// The definition of concatenation.

#ifndef LENSLET_OPS_CONCAT_CONCAT_REFERENCE_H_
#define LENSLET_OPS_CONCAT_CONCAT_REFERENCE_H_

#include <memory>

#include "lenslet/ops/concat/concat_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// No parameters.
std::unique_ptr<Kernel> MakeConcatReferenceKernel(ConcatGeometry geometry);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONCAT_CONCAT_REFERENCE_H_
