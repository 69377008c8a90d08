#include "lenslet/train/reduce_on_plateau.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/train/testing/float_limits.h"

namespace lenslet {
namespace {

void ExpectState(const ReduceOnPlateau& plateau, double best, int64_t epochs,
                 double factor) {
  EXPECT_EQ(plateau.state().best, best);
  EXPECT_EQ(plateau.state().epochs_without_improvement, epochs);
  EXPECT_EQ(plateau.state().factor, factor);
}

TEST(ReduceOnPlateauTest, DropsAfterThePatience) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      ReduceOnPlateau plateau,
      ReduceOnPlateau::Create({.gamma = 0.5, .patience = 2}));
  ExpectState(plateau, kInfinity, 0, 1);
  EXPECT_EQ(plateau.Update(3), 1);
  EXPECT_EQ(plateau.Update(2), 1);
  ExpectState(plateau, 2, 0, 1);
  EXPECT_EQ(plateau.Update(2), 1);  // The same is no improvement.
  ExpectState(plateau, 2, 1, 1);
  EXPECT_EQ(plateau.Update(1), 1);  // In a row, or it does not count.
  ExpectState(plateau, 1, 0, 1);
  EXPECT_EQ(plateau.Update(4), 1);
  EXPECT_EQ(plateau.Update(3), 0.5);  // Better than the last, not the best.
  ExpectState(plateau, 1, 0, 0.5);
  EXPECT_EQ(plateau.Update(1), 0.5);  // The count starts again.
  EXPECT_EQ(plateau.Update(1), 0.25);
  EXPECT_EQ(plateau.Update(0.5), 0.25);  // It never comes back.
  ExpectState(plateau, 0.5, 0, 0.25);
}

TEST(ReduceOnPlateauTest, ImprovementIsMoreThanTheSmallestChange) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      ReduceOnPlateau plateau,
      ReduceOnPlateau::Create({.patience = 10, .min_change = 0.25}));
  plateau.Update(1);
  plateau.Update(0.75);
  ExpectState(plateau, 1, 1, 1);
  plateau.Update(0.5);
  ExpectState(plateau, 0.5, 0, 1);
  plateau.Update(-1);
  ExpectState(plateau, -1, 0, 1);
}

TEST(ReduceOnPlateauTest, StaysAtTheSmallestFactor) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      ReduceOnPlateau plateau,
      ReduceOnPlateau::Create(
          {.gamma = 0.5, .patience = 1, .min_factor = 0.375}));
  EXPECT_EQ(plateau.Update(1), 1);
  EXPECT_EQ(plateau.Update(1), 0.5);
  EXPECT_EQ(plateau.Update(1), 0.375);
  EXPECT_EQ(plateau.Update(1), 0.375);
}

TEST(ReduceOnPlateauTest, LossesThatAreNoNumbersAreNoImprovement) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      ReduceOnPlateau plateau,
      ReduceOnPlateau::Create({.gamma = 0.5, .patience = 2}));
  plateau.Update(kNan);
  ExpectState(plateau, kInfinity, 1, 1);
  plateau.Update(kInfinity);
  ExpectState(plateau, kInfinity, 0, 0.5);
}

TEST(ReduceOnPlateauTest, GoesOnFromItsState) {
  const PlateauOptions options = {.gamma = 0.5, .patience = 3};
  LENSLET_ASSERT_OK_AND_ASSIGN(ReduceOnPlateau whole,
                               ReduceOnPlateau::Create(options));
  for (const double loss : {2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        ReduceOnPlateau resumed,
        ReduceOnPlateau::Create(options, whole.state()));
    whole.Update(loss);
    resumed.Update(loss);
    ExpectState(resumed, whole.state().best,
                whole.state().epochs_without_improvement, whole.state().factor);
  }
  ExpectState(whole, 1, 2, 0.5);
}

TEST(ReduceOnPlateauTest, OptionsMayChange) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      ReduceOnPlateau plateau,
      ReduceOnPlateau::Create(
          {.gamma = 0.5, .patience = 2, .min_factor = 0.5},
          {.best = 1, .epochs_without_improvement = 8, .factor = 0.25}));
  // The factor is below the smallest already: it does not rise.
  EXPECT_EQ(plateau.Update(1), 0.25);
  ExpectState(plateau, 1, 0, 0.25);
}

void ExpectBadPlateau(const PlateauOptions& options, const PlateauState& state,
                      const std::string& message) {
  EXPECT_THAT(ReduceOnPlateau::Create(options, state),
              StatusIs(absl::StatusCode::kInvalidArgument, message));
}

TEST(ReduceOnPlateauTest, BadFields) {
  ExpectBadPlateau({.gamma = 0}, {},
                   "gamma is 0; expected a number between 0 and 1");
  ExpectBadPlateau({.gamma = 1}, {},
                   "gamma is 1; expected a number between 0 and 1");
  ExpectBadPlateau({.patience = 0}, {}, "patience is 0; expected at least 1");
  ExpectBadPlateau({.min_change = -1}, {},
                   "min_change is -1; expected a number of at least 0");
  ExpectBadPlateau({.min_change = kInfinity}, {},
                   "min_change is inf; expected a number of at least 0");
  ExpectBadPlateau({.min_factor = 1.5}, {},
                   "min_factor is 1.5; expected a number from 0 to 1");
  ExpectBadPlateau({}, {.best = kNan}, "best is nan; expected a number");
  ExpectBadPlateau({}, {.epochs_without_improvement = -2},
                   "epochs_without_improvement is -2; expected at least 0");
  ExpectBadPlateau({}, {.factor = 2},
                   "factor is 2; expected a number from 0 to 1");
  ExpectBadPlateau({}, {.factor = -0.5},
                   "factor is -0.5; expected a number from 0 to 1");
}

}  // namespace
}  // namespace lenslet
