#include "lenslet/base/random.h"

#include <cmath>

#include "lenslet/base/check.h"

namespace lenslet {
Random::Random(uint64_t seed, uint64_t stream)
    : state_(Mix(Mix(seed + kGoldenGamma) + stream)) {}

int64_t Random::Below(int64_t bound) {
  LENSLET_CHECK(bound > 0);
  // Draws below 2^64 mod bound are drawn again: what is left is a multiple of
  // bound, so that every remainder is equally likely.
  const uint64_t n = static_cast<uint64_t>(bound);
  const uint64_t rejected = (0 - n) % n;
  uint64_t bits = Bits();
  while (bits < rejected) bits = Bits();
  return static_cast<int64_t>(bits % n);
}

double Random::Uniform() { return static_cast<double>(Bits() >> 11) * 0x1p-53; }

double Random::Normal() {
  // Kinderman and Monahan, "Computer generation of random variables using the
  // ratio of uniform deviates", 1977.
  const double kTwoSqrtTwoOverE = 1.7155277699214135;
  while (true) {
    const double u = 1.0 - Uniform();  // In (0, 1].
    const double v = kTwoSqrtTwoOverE * (Uniform() - 0.5);
    const double x = v / u;
    if (x * x <= -4.0 * std::log(u)) return x;
  }
}

}  // namespace lenslet
