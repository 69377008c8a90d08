#include "lenslet/train/reduce_on_plateau.h"

#include <algorithm>
#include <cmath>

#include "lenslet/base/bad_value.h"

namespace lenslet {
absl::StatusOr<ReduceOnPlateau> ReduceOnPlateau::Create(
    const PlateauOptions& options, const PlateauState& state) {
  if (!(options.gamma > 0 && options.gamma < 1)) {
    return BadValue("gamma", options.gamma, "a number between 0 and 1");
  }
  if (options.patience < 1) {
    return BadValue("patience", options.patience, "at least 1");
  }
  if (!std::isfinite(options.min_change) || options.min_change < 0) {
    return BadValue("min_change", options.min_change, "a number of at least 0");
  }
  if (!(options.min_factor >= 0 && options.min_factor <= 1)) {
    return BadValue("min_factor", options.min_factor, "a number from 0 to 1");
  }
  if (std::isnan(state.best)) return BadValue("best", state.best, "a number");
  if (state.epochs_without_improvement < 0) {
    return BadValue("epochs_without_improvement",
                    state.epochs_without_improvement, "at least 0");
  }
  if (!(state.factor >= 0 && state.factor <= 1)) {
    return BadValue("factor", state.factor, "a number from 0 to 1");
  }
  return ReduceOnPlateau(options, state);
}

double ReduceOnPlateau::Update(double loss) {
  if (loss < state_.best - options_.min_change) {
    state_.best = loss;
    state_.epochs_without_improvement = 0;
    return state_.factor;
  }
  // With a smaller patience than before there may be more epochs than it.
  if (state_.epochs_without_improvement >= options_.patience - 1) {
    // A factor from before min_factor was raised stays.
    state_.factor =
        std::min(state_.factor,
                 std::max(options_.gamma * state_.factor, options_.min_factor));
    state_.epochs_without_improvement = 0;
  } else {
    ++state_.epochs_without_improvement;
  }
  return state_.factor;
}

}  // namespace lenslet
