#include "lenslet/benchmarks/peers/loss.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/benchmarks/peers/network.h"

namespace lenslet::peers {
namespace {

TEST(LossTest, EqualScoresCostLogOfTheClasses) {
  const std::vector<float> scores(2 * kClasses, 7.0f);
  const std::vector<int32_t> labels = {3, 0};
  EXPECT_NEAR(LossSum(scores.data(), labels), 2 * std::log(10.0), 1e-6);
}

TEST(LossTest, GradientIsThatOfTheMean) {
  std::vector<float> scores(2 * kClasses);
  for (size_t i = 0; i < scores.size(); ++i) scores[i] = 0.3f * (i % 7);
  const std::vector<int32_t> labels = {1, 9};
  std::vector<float> gradient(scores.size());
  LossSum(scores.data(), labels, gradient.data());
  constexpr float kStep = 1e-2f;
  for (size_t i = 0; i < scores.size(); ++i) {
    std::vector<float> above = scores;
    std::vector<float> below = scores;
    above[i] += kStep;
    below[i] -= kStep;
    const double slope =
        (LossSum(above.data(), labels) - LossSum(below.data(), labels)) / 2 /
        (2 * kStep);
    EXPECT_NEAR(gradient[i], slope, 1e-4) << i;
  }
}

}  // namespace
}  // namespace lenslet::peers
