// Pooling of windows of 2 x 2 numbers that side by side cover what a kernel
// computes, while they are in registers.

#ifndef LENSLET_OPS_DIRECT_POOL_2X2_H_
#define LENSLET_OPS_DIRECT_POOL_2X2_H_

#include <cstdint>

namespace lenslet {

enum class Pool2x2 : uint8_t { kNone, kMax, kMin, kAverage };

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_POOL_2X2_H_
