// The kernels of dropout. MakeDropoutKernel() (dropout.h) chooses among them.

#ifndef LENSLET_OPS_DROPOUT_KERNELS_H_
#define LENSLET_OPS_DROPOUT_KERNELS_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/dropout/dropout.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// The definition of dropout and its gradient.
//
// `elements` is the number of elements in one image. One input, no parameters.
std::unique_ptr<Kernel> MakeDropoutReferenceKernel(const DropoutSpec& spec,
                                                   int64_t elements);

// Dropout with the images of a block in lanes.
//
// `elements` is the number of elements in one image. One input, no parameters.
std::unique_ptr<Kernel> MakeDropoutLanesKernel(const DropoutSpec& spec,
                                               int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_DROPOUT_KERNELS_H_
