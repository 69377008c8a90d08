#include "lenslet/train/early_stopping.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// The number of values until the end; 0 if it does not come.
int EpochsUntilTheEnd(const EarlyStoppingOptions& options,
                      const std::vector<double>& values) {
  absl::StatusOr<EarlyStopping> stopping = EarlyStopping::Create(options);
  LENSLET_EXPECT_OK(stopping.status());
  for (size_t i = 0; i < values.size(); ++i) {
    stopping->Update(values[i], static_cast<int64_t>(i));
    if (stopping->stopped()) return static_cast<int>(i) + 1;
  }
  return 0;
}

TEST(EarlyStoppingTest, EndsAfterThePatience) {
  // The best is the second; two in a row are not better.
  EXPECT_EQ(EpochsUntilTheEnd({.patience = 2}, {3, 2, 2, 2.5, 1}), 4);
  // An improvement starts the count again.
  EXPECT_EQ(EpochsUntilTheEnd({.patience = 2}, {3, 4, 2, 4, 1, 4, 0}), 0);
  EXPECT_EQ(EpochsUntilTheEnd({.patience = 1}, {3, 3}), 2);
}

TEST(EarlyStoppingTest, OfSomeMetricsHigherIsBetter) {
  const EarlyStoppingOptions options = {.patience = 2,
                                        .higher_is_better = true};
  EXPECT_EQ(EpochsUntilTheEnd(options, {0.1, 0.2, 0.3, 0.4}), 0);
  EXPECT_EQ(EpochsUntilTheEnd(options, {0.4, 0.3, 0.2, 0.1}), 3);
}

TEST(EarlyStoppingTest, ImprovementIsMoreThanTheSmallestChange) {
  EXPECT_EQ(
      EpochsUntilTheEnd({.patience = 2, .min_change = 0.5}, {3, 2.75, 2.5}), 3);
  EXPECT_EQ(
      EpochsUntilTheEnd({.patience = 2, .min_change = 0.5}, {3, 2.75, 2.25}),
      0);
  EXPECT_EQ(EpochsUntilTheEnd(
                {.patience = 2, .min_change = 0.5, .higher_is_better = true},
                {2, 2.25, 2.5}),
            3);
}

TEST(EarlyStoppingTest, NanIsNoImprovement) {
  EXPECT_EQ(EpochsUntilTheEnd({.patience = 2}, {NAN, NAN}), 2);
  EXPECT_EQ(EpochsUntilTheEnd({.patience = 2}, {3, NAN, 2, NAN}), 0);
}

TEST(EarlyStoppingTest, ResumesFromItsState) {
  LENSLET_ASSERT_OK_AND_ASSIGN(EarlyStopping before,
                               EarlyStopping::Create({.patience = 2}));
  before.Update(3, 10);
  before.Update(2, 20);
  before.Update(4, 30);
  EXPECT_EQ(before.state().best, 2);
  EXPECT_EQ(before.state().best_step, 20);
  EXPECT_FALSE(before.stopped());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      EarlyStopping after,
      EarlyStopping::Create({.patience = 2}, before.state()));
  after.Update(2, 40);
  EXPECT_TRUE(after.stopped());
  // A larger patience continues it.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      EarlyStopping patient,
      EarlyStopping::Create({.patience = 3}, after.state()));
  EXPECT_FALSE(patient.stopped());
}

TEST(EarlyStoppingTest, NamesNumbersOutOfRange) {
  const auto refused = [](const char* message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message));
  };
  EXPECT_THAT(EarlyStopping::Create({.patience = 0}).status(),
              refused("patience is 0; expected at least 1"));
  EXPECT_THAT(EarlyStopping::Create({.min_change = -1}).status(),
              refused("min_change is -1"));
  EXPECT_THAT(EarlyStopping::Create({}, {.best = NAN}).status(),
              refused("best is nan"));
  EXPECT_THAT(
      EarlyStopping::Create({}, {.epochs_without_improvement = -1}).status(),
      refused("epochs_without_improvement is -1"));
}

}  // namespace
}  // namespace lenslet
