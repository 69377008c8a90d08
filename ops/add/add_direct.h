// Addition of images one after the other, for inference.

#ifndef LENSLET_OPS_ADD_ADD_DIRECT_H_
#define LENSLET_OPS_ADD_ADD_DIRECT_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/kernel.h"

namespace lenslet {

// `elements` is the number of one image. As many inputs as are bound, no
// parameters. Without Backward().
std::unique_ptr<Kernel> MakeAddDirectKernel(int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_ADD_DIRECT_H_
