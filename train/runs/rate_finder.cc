#include "lenslet/train/runs/rate_finder.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_table.h"
#include "lenslet/data/batches.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

absl::Status Check(const RateFinderOptions& options) {
  if (!(options.min_rate > 0) || !std::isfinite(options.min_rate)) {
    return BadValue("min_rate", options.min_rate, "a finite number above 0");
  }
  if (!(options.max_rate > options.min_rate) ||
      !std::isfinite(options.max_rate)) {
    return BadValue("max_rate", options.max_rate,
                    "a finite number above min_rate");
  }
  if (options.steps < 10)
    return BadValue("steps", options.steps, "at least 10");
  if (!(options.smoothing >= 0 && options.smoothing < 1)) {
    return BadValue("smoothing", options.smoothing, "a number in [0, 1)");
  }
  if (!(options.stop_factor >= 1)) {
    return BadValue("stop_factor", options.stop_factor, "at least 1");
  }
  return absl::OkStatus();
}

void Suggest(RateRange& range) {
  const std::vector<RatePoint>& points = range.points;
  const size_t lowest =
      std::min_element(points.begin(), points.end(),
                       [](const RatePoint& a, const RatePoint& b) {
                         return a.smoothed < b.smoothed;
                       }) -
      points.begin();
  if (lowest > 0) range.lowest_rate = points[lowest].rate;
  const size_t half = std::max<size_t>(1, points.size() / 20);
  double steepest = 0;
  for (size_t i = points.size() / 5 + half;
       i < lowest && i + half < points.size(); ++i) {
    const double slope =
        (points[i + half].smoothed - points[i - half].smoothed) /
        std::log(points[i + half].rate / points[i - half].rate);
    if (slope < steepest) {
      steepest = slope;
      range.steepest_rate = points[i].rate;
    }
  }
}

}  // namespace

absl::StatusOr<RateRange> FindRates(
    const RateFinderOptions& options,
    absl::FunctionRef<absl::StatusOr<double>(double rate)> step) {
  LENSLET_RETURN_IF_ERROR(Check(options));
  RateRange range;
  double average = 0;
  double weight = 1;  // Of the zero that the average began with.
  double lowest = 0;
  for (int64_t i = 0; i < options.steps; ++i) {
    const double rate = options.min_rate *
                        std::pow(options.max_rate / options.min_rate,
                                 static_cast<double>(i) / (options.steps - 1));
    const absl::StatusOr<double> loss = step(rate);
    if (absl::IsFailedPrecondition(loss.status())) {
      range.stopped = std::string(loss.status().message());
      break;
    }
    if (!loss.ok()) return loss.status();
    average = options.smoothing * average + (1 - options.smoothing) * *loss;
    weight *= options.smoothing;
    const double smoothed = average / (1 - weight);
    if (!std::isfinite(*loss) || !std::isfinite(smoothed)) {
      range.stopped = absl::StrCat("the loss is ", *loss);
      break;
    }
    range.points.push_back({.rate = rate, .loss = *loss, .smoothed = smoothed});
    lowest = i == 0 ? smoothed : std::min(lowest, smoothed);
    if (smoothed > options.stop_factor * lowest) {
      range.stopped =
          absl::StrFormat("the smoothed loss is more than %g times its lowest",
                          options.stop_factor);
      break;
    }
  }
  if (range.points.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the first step fails: ", range.stopped));
  }
  Suggest(range);
  return range;
}

RecipeProto RecipeForRateFinder(const RecipeProto& recipe) {
  RecipeProto changed = recipe;
  changed.clear_schedule();
  changed.clear_reduce_on_plateau();
  // The trainer's rate is this times a factor.
  changed.set_learning_rate(1);
  return changed;
}

absl::StatusOr<RateRange> FindRates(const RateFinderOptions& options,
                                    TrainingRun& run) {
  Trainer& trainer = run.trainer();
  const int64_t batches_per_epoch = run.steps_per_epoch();
  std::optional<Batches> batches;
  int64_t epoch = -1;
  return FindRates(options, [&](double rate) -> absl::StatusOr<double> {
    const int64_t step = trainer.step();
    if (step / batches_per_epoch != epoch) {
      epoch = step / batches_per_epoch;
      batches.emplace(
          ShuffledIndices(run.data().train.size(), run.recipe().seed(), epoch),
          UpdateSize(run.recipe()));
    }
    trainer.set_rate_factor(rate);
    LENSLET_ASSIGN_OR_RETURN(
        const Metrics metrics,
        trainer.Step(batches->batch(step % batches_per_epoch)));
    return metrics.loss();
  });
}

std::string RateText(const RateRange& range, int lines) {
  constexpr double kBar = 40;
  const size_t size = range.points.size();
  // From the lowest loss to the highest before it, where there is one.
  double lowest = range.points[0].smoothed;
  double highest = lowest, highest_before = lowest;
  for (const RatePoint& point : range.points) {
    highest = std::max(highest, point.smoothed);
    if (point.smoothed < lowest) {
      lowest = point.smoothed;
      highest_before = highest;
    }
  }
  if (highest_before > lowest) highest = highest_before;
  std::vector<std::vector<std::string>> rows = {{"rate", "loss", ""}};
  const size_t stride =
      std::max<size_t>(1, (size + lines - 1) / static_cast<size_t>(lines));
  for (size_t i = 0; i < size; i += stride) {
    const RatePoint& point = range.points[i];
    const double height =
        highest > lowest ? (point.smoothed - lowest) / (highest - lowest) : 0;
    rows.push_back({absl::StrFormat("%.2e", point.rate),
                    absl::StrFormat("%.4f", point.smoothed),
                    height > 1 ? std::string(static_cast<int>(kBar), '#') + '>'
                               : std::string(std::lround(kBar * height), '#')});
  }
  std::string text =
      TextTable({{Align::kRight, Align::kRight, Align::kLeft}}, rows);
  if (!range.stopped.empty()) {
    absl::StrAppendFormat(&text, "\nstopped after a rate of %.2e: %s\n",
                          range.points.back().rate, range.stopped);
  }
  text += '\n';
  if (range.steepest_rate) {
    absl::StrAppendFormat(&text, "steepest fall of the loss:      %.2g\n",
                          *range.steepest_rate);
  }
  if (range.lowest_rate) {
    absl::StrAppendFormat(&text,
                          "a tenth of where it is lowest:  %.2g  (lowest at "
                          "%.2g)\n",
                          *range.lowest_rate / 10, *range.lowest_rate);
  }
  if (!range.steepest_rate && !range.lowest_rate) {
    text += "no suggestion: the loss does not fall\n";
  }
  return text;
}

std::string RateCsv(const RateRange& range) {
  std::string csv = "rate,loss,smoothed_loss\n";
  for (const RatePoint& point : range.points) {
    absl::StrAppendFormat(&csv, "%.9g,%.9g,%.9g\n", point.rate, point.loss,
                          point.smoothed);
  }
  return csv;
}

}  // namespace lenslet
