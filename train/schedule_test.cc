#include "lenslet/train/schedule.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

constexpr int64_t kFarBeyond = std::numeric_limits<int64_t>::max();

// The values are worked by hand and about 1 in size; a rate takes fewer than
// ten operations, each with a relative error of at most an epsilon.
constexpr double kRateTolerance = 10 * std::numeric_limits<double>::epsilon();

struct Point {
  int64_t step;
  double rate;
};

void ExpectRates(const ScheduleSpec& spec, const std::vector<Point>& points) {
  LENSLET_ASSERT_OK(Check(spec));
  for (const Point& point : points) {
    EXPECT_NEAR(LearningRate(spec, point.step), point.rate, kRateTolerance)
        << "step " << point.step;
  }
}

TEST(ScheduleTest, Constant) {
  ExpectRates({.base_rate = 0.5}, {{0, 0.5}, {1, 0.5}, {kFarBeyond, 0.5}});
}

TEST(ScheduleTest, Step) {
  ExpectRates({.kind = ScheduleKind::kStep,
               .base_rate = 0.8,
               .gamma = 0.5,
               .interval = 3},
              {{0, 0.8},
               {2, 0.8},
               {3, 0.4},
               {5, 0.4},
               {6, 0.2},
               {9, 0.1},
               {kFarBeyond, 0}});
}

TEST(ScheduleTest, MultiStep) {
  ExpectRates({.kind = ScheduleKind::kMultiStep,
               .base_rate = 1,
               .gamma = 0.1,
               .milestones = {2, 5, 6}},
              {{0, 1},
               {1, 1},
               {2, 0.1},
               {4, 0.1},
               {5, 0.01},
               {6, 0.001},
               {7, 0.001},
               {kFarBeyond, 0.001}});
}

TEST(ScheduleTest, Exponential) {
  // A quarter every two steps: a half every step.
  ExpectRates({.kind = ScheduleKind::kExponential,
               .base_rate = 0.8,
               .gamma = 0.25,
               .interval = 2},
              {{0, 0.8}, {1, 0.4}, {2, 0.2}, {3, 0.1}, {kFarBeyond, 0}});
}

TEST(ScheduleTest, Inverse) {
  // 1 / 1, 1 / 1.5, 1 / 2, 1 / 5; 2^63 steps make 2 / 2^63.
  ExpectRates(
      {.kind = ScheduleKind::kInverse, .base_rate = 1, .decay = 0.5},
      {{0, 1}, {1, 2.0 / 3}, {2, 0.5}, {8, 0.2}, {kFarBeyond, 0x1p-62}});
}

TEST(ScheduleTest, Polynomial) {
  // 0.1 + 0.8 (1 - t / 4)^2: the squares are 1, 9/16, 1/4, 1/16, 0.
  ExpectRates({.kind = ScheduleKind::kPolynomial,
               .base_rate = 0.9,
               .length = 4,
               .end_rate = 0.1,
               .power = 2},
              {{0, 0.9},
               {1, 0.55},
               {2, 0.3},
               {3, 0.15},
               {4, 0.1},
               {5, 0.1},
               {kFarBeyond, 0.1}});
  // A power of one: a straight line.
  ExpectRates(
      {.kind = ScheduleKind::kPolynomial, .base_rate = 0.8, .length = 4},
      {{0, 0.8}, {1, 0.6}, {2, 0.4}, {3, 0.2}, {4, 0}, {5, 0}});
}

TEST(ScheduleTest, Cosine) {
  // 0.1 + 0.4 (1 + cos(pi t / 6)): the cosines are 1, sqrt(3)/2, 1/2, 0, -1/2,
  // -sqrt(3)/2, -1.
  ExpectRates({.kind = ScheduleKind::kCosine,
               .base_rate = 0.9,
               .length = 6,
               .end_rate = 0.1},
              {{0, 0.9},
               {1, 0.5 + 0.2 * std::sqrt(3.0)},
               {2, 0.7},
               {3, 0.5},
               {4, 0.3},
               {5, 0.5 - 0.2 * std::sqrt(3.0)},
               {6, 0.1},
               {7, 0.1},
               {kFarBeyond, 0.1}});
}

//   0.9 |    .
//       |   . .          linear, peak at 2 of 6
//       |  .   .
//   0.1 |.      .
//   0.0 |        ..
TEST(ScheduleTest, OneCycle) {
  ScheduleSpec spec = {.kind = ScheduleKind::kOneCycle,
                       .base_rate = 0.1,
                       .length = 6,
                       .end_rate = 0,
                       .peak_rate = 0.9,
                       .peak_step = 2};
  ExpectRates(spec, {{0, 0.1},
                     {1, 0.5},
                     {2, 0.9},
                     {3, 0.675},
                     {4, 0.45},
                     {5, 0.225},
                     {6, 0},
                     {7, 0},
                     {kFarBeyond, 0}});
  // Down, 0.45 (1 + cos(pi (t - 2) / 4)): the cosines are 1, sqrt(2)/2, 0,
  // -sqrt(2)/2, -1.
  spec.shape = CycleShape::kCosine;
  const double half_root = std::sqrt(2.0) / 2;
  ExpectRates(spec, {{0, 0.1},
                     {1, 0.5},
                     {2, 0.9},
                     {3, 0.45 * (1 + half_root)},
                     {4, 0.45},
                     {5, 0.45 * (1 - half_root)},
                     {6, 0},
                     {7, 0},
                     {kFarBeyond, 0}});
  // Up by a cosine, too: a quarter of the way is less than a quarter up.
  spec.length = 8;
  spec.peak_step = 4;
  ExpectRates(spec, {{0, 0.1},
                     {1, 0.1 + 0.4 * (1 - half_root)},
                     {2, 0.5},
                     {3, 0.1 + 0.4 * (1 + half_root)},
                     {4, 0.9}});
}

// One valid specification of each kind, without warm-up.
std::vector<ScheduleSpec> AllKinds() {
  return {
      {.kind = ScheduleKind::kConstant, .base_rate = 0.7},
      {.kind = ScheduleKind::kStep, .base_rate = 0.7, .interval = 2},
      {.kind = ScheduleKind::kMultiStep, .base_rate = 0.7, .milestones = {1}},
      {.kind = ScheduleKind::kExponential, .base_rate = 0.7, .interval = 2},
      {.kind = ScheduleKind::kInverse, .base_rate = 0.7, .decay = 0.1},
      {.kind = ScheduleKind::kPolynomial,
       .base_rate = 0.7,
       .length = 5,
       .end_rate = 0.1},
      {.kind = ScheduleKind::kCosine,
       .base_rate = 0.7,
       .length = 5,
       .end_rate = 0.1},
      {.kind = ScheduleKind::kOneCycle,
       .base_rate = 0.7,
       .length = 5,
       .end_rate = 0.1,
       .peak_rate = 0.9,
       .peak_step = 2},
  };
}

TEST(ScheduleTest, WarmUpRisesToTheBaseRate) {
  for (ScheduleSpec spec : AllKinds()) {
    SCOPED_TRACE(static_cast<int>(spec.kind));
    spec.warmup_steps = 4;
    ExpectRates(spec, {{0, 0}, {1, 0.175}, {2, 0.35}, {3, 0.525}});
    spec.warmup_start_rate = 0.3;
    ExpectRates(spec, {{0, 0.3}, {1, 0.4}, {2, 0.5}, {3, 0.6}});
    // Without a jump, and without rounding.
    EXPECT_EQ(LearningRate(spec, 4), 0.7);
  }
}

TEST(ScheduleTest, WarmUpDelaysTheRest) {
  for (const ScheduleSpec& spec : AllKinds()) {
    SCOPED_TRACE(static_cast<int>(spec.kind));
    ScheduleSpec delayed = spec;
    delayed.warmup_steps = 3;
    for (int64_t t = 0; t < 8; ++t) {
      EXPECT_EQ(LearningRate(delayed, t + 3), LearningRate(spec, t));
    }
  }
}

TEST(ScheduleTest, EndIsExact) {
  for (const ScheduleSpec& spec : AllKinds()) {
    if (spec.length == 0) continue;
    SCOPED_TRACE(static_cast<int>(spec.kind));
    EXPECT_GT(LearningRate(spec, 4), 0.1);
    EXPECT_EQ(LearningRate(spec, 5), 0.1);
    EXPECT_EQ(LearningRate(spec, 6), 0.1);
  }
}

TEST(ScheduleTest, BetweenEqualRatesNothingIsRounded) {
  for (ScheduleSpec spec : AllKinds()) {
    if (spec.length == 0) continue;
    SCOPED_TRACE(static_cast<int>(spec.kind));
    spec.warmup_steps = 10;
    spec.length = 10;
    // (1 - f) 0.9 + f 0.9 would not be 0.9 for f = 0.2.
    spec.base_rate = 0.9;
    spec.warmup_start_rate = spec.end_rate = spec.peak_rate = spec.base_rate;
    LENSLET_ASSERT_OK(Check(spec));
    for (int64_t step = 0; step < 25; ++step) {
      EXPECT_EQ(LearningRate(spec, step), spec.base_rate) << "step " << step;
    }
  }
}

void ExpectBadSchedule(const ScheduleSpec& spec, const std::string& message) {
  EXPECT_THAT(Check(spec),
              StatusIs(absl::StatusCode::kInvalidArgument, message));
}

TEST(ScheduleTest, BadFieldsOfAllKinds) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (ScheduleSpec spec : AllKinds()) {
    SCOPED_TRACE(static_cast<int>(spec.kind));
    spec.base_rate = 0;
    ExpectBadSchedule(spec, "base_rate is 0; expected a positive number");
    spec.base_rate = kNan;
    ExpectBadSchedule(spec, "base_rate is nan; expected a positive number");
    spec.base_rate = kInfinity;
    ExpectBadSchedule(spec, "base_rate is inf; expected a positive number");
    spec.base_rate = 0.7;
    spec.warmup_steps = -1;
    ExpectBadSchedule(spec, "warmup_steps is -1; expected at least 0");
    spec.warmup_steps = 1;
    spec.warmup_start_rate = 0.8;
    ExpectBadSchedule(
        spec,
        "warmup_start_rate is 0.8; expected a number from 0 to base_rate, 0.7");
    // Without a warm-up nobody looks at it.
    spec.warmup_steps = 0;
    LENSLET_EXPECT_OK(Check(spec));
  }
  ExpectBadSchedule({.kind = static_cast<ScheduleKind>(99), .base_rate = 1},
                    "kind is 99; expected a ScheduleKind");
}

TEST(ScheduleTest, BadDrops) {
  for (ScheduleSpec spec : AllKinds()) {
    if (spec.kind != ScheduleKind::kStep &&
        spec.kind != ScheduleKind::kExponential) {
      continue;
    }
    SCOPED_TRACE(static_cast<int>(spec.kind));
    spec.gamma = 0;
    ExpectBadSchedule(spec,
                      "gamma is 0; expected a number above 0 and at most 1");
    spec.gamma = 1.5;
    ExpectBadSchedule(spec,
                      "gamma is 1.5; expected a number above 0 and at most 1");
    spec.gamma = 1;
    spec.interval = 0;
    ExpectBadSchedule(spec, "interval is 0; expected at least 1");
  }
  ScheduleSpec spec = {.kind = ScheduleKind::kMultiStep, .base_rate = 1};
  ExpectBadSchedule(spec, "milestones are empty; expected at least 1");
  spec.milestones = {0};
  ExpectBadSchedule(spec, "milestones[0] is 0; expected at least 1");
  spec.milestones = {3, 5, 5};
  ExpectBadSchedule(spec, "milestones[2] is 5; expected at least 6");
  spec.gamma = -1;
  ExpectBadSchedule(spec,
                    "gamma is -1; expected a number above 0 and at most 1");
}

TEST(ScheduleTest, BadDecays) {
  ExpectBadSchedule({.kind = ScheduleKind::kInverse, .base_rate = 1},
                    "decay is 0; expected a positive number");
  ExpectBadSchedule({.kind = ScheduleKind::kPolynomial,
                     .base_rate = 1,
                     .length = 1,
                     .power = -2},
                    "power is -2; expected a positive number");
  for (const ScheduleKind kind :
       {ScheduleKind::kPolynomial, ScheduleKind::kCosine}) {
    ScheduleSpec spec = {.kind = kind, .base_rate = 1};
    ExpectBadSchedule(spec, "length is 0; expected at least 1");
    spec.length = 1;
    LENSLET_EXPECT_OK(Check(spec));
    spec.end_rate = 2;
    ExpectBadSchedule(
        spec, "end_rate is 2; expected a number from 0 to base_rate, 1");
    spec.end_rate = -0.5;
    ExpectBadSchedule(
        spec, "end_rate is -0.5; expected a number from 0 to base_rate, 1");
  }
}

TEST(ScheduleTest, BadCycles) {
  ScheduleSpec spec = {.kind = ScheduleKind::kOneCycle, .base_rate = 1};
  spec.length = 1;
  ExpectBadSchedule(spec, "length is 1; expected at least 2");
  spec.length = 4;
  spec.peak_rate = 0.5;
  ExpectBadSchedule(
      spec, "peak_rate is 0.5; expected a number of at least base_rate, 1");
  spec.peak_rate = 3;
  ExpectBadSchedule(spec, "peak_step is 0; expected a step from 1 to 3");
  spec.peak_step = 4;
  ExpectBadSchedule(spec, "peak_step is 4; expected a step from 1 to 3");
  spec.peak_step = 3;
  LENSLET_EXPECT_OK(Check(spec));
  spec.end_rate = 3.5;
  ExpectBadSchedule(
      spec, "end_rate is 3.5; expected a number from 0 to peak_rate, 3");
  spec.shape = static_cast<CycleShape>(7);
  ExpectBadSchedule(spec, "shape is 7; expected a CycleShape");
}

TEST(ScheduleDeathTest, NoStepsBeforeTheFirst) {
  EXPECT_DEATH(LearningRate({.base_rate = 1}, -1), "step >= 0");
}

TEST(ScheduleTest, HoldsTheRateOfTheStepBefore) {
  const ScheduleSpec cosine = {
      .kind = ScheduleKind::kCosine, .base_rate = 1, .length = 4};
  ScheduleSpec held = cosine;
  held.hold_from = 4;
  for (int64_t step = 0; step < 4; ++step) {
    EXPECT_EQ(LearningRate(held, step), LearningRate(cosine, step));
  }
  EXPECT_EQ(LearningRate(cosine, 4), 0);
  EXPECT_EQ(LearningRate(held, 4), LearningRate(cosine, 3));
  EXPECT_EQ(LearningRate(held, 4000), LearningRate(cosine, 3));
  held.hold_from = -1;
  EXPECT_THAT(Check(held), StatusIs(absl::StatusCode::kInvalidArgument,
                                    testing::HasSubstr("hold_from is -1")));
}

TEST(ScheduleTest, OneCycleMovesTheMomentumTheOtherWay) {
  ScheduleSpec cycle = {.kind = ScheduleKind::kOneCycle,
                        .base_rate = 0.25,
                        .warmup_steps = 2,
                        .length = 6,
                        .peak_rate = 1,
                        .peak_step = 2};
  EXPECT_EQ(MomentumOfStep(cycle, 0.75, 4), 0.75);
  cycle.low_momentum = 0.25;
  std::vector<double> momenta;
  for (int64_t step = 0; step < 10; ++step) {
    momenta.push_back(MomentumOfStep(cycle, 0.75, step));
  }
  EXPECT_THAT(momenta, testing::ElementsAre(0.75, 0.75, 0.75, 0.5, 0.25, 0.375,
                                            0.5, 0.625, 0.75, 0.75));
  EXPECT_EQ(MomentumOfStep({.base_rate = 1}, 0.75, 4), 0.75);
  cycle.low_momentum = 1;
  EXPECT_THAT(Check(cycle),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("low_momentum is 1; expected a "
                                          "number in [0, 1)")));
}

}  // namespace
}  // namespace lenslet
