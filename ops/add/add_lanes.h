// Addition with the images of a block in lanes.

#ifndef LENSLET_OPS_ADD_ADD_LANES_H_
#define LENSLET_OPS_ADD_ADD_LANES_H_

#include <cstdint>
#include <memory>

#include "lenslet/ops/kernel.h"

namespace lenslet {

// `elements` is the number of one image. As many inputs as are bound, no
// parameters.
std::unique_ptr<Kernel> MakeAddLanesKernel(int64_t elements);

}  // namespace lenslet

#endif  // LENSLET_OPS_ADD_ADD_LANES_H_
