// Random numbers that are the same on every machine, compiler and library.
//
// A generator is 64 bits of state: each draw adds a constant to it and returns
// the sum, mixed (SplitMix64; Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014). The distributions are written here
// because the standard library leaves theirs to each implementation. They use
// only operations that IEEE 754 rounds exactly; Normal() also compares with a
// logarithm, which would have to differ in a last bit that one draw in 10^15
// depends on.

#ifndef LENSLET_BASE_RANDOM_H_
#define LENSLET_BASE_RANDOM_H_

#include <cstdint>

namespace lenslet {

// Not thread-safe: give each thread its own, by `stream`.
class Random {
 public:
  // Different seeds, and different streams of one seed, give unrelated
  // sequences.
  explicit Random(uint64_t seed, uint64_t stream = 0);

  // All 2^64 values are equally likely.
  uint64_t Bits() {
    state_ += kGoldenGamma;
    return Mix(state_);
  }

  // A whole number in [0, bound), each equally likely. `bound` > 0.
  int64_t Below(int64_t bound);

  // A multiple of 2^-53 in [0, 1).
  double Uniform();

  // Mean 0, standard deviation 1.
  double Normal();

 private:
  static constexpr uint64_t kGoldenGamma = 0x9e3779b97f4a7c15;

  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_RANDOM_H_
