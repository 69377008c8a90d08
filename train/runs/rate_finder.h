// The learning-rate range test. It trains for some steps with a growing rate,
//
//   rate(i) = min_rate (max_rate / min_rate)^(i / (steps - 1)),
//
// and finds where the loss falls and where it begins to rise. The loss of a
// step is the loss before its update. It is smoothed:
//
//   average <- smoothing average + (1 - smoothing) loss,
//   smoothed = average / (1 - smoothing^(i + 1)).
//
// The smoothed loss lags by about smoothing / (1 - smoothing) steps.
//
// Source: Smith, "Cyclical learning rates for training neural networks", 2017,
// section 3.3. The two suggested rates are common rules of thumb.

#ifndef LENSLET_TRAIN_RUNS_RATE_FINDER_H_
#define LENSLET_TRAIN_RUNS_RATE_FINDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {

struct RateFinderOptions {
  double min_rate = 1e-5;  // Positive.
  double max_rate = 10;    // More than min_rate, finite.
  int64_t steps = 100;     // At least 10.
  double smoothing = 0.8;  // In [0, 1).
  // The test stops when the smoothed loss exceeds `stop_factor` times its
  // minimum. At least 1.
  double stop_factor = 4;
};

struct RatePoint {
  double rate = 0;
  double loss = 0;  // Finite, as is `smoothed`.
  double smoothed = 0;
};

struct RateRange {
  std::vector<RatePoint> points;
  // The rate where the smoothed loss falls fastest over the logarithm of the
  // rate, before its minimum. The slope is a difference over a tenth of the
  // points. The first two tenths do not count, because averages of few losses
  // are noisy. Absent if the loss does not fall there.
  std::optional<double> steepest_rate;
  // The rate where the smoothed loss is lowest. Absent if that is the first
  // point.
  std::optional<double> lowest_rate;
  // Why the test stopped before max_rate; "" if it did not.
  std::string stopped;
};

// Runs the test. `step` trains one step with the given rate and returns the
// loss before it. A loss that is not finite, or FailedPrecondition, ends the
// test. Errors: InvalidArgument for options out of their range; other errors of
// `step`; FailedPrecondition if the first step ends the test.
absl::StatusOr<RateRange> FindRates(
    const RateFinderOptions& options,
    absl::FunctionRef<absl::StatusOr<double>(double rate)> step);

// Returns the recipe that the test trains, without the schedule's rates.
RecipeProto RecipeForRateFinder(const RecipeProto& recipe);

// Runs the test on a run of RecipeForRateFinder()'s recipe that has not begun.
// Takes the run's batches in order, for as many epochs as needed. The result
// does not depend on the number of threads.
absl::StatusOr<RateRange> FindRates(const RateFinderOptions& options,
                                    TrainingRun& run);

// Formats the result for people. Prints about `lines` lines, at least 1, which
// divide the range evenly. Each has the rate, the smoothed loss and a bar. Bars
// range from the lowest loss to the highest loss before it; a ">" at the end
// marks a higher loss. The two suggestions follow, or the statement that there
// are none. `range` must have a point.
std::string RateText(const RateRange& range, int lines = 25);

// Returns a header "rate,loss,smoothed_loss" and a row for each point.
std::string RateCsv(const RateRange& range);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_RATE_FINDER_H_
