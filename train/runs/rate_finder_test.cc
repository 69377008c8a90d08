#include "lenslet/train/runs/rate_finder.h"

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/basic_sources.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Gradient descent on x^2 / 2 from x = 1, whose steps multiply x by 1 - rate:
// it falls fastest at rate 1 and grows above rate 2.
class Quadratic {
 public:
  absl::StatusOr<double> operator()(double rate) {
    const double loss = x_ * x_ / 2;
    x_ *= 1 - rate;
    return loss;
  }

 private:
  double x_ = 1;
};

TEST(RateFinderTest, RatesGrowByTheSameFactor) {
  std::vector<double> rates;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RateRange range,
      FindRates({.min_rate = 0.001, .max_rate = 1, .steps = 10},
                [&](double rate) -> absl::StatusOr<double> {
                  rates.push_back(rate);
                  return 1;
                }));
  ASSERT_THAT(rates, SizeIs(10));
  EXPECT_DOUBLE_EQ(rates[0], 0.001);
  EXPECT_DOUBLE_EQ(rates[3], 0.01);
  EXPECT_DOUBLE_EQ(rates[9], 1);
  EXPECT_THAT(range.points, SizeIs(10));
  // Nothing falls.
  EXPECT_FALSE(range.steepest_rate.has_value());
  EXPECT_EQ(range.stopped, "");
}

TEST(RateFinderTest, LossesAreSmoothedWithoutTheZeroOfTheBeginning) {
  double loss = 0;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RateRange range,
      FindRates({.steps = 10, .smoothing = 0.5},
                [&](double) -> absl::StatusOr<double> { return loss += 1; }));
  // 1; (1 / 4 + 2 / 2) / (3 / 4); (1 / 8 + 2 / 4 + 3 / 2) / (7 / 8).
  EXPECT_DOUBLE_EQ(range.points[0].smoothed, 1);
  EXPECT_DOUBLE_EQ(range.points[1].smoothed, 5.0 / 3);
  EXPECT_DOUBLE_EQ(range.points[2].smoothed, 17.0 / 7);
  EXPECT_EQ(range.points[2].loss, 3);
  EXPECT_FALSE(range.lowest_rate.has_value());
  // The mean of the last few is above 4 at the seventh at the latest.
  EXPECT_THAT(range.stopped, HasSubstr("more than 4 times its lowest"));
}

TEST(RateFinderTest, SuggestsARateThatConvergesOnAQuadratic) {
  Quadratic quadratic;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RateRange range,
      FindRates({}, [&](double rate) { return quadratic(rate); }));
  // Below 2 / steps nothing has moved yet; above 2 it diverges.
  ASSERT_TRUE(range.steepest_rate.has_value());
  EXPECT_GT(*range.steepest_rate, 0.02);
  EXPECT_LT(*range.steepest_rate, 2);
  ASSERT_TRUE(range.lowest_rate.has_value());
  EXPECT_GT(*range.lowest_rate, *range.steepest_rate);
  EXPECT_LT(*range.lowest_rate / 10, 2);
}

TEST(RateFinderTest, DivergenceEndsTheTest) {
  Quadratic quadratic;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RateRange rises,
      FindRates({.min_rate = 0.5, .max_rate = 1000},
                [&](double rate) { return quadratic(rate); }));
  EXPECT_LT(rises.points.size(), 100u);
  EXPECT_THAT(rises.stopped, HasSubstr("times its lowest"));

  // 20 losses that fall, and then this.
  const auto find = [](const absl::StatusOr<double>& last) {
    int i = 0;
    return FindRates({}, [&](double) -> absl::StatusOr<double> {
      return ++i <= 20 ? 3.0 - 0.1 * i : last;
    });
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(const RateRange not_finite,
                               find(std::numeric_limits<double>::infinity()));
  EXPECT_THAT(not_finite.points, SizeIs(20));
  EXPECT_EQ(not_finite.stopped, "the loss is inf");
  LENSLET_ASSERT_OK_AND_ASSIGN(const RateRange failed,
                               find(absl::FailedPreconditionError("diverged")));
  EXPECT_THAT(failed.points, SizeIs(20));
  EXPECT_EQ(failed.stopped, "diverged");
  EXPECT_THAT(
      find(absl::ResourceExhaustedError("memory")).status(),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("memory")));
}

TEST(RateFinderTest, NoPointAtAllIsAnError) {
  EXPECT_THAT(FindRates({},
                        [](double) -> absl::StatusOr<double> {
                          return absl::FailedPreconditionError("nan");
                        })
                  .status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("the first step fails: nan")));
}

TEST(RateFinderTest, OptionsOutOfRangeAreErrors) {
  const auto expect_error = [](const RateFinderOptions& options,
                               const char* part) {
    Quadratic quadratic;
    EXPECT_THAT(FindRates(options, [&](double rate) { return quadratic(rate); })
                    .status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)));
  };
  expect_error({.min_rate = 0}, "min_rate is 0");
  expect_error({.min_rate = 1, .max_rate = 1}, "max_rate is 1");
  expect_error({.max_rate = INFINITY}, "max_rate is inf");
  expect_error({.steps = 9}, "steps is 9");
  expect_error({.smoothing = 1}, "smoothing is 1");
  expect_error({.stop_factor = 0.5}, "stop_factor is 0.5");
}

TEST(RateFinderTest, TheTextHasAPlotAndBothSuggestions) {
  RateRange range = {.points = {{.rate = 0.001, .loss = 2, .smoothed = 2},
                                {.rate = 0.01, .loss = 1, .smoothed = 1},
                                {.rate = 0.1, .loss = 2, .smoothed = 1.5},
                                {.rate = 1, .loss = 9, .smoothed = 5}},
                     .steepest_rate = 0.005,
                     .lowest_rate = 0.01,
                     .stopped = "why"};
  EXPECT_EQ(RateText(range),
            "    rate    loss\n"
            "1.00e-03  2.0000  ########################################\n"
            "1.00e-02  1.0000\n"
            "1.00e-01  1.5000  ####################\n"
            "1.00e+00  5.0000  ########################################>\n"
            "\n"
            "stopped after a rate of 1.00e+00: why\n"
            "\n"
            "steepest fall of the loss:      0.005\n"
            "a tenth of where it is lowest:  0.001  (lowest at 0.01)\n");
  EXPECT_EQ(RateCsv(range),
            "rate,loss,smoothed_loss\n0.001,2,2\n0.01,1,1\n0.1,2,1.5\n1,9,5\n");
  range.steepest_rate = range.lowest_rate = std::nullopt;
  EXPECT_THAT(RateText(range, /*lines=*/1),
              EndsWith("no suggestion: the loss does not fall\n"));
}

TEST(RateFinderTest, ARunIsTestedWithAnyNumberOfThreads) {
  const RecipeProto recipe = RecipeForRateFinder(ParseRecipe(R"(
        model: "lenet"
        data { synthetic { shape: [28, 28, 1] train_examples: 160 noise: 0 } }
        batch_size: 32
        epochs: 1
        learning_rate: 0.1
        schedule { cosine { end_rate: 0.05 } })",
                                                             "r")
                                                     ->recipe);
  std::vector<double> losses[2];
  for (const int threads : {1, 2}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const std::unique_ptr<TrainingRun> run,
        TrainingRun::Create(recipe, {.data_sources = BasicDataSources(),
                                     .threads = threads,
                                     .run_dir = "",
                                     .output = "",
                                     .argv0 = ""}));
    // Two epochs and more.
    LENSLET_ASSERT_OK_AND_ASSIGN(const RateRange range,
                                 FindRates({.steps = 12}, *run));
    for (const RatePoint& point : range.points) {
      losses[threads - 1].push_back(point.loss);
    }
  }
  EXPECT_THAT(losses[0], SizeIs(12));
  EXPECT_EQ(losses[0], losses[1]);
}

}  // namespace
}  // namespace lenslet
