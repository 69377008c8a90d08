#include "train/adam.h"

#include <vector>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

// Values of about 1 are rounded to floats a few times.
constexpr double kTolerance = 1e-6;

TEST(AdamTest, FirstStepIsTheLearningRateForAnyGradient) {
  Adam adam(4, {.learning_rate = 0.5});
  std::vector<float> values = {1, 1, 1, 1};
  adam.Update(std::vector<float>{3, -0.001f, 1e6f, 0}, absl::MakeSpan(values));
  EXPECT_NEAR(values[0], 0.5, kTolerance);
  // An epsilon of 1e-8 is 1e-5 of this gradient.
  EXPECT_NEAR(values[1], 1.5, 1e-5);
  EXPECT_NEAR(values[2], 0.5, kTolerance);
  EXPECT_EQ(values[3], 1);
}

// With decays 1/2 and 3/4 and the gradients 1, -1, 3:
//   t   m                       v                         m^      v^   step
//   1   1/2                     1/4                       1       1    1
//   2   1/4 - 1/2 = -1/4        3/16 + 1/4 = 7/16        -1/3     1   -1/3
//   3   -1/8 + 3/2 = 11/8       21/64 + 9/4 = 165/64      11/7    165/37
// where m^ = m / (1 - (1/2)^t) and v^ = v / (1 - (3/4)^t).
TEST(AdamTest, TakesTheStepsWorkedByHand) {
  Adam adam(1, {.learning_rate = 1, .decay1 = 0.5, .decay2 = 0.75});
  std::vector<float> value = {0};
  adam.Update(std::vector<float>{1}, absl::MakeSpan(value));
  EXPECT_NEAR(value[0], -1, kTolerance);
  adam.Update(std::vector<float>{-1}, absl::MakeSpan(value));
  EXPECT_NEAR(value[0], -2.0 / 3, kTolerance);
  adam.Update(std::vector<float>{3}, absl::MakeSpan(value));
  // 11/7 / sqrt(165/37) = 0.744138.
  EXPECT_NEAR(value[0], -2.0 / 3 - 0.744138, kTolerance);
}

// Without means of the past it is the gradient's sign, softened by epsilon.
TEST(AdamTest, EpsilonIsAddedToTheRoot) {
  Adam adam(1, {.learning_rate = 1, .decay1 = 0, .decay2 = 0, .epsilon = 0.25});
  std::vector<float> value = {0};
  adam.Update(std::vector<float>{0.75f}, absl::MakeSpan(value));
  EXPECT_NEAR(value[0], -0.75, kTolerance);
}

}  // namespace
}  // namespace lenslet
