// Which numbers dropout keeps: a hash of what they are, so that nothing has to
// be stored and any of them can be asked for in any order, on vectors of any
// width.
//
//   kept = Mix(Mix(element) ^ key(seed, image)) / 2 >= rate * 2^31
//
// Mix is "lowbias32", the 32-bit mixer of that form with the least bias that a
// search found: any bit of x changes any bit of the result with a probability
// close to 1/2. Source: Chris Wellons, "Prospecting for hash functions", 2018.
// An image's key are 32 bits of a generator of its own (base/random.h).

#ifndef LENSLET_OPS_DROPOUT_DROPOUT_HASH_H_
#define LENSLET_OPS_DROPOUT_DROPOUT_HASH_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "lenslet/base/random.h"

namespace lenslet {

inline constexpr uint32_t kDropoutMixFactor1 = 0x7feb352d;
inline constexpr uint32_t kDropoutMixFactor2 = 0x846ca68b;

inline uint32_t DropoutMix(uint32_t x) {
  x = (x ^ (x >> 16)) * kDropoutMixFactor1;
  x = (x ^ (x >> 15)) * kDropoutMixFactor2;
  return x ^ (x >> 16);
}

// Of an image, by its number in its block.
inline uint32_t DropoutKey(uint64_t seed, int64_t image) {
  return static_cast<uint32_t>(
      Random(seed, static_cast<uint64_t>(image)).Bits() >> 32);
}

// What the hashes of kept elements, halved, are at least. `rate` is in [0, 1).
inline int32_t DropoutThreshold(double rate) {
  return static_cast<int32_t>(std::min(std::round(rate * 0x1p31), 0x1p31 - 1));
}

// Whether an image's element is kept.
inline bool DropoutKeeps(uint32_t key, int32_t threshold, int64_t element) {
  const uint32_t mixed =
      DropoutMix(DropoutMix(static_cast<uint32_t>(element)) ^ key);
  return static_cast<int32_t>(mixed >> 1) >= threshold;
}

}  // namespace lenslet

#endif  // LENSLET_OPS_DROPOUT_DROPOUT_HASH_H_
