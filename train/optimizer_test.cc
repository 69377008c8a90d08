#include "lenslet/train/optimizer.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// Values of about 1 are rounded to floats a few times.
constexpr double kTolerance = 1e-6;

constexpr std::array<OptimizerKind, 7> kKinds = {
    OptimizerKind::kSgd,     OptimizerKind::kMomentum, OptimizerKind::kNesterov,
    OptimizerKind::kAdagrad, OptimizerKind::kRmsprop,  OptimizerKind::kAdam,
    OptimizerKind::kAdamW};

// Values that an optimizer updates, and its state.
class Descent {
 public:
  Descent(const OptimizerSpec& spec, double learning_rate,
          std::vector<float> values)
      : spec_(spec),
        learning_rate_(learning_rate),
        values_(std::move(values)),
        state_(StateArrays(spec.kind), std::vector<float>(values_.size())) {}

  // The next step, by parts that begin at 0 and at `second_part`.
  void Step(absl::Span<const float> gradients, size_t second_part = 0) {
    ++step_;
    UpdatePart(gradients, 0, second_part);
    UpdatePart(gradients, second_part, values_.size());
  }

  const std::vector<float>& values() const { return values_; }

 private:
  void UpdatePart(absl::Span<const float> gradients, size_t begin, size_t end) {
    std::vector<absl::Span<float>> state;
    for (std::vector<float>& array : state_) {
      state.push_back(absl::MakeSpan(array).subspan(begin, end - begin));
    }
    UpdateValues(spec_, learning_rate_, step_,
                 gradients.subspan(begin, end - begin), state,
                 absl::MakeSpan(values_).subspan(begin, end - begin));
  }

  const OptimizerSpec spec_;
  const double learning_rate_;
  int64_t step_ = 0;
  std::vector<float> values_;
  std::vector<std::vector<float>> state_;
};

// The value after each step.
std::vector<double> Values(const OptimizerSpec& spec, double learning_rate,
                           float value, const std::vector<float>& gradients) {
  Descent descent(spec, learning_rate, {value});
  std::vector<double> values;
  for (float gradient : gradients) {
    descent.Step({gradient});
    values.push_back(descent.values()[0]);
  }
  return values;
}

void ExpectNear(const std::vector<double>& actual,
                const std::vector<double>& expected) {
  EXPECT_THAT(actual, ::testing::Pointwise(::testing::DoubleNear(kTolerance),
                                           expected));
}

// 1 - 1/2 * 1 = 1/2;  1/2 + 1/2 * 1 = 1;  1 - 1/2 * 3 = -1/2.
TEST(OptimizerTest, SgdWorkedByHand) {
  ExpectNear(Values({.kind = OptimizerKind::kSgd}, 0.5, 1, {1, -1, 3}),
             {0.5, 1, -0.5});
}

// With momentum 1/2 and rate 1/2:
//   t   dw   u                      w
//   1    1   1                      -1/2
//   2   -1   1/2 - 1 = -1/2         -1/2 + 1/4  = -1/4
//   3    3   -1/4 + 3 = 11/4        -1/4 - 11/8 = -13/8
TEST(OptimizerTest, MomentumWorkedByHand) {
  ExpectNear(Values({.kind = OptimizerKind::kMomentum, .momentum = 0.5}, 0.5, 0,
                    {1, -1, 3}),
             {-0.5, -0.25, -1.625});
}

// With momentum 1/2 and rate 1/2, and so u as above:
//   t   dw   u      dw + u/2              w
//   1    1   1      3/2                   -3/4
//   2   -1   -1/2   -1 - 1/4 = -5/4       -3/4 + 5/8   = -1/8
//   3    3   11/4   3 + 11/8 = 35/8       -1/8 - 35/16 = -37/16
TEST(OptimizerTest, NesterovWorkedByHand) {
  ExpectNear(Values({.kind = OptimizerKind::kNesterov, .momentum = 0.5}, 0.5, 0,
                    {1, -1, 3}),
             {-0.75, -0.125, -2.3125});
}

// Sutskever et al., for the loss w^2 / 2, whose gradient is w:
//   velocity <- momentum velocity - rate (theta + momentum velocity)
//   theta    <- theta + velocity
TEST(OptimizerTest, NesterovIsWhereSutskeverLooksAhead) {
  Descent descent({.kind = OptimizerKind::kNesterov, .momentum = 0.5}, 0.25,
                  {1});
  double theta = 1;
  double velocity = 0;
  for (int step = 0; step < 5; ++step) {
    descent.Step(std::vector<float>(descent.values()));
    velocity = 0.5 * velocity - 0.25 * (theta + 0.5 * velocity);
    theta += velocity;
    EXPECT_NEAR(descent.values()[0], theta + 0.5 * velocity, kTolerance);
  }
}

// The roots of the sums of squares are 3, 5 and 13.
TEST(OptimizerTest, AdagradWorkedByHand) {
  ExpectNear(Values({.kind = OptimizerKind::kAdagrad}, 1, 0, {3, 4, 12}),
             {-1, -1 - 4.0 / 5, -1 - 4.0 / 5 - 12.0 / 13});
}

// With decay 3/4:
//   t   dw   s                         dw / sqrt(s)
//   1    1   1/4                        2
//   2   -1   3/16 + 1/4 = 7/16         -4 / sqrt(7)
//   3    3   21/64 + 9/4 = 165/64      24 / sqrt(165)
TEST(OptimizerTest, RmspropWorkedByHand) {
  const double second = -2 + 4 / std::sqrt(7.0);
  ExpectNear(Values({.kind = OptimizerKind::kRmsprop, .rms_decay = 0.75}, 1, 0,
                    {1, -1, 3}),
             {-2, second, second - 24 / std::sqrt(165.0)});
}

// With beta1 = 1/2 and beta2 = 3/4:
//   t   dw   m                       v                     m^      v^   step
//   1    1   1/2                     1/4                   1       1    1
//   2   -1   1/4 - 1/2 = -1/4        3/16 + 1/4 = 7/16    -1/3     1   -1/3
//   3    3   -1/8 + 3/2 = 11/8       21/64 + 9/4 = 165/64  11/7  165/37
// where m^ = m / (1 - (1/2)^t) and v^ = v / (1 - (3/4)^t). The third step is
// 11/7 / sqrt(165/37) = 0.744138.
TEST(OptimizerTest, AdamWorkedByHand) {
  ExpectNear(Values({.kind = OptimizerKind::kAdam, .beta1 = 0.5, .beta2 = 0.75},
                    1, 0, {1, -1, 3}),
             {-1, -2.0 / 3, -2.0 / 3 - 0.744138});
}

// Adam's steps of above, and a quarter of the value:
//   1    - 1    - 1/4        = -1/4
//   -1/4 + 1/3  + 1/16       = 7/48
//   7/48 - 0.744138 - 7/192  = 21/192 - 0.744138
TEST(OptimizerTest, AdamWWorkedByHand) {
  ExpectNear(Values({.kind = OptimizerKind::kAdamW,
                     .beta1 = 0.5,
                     .beta2 = 0.75,
                     .weight_decay = 0.25},
                    1, 1, {1, -1, 3}),
             {-0.25, 7.0 / 48, 21.0 / 192 - 0.744138});
}

TEST(OptimizerTest, AdamsFirstStepIsTheLearningRateForAnyGradient) {
  Descent descent({.kind = OptimizerKind::kAdam}, 0.5, {1, 1, 1, 1});
  descent.Step({3, -0.001f, 1e6f, 0});
  EXPECT_NEAR(descent.values()[0], 0.5, kTolerance);
  // An epsilon of 1e-8 is 1e-5 of this gradient.
  EXPECT_NEAR(descent.values()[1], 1.5, 1e-5);
  EXPECT_NEAR(descent.values()[2], 0.5, kTolerance);
  EXPECT_EQ(descent.values()[3], 1);
}

// The root is 3/4: 0.75 / (0.75 + 0.25).
TEST(OptimizerTest, EpsilonIsAddedToTheRoot) {
  for (OptimizerKind kind : {OptimizerKind::kAdagrad, OptimizerKind::kRmsprop,
                             OptimizerKind::kAdam, OptimizerKind::kAdamW}) {
    ExpectNear(Values({.kind = kind,
                       .rms_decay = 0,
                       .beta1 = 0,
                       .beta2 = 0,
                       .epsilon = 0.25},
                      1, 0, {0.75f}),
               {-0.75});
  }
}

TEST(OptimizerTest, WeightDecayIsATermOfTheGradientForAllButAdamW) {
  for (OptimizerKind kind : kKinds) {
    if (kind == OptimizerKind::kAdamW) continue;
    Descent decay({.kind = kind, .weight_decay = 0.5}, 0.125, {2});
    Descent no_decay({.kind = kind}, 0.125, {2});
    for (float gradient : {1.0f, -2.0f, 3.0f}) {
      decay.Step({gradient});
      no_decay.Step({gradient + 0.5f * no_decay.values()[0]});
      EXPECT_NEAR(decay.values()[0], no_decay.values()[0], kTolerance);
    }
  }
}

// As parts of 17 values, which no vector register divides.
TEST(OptimizerTest, UpdatingInTwoPartsIsTheSameToTheLastBit) {
  for (OptimizerKind kind : kKinds) {
    const OptimizerSpec spec = {.kind = kind, .weight_decay = 0.01};
    std::vector<float> start(17);
    for (int i = 0; i < 17; ++i) start[i] = std::sin(static_cast<float>(i));
    Descent whole(spec, 0.1, start);
    Descent parts(spec, 0.1, start);
    for (int step = 0; step < 3; ++step) {
      std::vector<float> gradients(17);
      for (int i = 0; i < 17; ++i) {
        gradients[i] = std::cos(static_cast<float>(i + 5 * step));
      }
      whole.Step(gradients);
      parts.Step(gradients, /*second_part=*/6);
      EXPECT_EQ(whole.values(), parts.values());
    }
    EXPECT_NE(whole.values(), start);
  }
}

TEST(OptimizerTest, FieldsOutOfRangeAreErrors) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto expect = [](const OptimizerSpec& spec, const char* message) {
    EXPECT_THAT(
        CheckOptimizer(spec),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  EXPECT_THAT(CheckOptimizer({}), IsOk());
  EXPECT_THAT(
      CheckOptimizer({.momentum = 0, .rms_decay = 0, .beta1 = 0, .beta2 = 0}),
      IsOk());
  expect({.momentum = 1}, "momentum is 1; expected a number in [0, 1)");
  expect({.momentum = -0.5}, "momentum is -0.5; expected a number in [0, 1)");
  expect({.momentum = kNan}, "momentum is nan; expected a number in [0, 1)");
  expect({.rms_decay = 1}, "rms_decay is 1; expected a number in [0, 1)");
  expect({.beta1 = 1.5}, "beta1 is 1.5; expected a number in [0, 1)");
  expect({.beta2 = 1}, "beta2 is 1; expected a number in [0, 1)");
  expect({.epsilon = 0}, "epsilon is 0; expected a positive number");
  expect({.epsilon = kInfinity}, "epsilon is inf; expected a positive number");
  expect({.weight_decay = -1}, "weight_decay is -1; expected a number that is");
  expect({.weight_decay = kNan},
         "weight_decay is nan; expected a number that is");
}

TEST(OptimizerDeathTest, ArraysOfOtherSizesAbort) {
  std::vector<float> two(2), three(3);
  const OptimizerSpec sgd;
  EXPECT_DEATH(UpdateValues(sgd, 1, /*step=*/1, two, {}, absl::MakeSpan(three)),
               "gradients.size");
  const OptimizerSpec momentum = {.kind = OptimizerKind::kMomentum};
  EXPECT_DEATH(
      UpdateValues(momentum, 1, /*step=*/1, two, {}, absl::MakeSpan(two)),
      "state.size");
  EXPECT_DEATH(UpdateValues(momentum, 1, /*step=*/1, two,
                            {absl::MakeSpan(three)}, absl::MakeSpan(two)),
               "array.size");
}

}  // namespace
}  // namespace lenslet
