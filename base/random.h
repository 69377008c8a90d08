// Random numbers that are the same for every machine, compiler and standard
// library.
//
// A generator has 64 bits of state. Each draw adds a constant to the state and
// returns a mix of its bits (SplitMix64; Steele, Lea and Flood, "Fast
// splittable pseudorandom number generators", 2014). The distributions are
// implemented here because those of the C++ standard differ from library to
// library. They use only operations that IEEE 754 rounds exactly, with one
// exception: Normal() compares with a logarithm. A logarithm that differs in
// its last bit changes about one draw in 10^15.

#ifndef LENSLET_BASE_RANDOM_H_
#define LENSLET_BASE_RANDOM_H_

#include <cstdint>

namespace lenslet {

// Not thread-safe: give each thread a generator with a different `stream`.
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

  // Uniform over the whole numbers in [0, bound). `bound` > 0.
  int64_t Below(int64_t bound);

  // Uniform over the multiples of 2^-53 in [0, 1).
  double Uniform();

  // Normal distribution with mean 0 and standard deviation 1.
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
