// The definition of addition.

#ifndef LENSLET_OPS_ADD_ADD_REFERENCE_H_
#define LENSLET_OPS_ADD_ADD_REFERENCE_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/kernel.h"

namespace lenslet {

// `elements` is the number of one image. As many inputs as are bound, no
// parameters. Sums in double.
std::unique_ptr<Kernel> MakeAddReferenceKernel(int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_ADD_REFERENCE_H_
