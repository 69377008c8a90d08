#include "lenslet/train/early_stopping.h"

#include <cmath>

#include "lenslet/base/bad_value.h"

namespace lenslet {

absl::StatusOr<EarlyStopping> EarlyStopping::Create(
    const EarlyStoppingOptions& options, const EarlyStoppingState& state) {
  if (options.patience < 1) {
    return BadValue("patience", options.patience, "at least 1");
  }
  if (!std::isfinite(options.min_change) || options.min_change < 0) {
    return BadValue("min_change", options.min_change, "a number of at least 0");
  }
  if (state.best.has_value() && std::isnan(*state.best)) {
    return BadValue("best", *state.best, "a number");
  }
  if (state.epochs_without_improvement < 0) {
    return BadValue("epochs_without_improvement",
                    state.epochs_without_improvement, "at least 0");
  }
  return EarlyStopping(options, state);
}

bool EarlyStopping::Improves(double value) const {
  if (std::isnan(value)) return false;
  if (!state_.best.has_value()) return true;
  return options_.higher_is_better ? value > *state_.best + options_.min_change
                                   : value < *state_.best - options_.min_change;
}

void EarlyStopping::Update(double value, int64_t step) {
  if (Improves(value)) {
    state_ = {.best = value, .best_step = step};
  } else {
    ++state_.epochs_without_improvement;
  }
}

}  // namespace lenslet
