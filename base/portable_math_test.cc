#include "lenslet/base/portable_math.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(PortableMathTest, SinesAndCosinesAreThoseOfTheCLibrary) {
  for (int i = -1000; i <= 1000; ++i) {
    const double x = i * (std::numbers::pi / 1000);
    double sine, cosine;
    SineAndCosine(x, sine, cosine);
    EXPECT_NEAR(sine, std::sin(x), 1e-14) << x;
    EXPECT_NEAR(cosine, std::cos(x), 1e-14) << x;
  }
}

TEST(PortableMathTest, PowersAreThoseOfTheCLibrary) {
  for (const double base :
       {1e-300, 1e-9, 0.1, 0.69, 0.71, 0.999, 1.0, 1.001, 3.0, 1e10}) {
    for (const double exponent :
         {0.0, 1e-9, 0.3, 0.5, 1.0, 1.7, 2.0, 7.25, 25.0}) {
      const double expected = std::pow(base, exponent);
      if (std::isinf(expected) || expected < std::numeric_limits<double>::min())
        continue;
      EXPECT_NEAR(
          Power(base, exponent), expected,
          (10 + exponent + std::abs(std::log(base))) * 0x1p-52 * expected)
          << base << "^" << exponent;
    }
  }
}

TEST(PortableMathTest, IntegerPowersAreProducts) {
  EXPECT_EQ(Power(0.1, 0), 1);
  EXPECT_EQ(Power(0.1, 1), 0.1);
  EXPECT_EQ(Power(0.1, 2), 0.1 * 0.1);
  EXPECT_EQ(Power(0.1, 3), 0.1 * (0.1 * 0.1));
  EXPECT_EQ(Power(0.5, 1000), 0x1p-1000);
  EXPECT_EQ(Power(1, 0.3), 1);
  EXPECT_EQ(Power(1, 1e15), 1);
}

TEST(PortableMathTest, PowersOfZero) {
  EXPECT_EQ(Power(0, 0), 1);
  EXPECT_EQ(Power(0, 0.5), 0);
  EXPECT_EQ(Power(0, 2), 0);
}

// Wherever the tests run.
TEST(PortableMathTest, TheBitsAreTheSameEverywhere) {
  double sine, cosine;
  SineAndCosine(1, sine, cosine);
  EXPECT_EQ(sine, 0x1.aed548f090ceep-1);
  EXPECT_EQ(cosine, 0x1.14a280fb5068bp-1);
  EXPECT_EQ(Power(0.3, 0.7), 0x1.b8d809c615f42p-2);
}

}  // namespace
}  // namespace lenslet
