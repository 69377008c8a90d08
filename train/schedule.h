// The learning rate as a function of the step.
//
// If warmup_steps = w is positive, a warm-up comes first:
//
//   rate = warmup_start_rate + (base_rate - warmup_start_rate) step / w
//
// for step < w. After the warm-up the rate is a function of t = step - w, and
// every kind has base_rate at t = 0. Below, T is `length`, P is `peak_step`,
// and mix(a, b, f) = (1 - f) a + f b.
//
//   constant     base_rate
//   step         base_rate gamma^floor(t / interval)
//   multi-step   base_rate gamma^(number of milestones <= t)
//   exponential  base_rate gamma^(t / interval)
//   inverse      base_rate / (1 + decay t)
//   polynomial   mix(base_rate, end_rate, 1 - (1 - t / T)^power)
//   cosine       mix(base_rate, end_rate, (1 - cos(pi t / T)) / 2)
//   one-cycle    mix(base_rate, peak_rate, s(t / P))               for t < P
//                mix(peak_rate, end_rate, s((t - P) / (T - P)))    from P on
//                with s(f) = f or (1 - cos(pi f)) / 2
//
// The last three kinds stay at end_rate from t = T on. If hold_from = h is
// positive, the rate of step h - 1 stays from step h on.
//
// One-cycle may also move the optimizer's momentum, in the opposite direction:
// with low_momentum = m,
//
//   momentum     mix(momentum, m, s(t / P))                        for t < P
//                mix(m, momentum, s((t - P) / (T - P)))   from P on, until T
//
// and the optimizer's own momentum in the warm-up and from t = T on.
//
// Sources: Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1
// hour", 2017 (warm-up); "Dive into Deep Learning", section "Learning rate
// scheduling" (step, multi-step), and "Stochastic gradient descent"
// (exponential); Robbins and Monro, "A stochastic approximation method", 1951
// (inverse); Chen et al., "DeepLab", 2017 (polynomial); Loshchilov and Hutter,
// "SGDR: stochastic gradient descent with warm restarts", 2017 (cosine, here
// without restarts); Smith and Topin, "Super-convergence: very fast training of
// neural networks using large learning rates", 2018 (one-cycle).

#ifndef LENSLET_TRAIN_SCHEDULE_H_
#define LENSLET_TRAIN_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"

namespace lenslet {

enum class ScheduleKind : uint8_t {
  kConstant,
  kStep,
  kMultiStep,
  kExponential,
  kInverse,
  kPolynomial,
  kCosine,
  kOneCycle,
};

// The shape s of one-cycle's transitions, above.
enum class CycleShape : uint8_t {
  kLinear,
  kCosine,
};

// A step is one update of the parameters. Each kind ignores the fields of the
// others. Fields whose defaults are out of range must be set.
struct ScheduleSpec {
  ScheduleKind kind = ScheduleKind::kConstant;
  // The rate right after the warm-up. Positive.
  double base_rate = 0;

  // All kinds. Steps before base_rate is reached, at least 0.
  int64_t warmup_steps = 0;
  // All kinds with warmup_steps > 0. The rate of the first step, in [0,
  // base_rate]. If it is zero, the first step changes nothing.
  double warmup_start_rate = 0;
  // All kinds. The step from which on the rate is that of the step before: for
  // a training that goes on after the end of its schedule. 0: none.
  int64_t hold_from = 0;

  // Step, multi-step, exponential. The factor per drop, in (0, 1].
  double gamma = 0.1;
  // Step, exponential. Steps per drop by gamma, at least 1.
  int64_t interval = 0;
  // Multi-step. The values of t at which the rate drops: at least one, the
  // first at least 1, ascending.
  std::vector<int64_t> milestones = {};

  // Inverse. Per step; positive.
  double decay = 0;

  // Polynomial, cosine, one-cycle. Steps from the end of the warm-up until
  // end_rate is reached, at least 1.
  int64_t length = 0;
  // Polynomial, cosine, one-cycle. The final rate: at least 0, and at most the
  // rate it falls from, which is base_rate or one-cycle's peak_rate.
  double end_rate = 0;
  // Polynomial. Positive; 1 is a straight line.
  double power = 1;

  // One-cycle. The highest rate, at least base_rate.
  double peak_rate = 0;
  // One-cycle. The t of the highest rate, in [1, length - 1].
  int64_t peak_step = 0;
  // One-cycle.
  CycleShape shape = CycleShape::kLinear;
  // One-cycle. The momentum at the highest rate, in [0, 1). Absent: the
  // momentum is constant.
  std::optional<double> low_momentum = std::nullopt;

  friend bool operator==(const ScheduleSpec&, const ScheduleSpec&) = default;
};

// The same with times in epochs and, for polynomial, cosine and one-cycle, an
// end that is the end of the training. So it does not depend on the number of
// examples, and a longer training has a longer schedule. The numbers of a
// recipe's schedule (train/recipe/recipe.proto), which is translated to a
// ScheduleSpec when the number of steps is known. Epochs may be fractions; they
// are rounded to steps. The learning rate comes from elsewhere. Each kind
// ignores the fields of the others.
struct EpochSchedule {
  ScheduleKind kind = ScheduleKind::kConstant;

  // All kinds. The length of the warm-up, at least 0.
  double warmup_epochs = 0;
  // All kinds. The rate of the first step, in [0, learning rate].
  double warmup_start_rate = 0;

  // Step, multi-step, exponential. The factor per drop, in (0, 1].
  double gamma = 0.1;
  // Step, exponential. Epochs per drop by gamma; positive.
  double every_epochs = 1;
  // Multi-step. The epochs, counted from the start of the training, after which
  // the rate drops: at least one, the first above warmup_epochs, ascending.
  std::vector<double> milestones = {};

  // Inverse. Per epoch; positive.
  double decay = 0;

  // Polynomial, cosine, one-cycle. The final rate, in [0, learning rate].
  double end_rate = 0;
  // Polynomial. Positive; 1 is a straight line.
  double power = 1;

  // One-cycle, whose highest rate is the learning rate. Its first rate, as a
  // fraction of the highest, in (0, 1].
  double start_factor = 0.04;
  // One-cycle. When the rate is highest, as a fraction of the steps after the
  // warm-up, in (0, 1).
  double peak_fraction = 0.3;
  // One-cycle.
  CycleShape shape = CycleShape::kLinear;
  // One-cycle. As in ScheduleSpec.
  std::optional<double> low_momentum = std::nullopt;

  friend bool operator==(const EpochSchedule&, const EpochSchedule&) = default;
};

// Return InvalidArgument, with the field and its value, if a field that the
// kind uses is out of its range. `rate` is the learning rate.
absl::Status Check(const ScheduleSpec& spec);
absl::Status Check(const EpochSchedule& schedule, double rate);

// Returns the rate of step number `step`, counted from 0. `spec` must have
// passed Check(). Aborts if step < 0.
double LearningRate(const ScheduleSpec& spec, int64_t step);

// Returns the momentum of that step, for an optimizer whose own is `momentum`.
// The same preconditions.
double MomentumOfStep(const ScheduleSpec& spec, double momentum, int64_t step);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_SCHEDULE_H_
