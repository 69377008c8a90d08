// The range test for learning rates: trains for some steps with a rate that
// grows from step to step,
//
//   rate(i) = min_rate (max_rate / min_rate)^(i / (steps - 1)),
//
// and looks where the loss falls and where it begins to rise. The loss of a
// step, from before its update, is smoothed:
//
//   average <- smoothing average + (1 - smoothing) loss,
//   smoothed = average / (1 - smoothing^(i + 1)),
//
// which lags behind by about smoothing / (1 - smoothing) steps.
//
// Source: Smith, "Cyclical learning rates for training neural networks", 2017,
// section 3.3. The two suggestions are rules of thumb of its users.

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
  // The test ends where the smoothed loss is more than so many times its
  // lowest. At least 1.
  double stop_factor = 4;
};

struct RatePoint {
  double rate = 0;
  double loss = 0;  // Finite, as is `smoothed`.
  double smoothed = 0;
};

struct RateRange {
  std::vector<RatePoint> points;
  // Where the smoothed loss falls fastest over the logarithm of the rate,
  // before it is lowest: the difference over a tenth of the points, of which
  // the first two tenths count for nothing, for averages of few losses jump.
  // Nothing if it does not fall there.
  std::optional<double> steepest_rate;
  // Where the smoothed loss is lowest; nothing if that is the first point.
  std::optional<double> lowest_rate;
  // Why it ended before max_rate; "" if it did not.
  std::string stopped;
};

// `step` trains one step with a rate and returns the loss from before it. One
// that is not finite, or FailedPrecondition, ends the test. Errors:
// InvalidArgument for options out of their range; other errors of `step`;
// FailedPrecondition if the first step ends the test.
absl::StatusOr<RateRange> FindRates(
    const RateFinderOptions& options,
    absl::FunctionRef<absl::StatusOr<double>(double rate)> step);

// The recipe as the test trains it: with a rate that is not its schedule's.
RecipeProto RecipeForRateFinder(const RecipeProto& recipe);

// Tests with the steps of a run of such a recipe that has not begun: its
// batches in their order, as many epochs as it takes. The same for any number
// of threads.
absl::StatusOr<RateRange> FindRates(const RateFinderOptions& options,
                                    TrainingRun& run);

// For people: a line for about each of `lines` parts of the range, at least 1,
// with the rate, the smoothed loss and a bar from the lowest of these to the
// highest before it, with ">" at its end for what is higher; then the two
// suggestions, or that there are none. `range` has a point.
std::string RateText(const RateRange& range, int lines = 25);

// "rate,loss,smoothed_loss" and a row for each point.
std::string RateCsv(const RateRange& range);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_RATE_FINDER_H_
