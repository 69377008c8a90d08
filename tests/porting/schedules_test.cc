// The learning rate schedules of docs/porting.md.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tests/porting/porting.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/reduce_on_plateau.h"
#include "lenslet/train/schedule.h"

namespace lenslet {
namespace {

constexpr double kBaseRate = 0.5;
constexpr int64_t kEpochs = 10;
constexpr int64_t kStepsPerEpoch = 7;
constexpr int64_t kTotal = kEpochs * kStepsPerEpoch;

// Of rates below 1, in double.
constexpr double kRateTolerance = 1e-14;

ScheduleSpec OnPage10x7(const char* fields) {
  return ScheduleOnPage(fields, kBaseRate, kEpochs, kStepsPerEpoch);
}

// Compares the rates of all steps with expected(step).
template <typename Function>
void ExpectRates(const ScheduleSpec& spec, const Function& expected,
                 int64_t every = 1) {
  for (int64_t step = 0; step < kTotal; step += every) {
    EXPECT_NEAR(LearningRate(spec, step), expected(step), kRateTolerance)
        << "step " << step;
  }
}

int64_t EpochOf(int64_t step) { return step / kStepsPerEpoch; }

TEST(PortingScheduleTest, StepLr) {
  ExpectRates(OnPage10x7("schedule { step { every_epochs: 3 gamma: 0.1 } }"),
              [](int64_t step) {
                double rate = kBaseRate;  // The chainable form.
                for (int64_t epoch = 1; epoch <= EpochOf(step); ++epoch) {
                  if (epoch % 3 == 0) rate *= 0.1;
                }
                return rate;
              });
}

TEST(PortingScheduleTest, MultiStepLr) {
  ExpectRates(OnPage10x7("schedule { multi_step { epoch: 3 epoch: 8 } }"),
              [](int64_t step) {
                double rate = kBaseRate;
                for (const int64_t milestone : {3, 8}) {
                  if (EpochOf(step) >= milestone) rate *= 0.1;
                }
                return rate;
              });
}

// The boundary is the last step with the old value.
TEST(PortingScheduleTest, PiecewiseConstantDecayIsOneStepLater) {
  const auto keras = [](int64_t step) {
    return step <= 20 ? kBaseRate : kBaseRate * 0.25;
  };
  ScheduleSpec spec = {.kind = ScheduleKind::kMultiStep,
                       .base_rate = kBaseRate,
                       .gamma = 0.25,
                       .milestones = {20 + 1}};
  LENSLET_ASSERT_OK(Check(spec));
  ExpectRates(spec, keras);
  spec.milestones = {20};
  EXPECT_NE(LearningRate(spec, 20), keras(20));
}

// ExponentialLR changes the rate once an epoch.
TEST(PortingScheduleTest, ExponentialLr) {
  const auto pytorch = [](int64_t step) {
    return kBaseRate * std::pow(0.9, EpochOf(step));
  };
  ExpectRates(OnPage10x7("schedule { step { every_epochs: 1 gamma: 0.9 } }"),
              pytorch);
  const ScheduleSpec smooth =
      OnPage10x7("schedule { exponential { gamma: 0.9 } }");
  ExpectRates(smooth, pytorch, kStepsPerEpoch);
  EXPECT_LT(LearningRate(smooth, 3), pytorch(3));
}

TEST(PortingScheduleTest, ExponentialDecay) {
  ExpectRates(OnPage10x7("schedule { exponential { epochs: 2 gamma: 0.9 } }"),
              [](int64_t step) {
                return kBaseRate * std::pow(0.9, static_cast<double>(step) /
                                                     (2 * kStepsPerEpoch));
              });
  // staircase=True
  ExpectRates(OnPage10x7("schedule { step { every_epochs: 2 gamma: 0.9 } }"),
              [](int64_t step) {
                return kBaseRate *
                       std::pow(0.9, std::floor(static_cast<double>(
                                         step / (2 * kStepsPerEpoch))));
              });
}

// CosineAnnealingLR(T_max=epochs, eta_min) changes the rate once an epoch.
TEST(PortingScheduleTest, CosineAnnealingLr) {
  const auto pytorch = [](double epochs) {
    return 0.01 + (kBaseRate - 0.01) *
                      (1 + std::cos(std::numbers::pi * epochs / kEpochs)) / 2;
  };
  const ScheduleSpec spec =
      OnPage10x7("schedule { cosine { end_rate: 0.01 } }");
  ExpectRates(
      spec, [&](int64_t step) { return pytorch(EpochOf(step)); },
      kStepsPerEpoch);
  // With scheduler.step() after each batch, and T_max the number of steps.
  ExpectRates(spec, [&](int64_t step) {
    return pytorch(static_cast<double>(step) / kStepsPerEpoch);
  });
  EXPECT_LT(LearningRate(spec, 3), pytorch(0));
}

// alpha is a fraction of the rate.
TEST(PortingScheduleTest, CosineDecay) {
  constexpr double kAlpha = 0.02;
  const auto decayed = [](double from, int64_t step, int64_t steps) {
    const double cosine =
        0.5 * (1 + std::cos(std::numbers::pi * std::min(step, steps) / steps));
    return from * ((1 - kAlpha) * cosine + kAlpha);
  };
  ExpectRates(OnPage10x7("schedule { cosine { end_rate: 0.01 } }"),
              [&](int64_t step) { return decayed(kBaseRate, step, kTotal); });
  // warmup_target=kBaseRate, initial_learning_rate=0.1; decay_steps are those
  // after the warm-up.
  constexpr int64_t kWarmup = 2 * kStepsPerEpoch;
  ExpectRates(OnPage10x7("schedule { cosine { end_rate: 0.01 } "
                         "warmup_epochs: 2 warmup_start_rate: 0.1 }"),
              [&](int64_t step) {
                return step < kWarmup ? 0.1 + (kBaseRate - 0.1) * step / kWarmup
                                      : decayed(kBaseRate, step - kWarmup,
                                                kTotal - kWarmup);
              });
}

// OneCycleLR(max_lr=kBaseRate, total_steps=kTotal): phases end in steps
// pct_start * total - 1 and total - 1.
double OneCycleLr(int64_t step, bool cosine) {
  const double start = kBaseRate / 25;
  const double end = start / 1e4;
  const double peak = 0.3 * kTotal - 1;
  const auto mix = [&](double a, double b, double f) {
    return cosine ? b + (a - b) / 2 * (1 + std::cos(std::numbers::pi * f))
                  : (b - a) * f + a;
  };
  if (step <= peak) return mix(start, kBaseRate, step / peak);
  return mix(kBaseRate, end, (step - peak) / (kTotal - 1 - peak));
}

TEST(PortingScheduleTest, OneCycleLrInCpp) {
  for (const bool cosine : {true, false}) {
    const ScheduleSpec spec = {
        .kind = ScheduleKind::kOneCycle,
        .base_rate = kBaseRate / 25,
        .length = kTotal - 1,
        .end_rate = kBaseRate / 25e4,
        .peak_rate = kBaseRate,
        .peak_step = kTotal * 3 / 10 - 1,
        .shape = cosine ? CycleShape::kCosine : CycleShape::kLinear};
    LENSLET_ASSERT_OK(Check(spec));
    ExpectRates(spec, [&](int64_t step) { return OneCycleLr(step, cosine); });
    if (!cosine) continue;
    const ScheduleSpec in_a_recipe = ScheduleOnPage(
        "schedule { in_steps { kind: ONE_CYCLE cosine: true length: 69 "
        "end_rate: 2e-6 peak_rate: 0.5 peak_step: 20 } }",
        kBaseRate / 25, kEpochs, kStepsPerEpoch);
    EXPECT_TRUE(in_a_recipe == spec);
  }
}

// A recipe's phases are one step longer. Defaults: straight lines to 0.
TEST(PortingScheduleTest, OneCycleLrInARecipe) {
  const ScheduleSpec spec =
      OnPage10x7("schedule { one_cycle { cosine: true end_rate: 2e-6 } }");
  EXPECT_EQ(spec.end_rate, kBaseRate / 25e4);
  EXPECT_NEAR(LearningRate(spec, 0), OneCycleLr(0, true), kRateTolerance);
  const int64_t peak = kTotal * 3 / 10;
  EXPECT_EQ(LearningRate(spec, peak), kBaseRate);
  EXPECT_NEAR(OneCycleLr(peak - 1, true), kBaseRate, kRateTolerance);
  EXPECT_EQ(LearningRate(spec, kTotal), spec.end_rate);
  EXPECT_NEAR(OneCycleLr(kTotal - 1, true), spec.end_rate, kRateTolerance);
  const ScheduleSpec defaults = OnPage10x7("schedule { one_cycle {} }");
  EXPECT_EQ(defaults.shape, CycleShape::kLinear);
  EXPECT_EQ(defaults.end_rate, 0);
  EXPECT_EQ(defaults.base_rate, kBaseRate / 25);
}

// PolynomialLR(total_iters=epochs) changes the rate once an epoch.
TEST(PortingScheduleTest, PolynomialLr) {
  const ScheduleSpec spec = OnPage10x7("schedule { polynomial { power: 2 } }");
  ExpectRates(
      spec,
      [](int64_t step) {
        double rate = kBaseRate;  // The chainable form.
        for (int64_t epoch = 1; epoch <= EpochOf(step); ++epoch) {
          const double now = epoch;
          rate *= std::pow((1 - now / kEpochs) / (1 - (now - 1) / kEpochs), 2);
        }
        return rate;
      },
      kStepsPerEpoch);
}

// PolynomialDecay's default end_learning_rate is 0.0001.
TEST(PortingScheduleTest, PolynomialDecay) {
  ExpectRates(
      OnPage10x7("schedule { polynomial { power: 2 end_rate: 0.0001 } }"),
      [](int64_t step) {
        const double left = 1 - static_cast<double>(step) / kTotal;
        return (kBaseRate - 0.0001) * left * left + 0.0001;
      });
  EXPECT_EQ(OnPage10x7("schedule { polynomial { power: 2 } }").end_rate, 0);
}

// InverseTimeDecay(decay_steps=steps per epoch, decay_rate=0.5).
TEST(PortingScheduleTest, InverseTimeDecay) {
  ExpectRates(OnPage10x7("schedule { inverse { decay: 0.5 } }"),
              [](int64_t step) {
                return kBaseRate /
                       (1 + 0.5 * static_cast<double>(step) / kStepsPerEpoch);
              });
}

// LinearLR(start_factor=0.2, total_iters=14), stepped after each batch.
TEST(PortingScheduleTest, LinearLrIsAWarmUp) {
  ExpectRates(
      OnPage10x7("schedule { warmup_epochs: 2 warmup_start_rate: 0.1 }"),
      [](int64_t step) {
        const double done = std::min<double>(step, 14) / 14;
        return kBaseRate * (0.2 + (1 - 0.2) * done);
      });
}

// Losses with runs of epochs without improvement of all lengths.
const std::vector<double>& EpochLosses() {
  static const auto* const losses = new std::vector<double>{
      5,   4,   4,   3,   3,   3.5, 2,   2,   2.1, 2.2, 1,   1,   1,   1.1,
      1,   0.9, 0.9, 1,   1,   1,   1,   0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8,
      0.8, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7};
  return *losses;
}

// ReduceLROnPlateau(factor=0.5, patience, threshold, threshold_mode='abs',
// min_lr).
class PytorchPlateau {
 public:
  PytorchPlateau(double rate, int64_t patience, double threshold = 0,
                 double min_rate = 0)
      : rate_(rate),
        patience_(patience),
        threshold_(threshold),
        min_rate_(min_rate) {}

  double Step(double loss) {
    if (loss < best_ - threshold_) {
      best_ = loss;
      bad_epochs_ = 0;
    } else {
      ++bad_epochs_;
    }
    if (bad_epochs_ > patience_) {
      const double lower = std::max(rate_ * 0.5, min_rate_);
      if (rate_ - lower > 1e-8) rate_ = lower;
      bad_epochs_ = 0;
    }
    return rate_;
  }

 private:
  double rate_;
  int64_t patience_;
  double threshold_;
  double min_rate_;
  double best_ = std::numeric_limits<double>::infinity();
  int64_t bad_epochs_ = 0;
};

PlateauOptions PlateauOnPage(const char* fields) {
  return MakePlateauOptions(RecipeOnPage(fields).reduce_on_plateau());
}

TEST(PortingScheduleTest, PatienceOfPytorchIsOneLess) {
  constexpr double kLarge = 0x1p20;  // PyTorch ignores drops below 1e-8.
  for (int64_t patience = 0; patience <= 4; ++patience) {
    ReduceOnPlateau ours =
        *ReduceOnPlateau::Create({.gamma = 0.5, .patience = patience + 1});
    PytorchPlateau pytorch(kLarge, patience);
    int drops = 0;
    for (const double loss : EpochLosses()) {
      const double before = ours.state().factor;
      EXPECT_EQ(kLarge * ours.Update(loss), pytorch.Step(loss));
      drops += ours.state().factor < before;
    }
    EXPECT_GT(drops, 1);
  }
  // PyTorch's default of 10.
  const PlateauOptions options =
      PlateauOnPage("reduce_on_plateau { patience: 11 }");
  EXPECT_EQ(options.patience, 11);
  EXPECT_EQ(options.gamma, 0.1);
}

// Keras: wait >= patience. Its default min_delta is 1e-4.
TEST(PortingScheduleTest, PlateauOfKeras) {
  PlateauOptions options =
      PlateauOnPage("reduce_on_plateau { min_change: 1e-4 }");
  EXPECT_EQ(options.patience, 10);
  for (int64_t patience = 1; patience <= 4; ++patience) {
    options.patience = patience;
    ReduceOnPlateau ours = *ReduceOnPlateau::Create(options);
    double rate = 1;
    double best = std::numeric_limits<double>::infinity();
    int64_t wait = 0;
    for (double loss : EpochLosses()) {
      if (loss == 0.8) loss = 0.9 - 0.5e-4;  // Too small an improvement.
      if (loss < best - 1e-4) {
        best = loss;
        wait = 0;
      } else if (++wait >= patience) {
        rate *= 0.1;
        wait = 0;
      }
      EXPECT_DOUBLE_EQ(ours.Update(loss), rate);
    }
    EXPECT_LT(rate, 0.1);
  }
}

TEST(PortingScheduleTest, ThresholdOfPlateausIsAbsolute) {
  ReduceOnPlateau ours = *ReduceOnPlateau::Create(
      {.gamma = 0.5, .patience = 2, .min_change = 0.25});
  PytorchPlateau pytorch(1, 1, 0.25);
  for (const double loss : EpochLosses()) {
    EXPECT_EQ(ours.Update(loss), pytorch.Step(loss));
  }
  // threshold_mode='rel', the default: 1e-4 of a best loss of 1000 is 0.1.
  ReduceOnPlateau absolute =
      *ReduceOnPlateau::Create({.patience = 1, .min_change = 1e-4});
  absolute.Update(1000);
  EXPECT_FALSE(999.95 < 1000 * (1 - 1e-4));  // PyTorch: no improvement.
  EXPECT_EQ(absolute.Update(999.95), 1);     // Here it is one.
}

// min_factor is a part of the rate, min_lr a rate.
TEST(PortingScheduleTest, MinLrIsAFactor) {
  constexpr double kStart = 0.25;
  ReduceOnPlateau ours = *ReduceOnPlateau::Create(
      {.gamma = 0.5, .patience = 1, .min_factor = 0.0625 / kStart});
  PytorchPlateau pytorch(kStart, 0, 0, 0.0625);
  for (const double loss : EpochLosses()) {
    EXPECT_EQ(kStart * ours.Update(loss), pytorch.Step(loss));
  }
  EXPECT_EQ(kStart * ours.state().factor, 0.0625);
  OnPage("min_factor");
}

}  // namespace
}  // namespace lenslet
