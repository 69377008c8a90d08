// Powers of arrays of floats, with vectors of the CPU's width.

#ifndef LENSLET_OPS_LRN_NEGATIVE_POWER_H_
#define LENSLET_OPS_LRN_NEGATIVE_POWER_H_

#include <cstdint>

namespace lenslet {

// y[i] = s[i]^-beta, for normal s[i] > 0 and beta >= 0. Arrays are aligned to
// 64 bytes and may be the same; `size` is a multiple of 16. With l =
// |log(s[i])|, the relative error is at most (8 + beta * (6 + 11 * l)) * 2^-24,
// if y[i] is between e^-87 and e^88; others become these.
void NegativePower(int64_t size, float beta, const float* s, float* y);

}  // namespace lenslet

#endif  // LENSLET_OPS_LRN_NEGATIVE_POWER_H_
