#include "lenslet/train/initializer.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"

namespace lenslet {
namespace {

using ::testing::Each;

// Weights: conv [10, 5, 5, 4], fan in 100, fan out 250; linear [50, 360].
Parameters ConvAndLinearParameters() {
  GraphBuilder builder;
  builder.AddInput("image", {10, 10, 4});
  builder.AddLayer(
      "conv",
      layers::Conv2d({.output_channels = 10, .window = {.kernel = {5, 5}}}),
      {"image"});
  builder.AddLayer("flatten", layers::Flatten(), {"conv"});
  builder.AddLayer("linear", layers::Linear({.output_features = 50}),
                   {"flatten"});
  return *Parameters::Create(*builder.Build());
}

struct Moments {
  double mean = 0;
  double deviation = 0;
  double largest = 0;
};

Moments MomentsOf(absl::Span<const float> values) {
  Moments m;
  for (float v : values) {
    m.mean += v / values.size();
    m.largest = std::max(m.largest, std::abs(static_cast<double>(v)));
  }
  for (float v : values) {
    m.deviation += (v - m.mean) * (v - m.mean) / values.size();
  }
  m.deviation = std::sqrt(m.deviation);
  return m;
}

TEST(InitializerTest, XavierUniformKeepsToItsBound) {
  Parameters parameters = ConvAndLinearParameters();
  InitializeParameters({.kind = InitializerKind::kXavierUniform}, 1,
                       parameters);
  const Moments conv = MomentsOf(parameters.view(0).span());
  const double bound = std::sqrt(6.0 / (100 + 250));
  EXPECT_LE(conv.largest, bound * (1 + 1e-6));
  EXPECT_GE(conv.largest, bound * 0.97);
  const Moments linear = MomentsOf(parameters.view(2).span());
  EXPECT_LE(linear.largest, std::sqrt(6.0 / (360 + 50)) * (1 + 1e-6));
  // The deviation is bound / sqrt(3) = sqrt(2 / 410) = 0.070. That of n draws
  // has a standard error of 0.070 sqrt((9/5 - 1) / 4 n), 2.3e-4 for 18,000;
  // five of them.
  EXPECT_NEAR(linear.deviation, std::sqrt(2.0 / (360 + 50)), 1.2e-3);
}

// Fan in: 100 of conv, 360 of linear. Fan out does not count.
TEST(InitializerTest, KaimingAndLeCunUniformKeepToTheirBounds) {
  Parameters parameters = ConvAndLinearParameters();
  const auto expect_bound = [&](InitializerKind kind, double numerator) {
    SCOPED_TRACE(numerator);
    InitializeParameters({.kind = kind}, 1, parameters);
    const Moments conv = MomentsOf(parameters.view(0).span());
    const double conv_bound = std::sqrt(numerator / 100);
    EXPECT_LE(conv.largest, conv_bound * (1 + 1e-6));
    EXPECT_GE(conv.largest, conv_bound * 0.97);
    const Moments linear = MomentsOf(parameters.view(2).span());
    const double bound = std::sqrt(numerator / 360);
    EXPECT_LE(linear.largest, bound * (1 + 1e-6));
    // As above: five standard errors of the mean and of the deviation.
    const double n = 18000;
    const double deviation = bound / std::sqrt(3.0);
    EXPECT_NEAR(linear.mean, 0, 5 * deviation / std::sqrt(n));
    EXPECT_NEAR(linear.deviation, deviation,
                5 * deviation * std::sqrt(0.2 / n));
  };
  expect_bound(InitializerKind::kKaimingUniform, 6);
  expect_bound(InitializerKind::kLeCunUniform, 3);
}

TEST(InitializerTest, TheOthersHaveTheirMoments) {
  Parameters parameters = ConvAndLinearParameters();
  const auto linear = [&](const Initializer& initializer) {
    InitializeParameters(initializer, 1, parameters);
    return MomentsOf(parameters.view(2).span());
  };
  // Of 18,000 draws: the mean to five of its standard errors, the deviation
  // too.
  const double n = 18000;
  const auto expect_normal = [&](const Moments& m, double deviation) {
    EXPECT_NEAR(m.mean, 0, 5 * deviation / std::sqrt(n));
    EXPECT_NEAR(m.deviation, deviation, 5 * deviation / std::sqrt(2 * n));
    EXPECT_GT(m.largest, 3 * deviation);
  };
  expect_normal(linear({.kind = InitializerKind::kXavierNormal}),
                std::sqrt(2.0 / 410));
  expect_normal(linear({.kind = InitializerKind::kKaimingNormal}),
                std::sqrt(2.0 / 360));
  expect_normal(linear({.kind = InitializerKind::kLeCunNormal}),
                std::sqrt(1.0 / 360));
  expect_normal(linear({.kind = InitializerKind::kNormal, .scale = 0.01}),
                0.01);
  const Moments uniform =
      linear({.kind = InitializerKind::kUniform, .scale = 10});
  EXPECT_LE(uniform.largest, 10);
  // As above: five times 5.77 sqrt(0.2 / 18000).
  EXPECT_NEAR(uniform.deviation, 10 / std::sqrt(3.0), 0.096);
  linear({.kind = InitializerKind::kConstant, .scale = 0.5});
  EXPECT_THAT(parameters.view(2).span(), Each(0.5f));
}

TEST(InitializerTest, BiasesAreZero) {
  Parameters parameters = ConvAndLinearParameters();
  std::fill(parameters.array().begin(), parameters.array().end(), 7.0f);
  InitializeParameters(Initializer(), 1, parameters);
  EXPECT_THAT(parameters.view(1).span(), Each(0.0f));
  EXPECT_THAT(parameters.view(3).span(), Each(0.0f));
}

TEST(InitializerTest, NormalizationStartsAsNone) {
  GraphBuilder builder;
  builder.AddInput("x", {5});
  builder.AddLayer("norm", layers::BatchNorm(), {"x"});
  Parameters parameters = *Parameters::Create(*builder.Build());
  std::fill(parameters.array().begin(), parameters.array().end(), 7.0f);
  InitializeParameters(Initializer(), 1, parameters);
  EXPECT_THAT(parameters.view(0).span(), Each(1.0f));  // Scale.
  EXPECT_THAT(parameters.view(1).span(), Each(0.0f));  // Bias.
  EXPECT_THAT(parameters.view(2).span(), Each(0.0f));  // Mean.
  EXPECT_THAT(parameters.view(3).span(), Each(1.0f));  // Variance.
}

TEST(InitializerTest, SeedsAndParametersDiffer) {
  Parameters a = ConvAndLinearParameters();
  Parameters b = ConvAndLinearParameters();
  InitializeParameters(Initializer(), 1, a);
  InitializeParameters(Initializer(), 1, b);
  EXPECT_EQ(a.view(0).span(), b.view(0).span());
  InitializeParameters(Initializer(), 2, b);
  EXPECT_NE(a.view(0).span(), b.view(0).span());
  EXPECT_NE(a.view(0)[0] / std::sqrt(6.0 / 350),
            a.view(2)[0] / std::sqrt(6.0 / 410));
}

}  // namespace
}  // namespace lenslet
