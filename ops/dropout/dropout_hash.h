// Decides which elements dropout keeps, by a hash of their indices. Nothing
// needs to be stored, and elements can be evaluated in any order, with vectors
// of any width.
//
//   kept = Mix(Mix(element) ^ key(seed, image)) / 2 >= rate * 2^31
//
// Mix is "lowbias32", the least biased 32-bit mixer of its form that a search
// found. Flipping any bit of its argument flips any bit of the result with a
// probability close to 1/2. Source: Chris Wellons, "Prospecting for hash
// functions", 2018. An image's key is 32 bits from a random generator for that
// image (base/random.h).

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

// The key of an image, given its index in its block.
inline uint32_t DropoutKey(uint64_t seed, int64_t image) {
  return static_cast<uint32_t>(
      Random(seed, static_cast<uint64_t>(image)).Bits() >> 32);
}

// The minimum of hash / 2 for kept elements. `rate` is in [0, 1).
inline int32_t DropoutThreshold(double rate) {
  return static_cast<int32_t>(std::min(std::round(rate * 0x1p31), 0x1p31 - 1));
}

// Whether an element is kept, in the image with this key.
inline bool DropoutKeeps(uint32_t key, int32_t threshold, int64_t element) {
  const uint32_t mixed =
      DropoutMix(DropoutMix(static_cast<uint32_t>(element)) ^ key);
  return static_cast<int32_t>(mixed >> 1) >= threshold;
}

}  // namespace lenslet

#endif  // LENSLET_OPS_DROPOUT_DROPOUT_HASH_H_
