// Reads the numbers of positions that lie at a distance from each other, four
// by each pointer: more pointers would not fit in the registers.

#ifndef LENSLET_OPS_DIRECT_QUADS_H_
#define LENSLET_OPS_DIRECT_QUADS_H_

#include <cstdint>

#include "hwy/base.h"

namespace lenslet {

// Returns the number of position `i`, of whose four positions `quad` has the
// first. `stride` is from one position to the next, and `stride3` 3 times that.
// Where the compiler knows `i`, it is a single load.
HWY_INLINE float NumberOfQuad(const float* quad, int i, int64_t stride,
                              int64_t stride3) {
  return i % 4 == 0   ? quad[0]
         : i % 4 == 1 ? quad[stride]
         : i % 4 == 2 ? quad[2 * stride]
                      : quad[stride3];
}

}  // namespace lenslet

#endif  // LENSLET_OPS_DIRECT_QUADS_H_
