// Reduces the learning rate when the loss stops falling.
//
// After each epoch, given its loss (for example on the validation set):
//
//   loss < best - min_change:  best <- loss,  e <- 0
//   otherwise:                 e <- e + 1
//   e >= patience:             factor <- max(gamma factor, min_factor),  e <- 0
//
// Before the first epoch, best is infinite, e = 0 and factor = 1. The learning
// rate is the factor times the schedule's rate (train/schedule.h).
//
// Source: He, Zhang, Ren and Sun, "Deep residual learning for image
// recognition", 2016: the rate "is divided by 10 when the error plateaus".

#ifndef LENSLET_TRAIN_REDUCE_ON_PLATEAU_H_
#define LENSLET_TRAIN_REDUCE_ON_PLATEAU_H_

#include <cstdint>
#include <limits>

#include "absl/status/statusor.h"

namespace lenslet {

struct PlateauOptions {
  double gamma = 0.1;     // The factor of one drop, in (0, 1).
  int64_t patience = 10;  // Epochs without improvement, in a row; at least 1.
  double min_change = 0;  // At least 0, in the loss's unit.
  double min_factor = 0;  // In [0, 1].
};

// The state to keep in a checkpoint. The defaults are the values before the
// first epoch.
struct PlateauState {
  double best = std::numeric_limits<double>::infinity();  // Not NaN.
  int64_t epochs_without_improvement = 0;                 // At least 0.
  double factor = 1;                                      // In [0, 1].
};

class ReduceOnPlateau {
 public:
  // Resumes from `state`, which may come from different options. Errors:
  // InvalidArgument, with the field and its value, for a field out of its
  // range.
  static absl::StatusOr<ReduceOnPlateau> Create(const PlateauOptions& options,
                                                const PlateauState& state = {});

  // Call after each epoch. Lower is better, so negate accuracies. NaN is not an
  // improvement. Returns the factor for the next epoch, which never exceeds the
  // current one.
  double Update(double loss);

  const PlateauState& state() const { return state_; }

 private:
  ReduceOnPlateau(const PlateauOptions& options, const PlateauState& state)
      : options_(options), state_(state) {}

  PlateauOptions options_;
  PlateauState state_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_REDUCE_ON_PLATEAU_H_
