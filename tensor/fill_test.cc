#include "lenslet/tensor/fill.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

// Bit for bit, as users' seeds promise: written as exact hexadecimal floats.
TEST(FillTest, GivesTheSameNumbersOnEveryMachine) {
  std::vector<float> uniform(3), normal(3);
  Random random(42);
  FillUniform(-1, 1, random, absl::MakeSpan(uniform));
  FillNormal(0, 1, random, absl::MakeSpan(normal));
  EXPECT_THAT(uniform,
              ElementsAre(0x1.1695fap-1f, -0x1.e4c1aep-3f, 0x1.a592aap-2f));
  EXPECT_THAT(normal,
              ElementsAre(0x1.8a39eap-2f, 0x1.3d2faep-7f, -0x1.324fdp-2f));
}

TEST(FillTest, UniformReachesItsBounds) {
  std::vector<float> values(10000);
  Random random(1);
  FillUniform(2, 3, random, absl::MakeSpan(values));
  EXPECT_GE(*std::min_element(values.begin(), values.end()), 2.0f);
  EXPECT_LE(*std::max_element(values.begin(), values.end()), 3.0f);
  EXPECT_LT(*std::min_element(values.begin(), values.end()), 2.01f);
  EXPECT_GT(*std::max_element(values.begin(), values.end()), 2.99f);
}

TEST(FillTest, NormalScales) {
  std::vector<float> values(10000);
  Random random(1);
  FillNormal(5, 0.5, random, absl::MakeSpan(values));
  double sum = 0;
  for (float value : values) sum += value;
  // Five standard errors of 0.5 / sqrt(10000).
  EXPECT_NEAR(sum / values.size(), 5, 0.025);
}

TEST(FillTest, Iota) {
  std::vector<float> values(3);
  FillIota(4, absl::MakeSpan(values));
  EXPECT_THAT(values, ElementsAre(4, 5, 6));
}

TEST(FillTest, MakesTensors) {
  EXPECT_THAT(Filled({3}, 2.5f).span(), ElementsAre(2.5f, 2.5f, 2.5f));
  EXPECT_THAT(Ones({1, 2}).span(), ElementsAre(1, 1));
  EXPECT_THAT(Iota({2, 2}).span(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Iota({2}, 5).span(), ElementsAre(5, 6));
  EXPECT_EQ(Iota({2, 2}).shape(), Shape({2, 2}));
}

}  // namespace
}  // namespace lenslet
