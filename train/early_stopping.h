// Ends a training when a metric no longer improves.
//
// After each epoch, given its value of the metric:
//
//   value better than best by more than min_change:  best <- value,  e <- 0
//   otherwise:                                       e <- e + 1
//
// The training ends when e >= patience. The first value is an improvement, and
// NaN never is.
//
// Source: Prechelt, "Early stopping - but when?", 1998.

#ifndef LENSLET_TRAIN_EARLY_STOPPING_H_
#define LENSLET_TRAIN_EARLY_STOPPING_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"

namespace lenslet {

struct EarlyStoppingOptions {
  int64_t patience = 10;  // Epochs without improvement, in a row; at least 1.
  double min_change = 0;  // At least 0, in the metric's unit.
  bool higher_is_better = false;
};

// The state to keep in a checkpoint. The defaults are the values before the
// first epoch.
struct EarlyStoppingState {
  std::optional<double> best = std::nullopt;  // Not NaN.
  int64_t best_step = 0;                      // When it was measured.
  int64_t epochs_without_improvement = 0;     // At least 0.
};

class EarlyStopping {
 public:
  // Resumes from `state`, which may come from another patience and min_change.
  // Errors: InvalidArgument, with the field and its value, for a field out of
  // its range.
  static absl::StatusOr<EarlyStopping> Create(
      const EarlyStoppingOptions& options,
      const EarlyStoppingState& state = {});

  // Call after each epoch, which ended at `step`.
  void Update(double value, int64_t step);

  // Whether the training is to end.
  bool stopped() const {
    return state_.epochs_without_improvement >= options_.patience;
  }

  const EarlyStoppingOptions& options() const { return options_; }
  const EarlyStoppingState& state() const { return state_; }

 private:
  EarlyStopping(const EarlyStoppingOptions& options,
                const EarlyStoppingState& state)
      : options_(options), state_(state) {}

  bool Improves(double value) const;

  EarlyStoppingOptions options_;
  EarlyStoppingState state_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_EARLY_STOPPING_H_
