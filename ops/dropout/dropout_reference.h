// The definition of dropout and its gradient.

#ifndef LENSLET_OPS_DROPOUT_DROPOUT_REFERENCE_H_
#define LENSLET_OPS_DROPOUT_DROPOUT_REFERENCE_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/dropout/dropout_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// `elements` is the number of one image. One input, no parameters.
std::unique_ptr<Kernel> MakeDropoutReferenceKernel(const DropoutSpec& spec,
                                                   int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_DROPOUT_DROPOUT_REFERENCE_H_
