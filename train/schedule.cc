#include "lenslet/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/check.h"
#include "lenslet/base/portable_math.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

absl::Status CheckPositive(absl::string_view field, double value) {
  if (std::isfinite(value) && value > 0) return absl::OkStatus();
  return BadValue(field, value, "a positive number");
}

absl::Status CheckAtLeast(absl::string_view field, int64_t value,
                          int64_t smallest) {
  if (value >= smallest) return absl::OkStatus();
  return BadValue(field, value, absl::StrCat("at least ", smallest));
}

// 0 <= value <= largest.
absl::Status CheckRate(absl::string_view field, double value,
                       absl::string_view largest_field, double largest) {
  if (value >= 0 && value <= largest) return absl::OkStatus();
  return BadValue(
      field, value,
      absl::StrCat("a number from 0 to ", largest_field, ", ", largest));
}

// In (0, 1].
absl::Status CheckFactor(absl::string_view field, double value) {
  if (value > 0 && value <= 1) return absl::OkStatus();
  return BadValue(field, value, "a number above 0 and at most 1");
}

absl::Status CheckMilestones(const ScheduleSpec& spec) {
  if (spec.milestones.empty()) {
    return absl::InvalidArgumentError(
        "milestones are empty; expected at least 1");
  }
  int64_t previous = 0;
  for (size_t i = 0; i < spec.milestones.size(); ++i) {
    LENSLET_RETURN_IF_ERROR(CheckAtLeast(absl::StrCat("milestones[", i, "]"),
                                         spec.milestones[i], previous + 1));
    previous = spec.milestones[i];
  }
  return absl::OkStatus();
}

absl::Status CheckLowMomentum(std::optional<double> momentum) {
  if (!momentum.has_value() || (*momentum >= 0 && *momentum < 1)) {
    return absl::OkStatus();
  }
  return BadValue("low_momentum", *momentum, "a number in [0, 1)");
}

absl::Status CheckOneCycle(const ScheduleSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckLowMomentum(spec.low_momentum));
  LENSLET_RETURN_IF_ERROR(CheckAtLeast("length", spec.length, 2));
  if (!std::isfinite(spec.peak_rate) || spec.peak_rate < spec.base_rate) {
    return BadValue(
        "peak_rate", spec.peak_rate,
        absl::StrCat("a number of at least base_rate, ", spec.base_rate));
  }
  if (spec.peak_step < 1 || spec.peak_step >= spec.length) {
    return BadValue("peak_step", spec.peak_step,
                    absl::StrCat("a step from 1 to ", spec.length - 1));
  }
  if (spec.shape != CycleShape::kLinear && spec.shape != CycleShape::kCosine) {
    return BadValue("shape", static_cast<int>(spec.shape), "a CycleShape");
  }
  return CheckRate("end_rate", spec.end_rate, "peak_rate", spec.peak_rate);
}

absl::Status CheckMilestones(const EpochSchedule& schedule) {
  if (schedule.milestones.empty()) {
    return absl::InvalidArgumentError(
        "milestones are empty; expected at least 1");
  }
  double previous = schedule.warmup_epochs;
  for (size_t i = 0; i < schedule.milestones.size(); ++i) {
    const double milestone = schedule.milestones[i];
    if (!std::isfinite(milestone) || !(milestone > previous)) {
      return BadValue(
          absl::StrCat("milestones[", i, "]"), milestone,
          absl::StrCat("more than ", previous,
                       i == 0 ? ", warmup_epochs" : ", the one before"));
    }
    previous = milestone;
  }
  return absl::OkStatus();
}

absl::Status CheckOneCycle(const EpochSchedule& schedule) {
  LENSLET_RETURN_IF_ERROR(CheckLowMomentum(schedule.low_momentum));
  LENSLET_RETURN_IF_ERROR(CheckFactor("start_factor", schedule.start_factor));
  if (!(schedule.peak_fraction > 0 && schedule.peak_fraction < 1)) {
    return BadValue("peak_fraction", schedule.peak_fraction,
                    "a number above 0 and below 1");
  }
  if (schedule.shape != CycleShape::kLinear &&
      schedule.shape != CycleShape::kCosine) {
    return BadValue("shape", static_cast<int>(schedule.shape), "a CycleShape");
  }
  return absl::OkStatus();
}

// (1 - cos(pi f)) / 2, which is sin^2(pi f / 2), for f = `fraction`.
double CosineFraction(double fraction) {
  if (fraction > 0.5) return 1 - CosineFraction(1 - fraction);
  double sine, cosine;
  SineAndCosine(std::numbers::pi / 2 * fraction, sine, cosine);
  return sine * sine;
}

// From `first` at t = 0 to `middle` at the peak to `last` at the end.
double OneCycle(const ScheduleSpec& spec, double t, double first, double middle,
                double last) {
  const auto shaped = [&](double fraction) {
    return spec.shape == CycleShape::kCosine ? CosineFraction(fraction)
                                             : fraction;
  };
  const double peak = static_cast<double>(spec.peak_step);
  if (t < peak) return std::lerp(first, middle, shaped(t / peak));
  return std::lerp(middle, last, shaped((t - peak) / (spec.length - peak)));
}

int64_t HeldStep(const ScheduleSpec& spec, int64_t step) {
  return spec.hold_from > 0 ? std::min(step, spec.hold_from - 1) : step;
}

int64_t MilestonesUntil(const ScheduleSpec& spec, int64_t t) {
  return std::upper_bound(spec.milestones.begin(), spec.milestones.end(), t) -
         spec.milestones.begin();
}

}  // namespace

absl::Status Check(const ScheduleSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckPositive("base_rate", spec.base_rate));
  LENSLET_RETURN_IF_ERROR(CheckAtLeast("warmup_steps", spec.warmup_steps, 0));
  LENSLET_RETURN_IF_ERROR(CheckAtLeast("hold_from", spec.hold_from, 0));
  if (spec.warmup_steps > 0) {
    LENSLET_RETURN_IF_ERROR(CheckRate("warmup_start_rate",
                                      spec.warmup_start_rate, "base_rate",
                                      spec.base_rate));
  }
  switch (spec.kind) {
    case ScheduleKind::kConstant:
      return absl::OkStatus();
    case ScheduleKind::kStep:
    case ScheduleKind::kExponential:
      LENSLET_RETURN_IF_ERROR(CheckFactor("gamma", spec.gamma));
      return CheckAtLeast("interval", spec.interval, 1);
    case ScheduleKind::kMultiStep:
      LENSLET_RETURN_IF_ERROR(CheckFactor("gamma", spec.gamma));
      return CheckMilestones(spec);
    case ScheduleKind::kInverse:
      return CheckPositive("decay", spec.decay);
    case ScheduleKind::kPolynomial:
      LENSLET_RETURN_IF_ERROR(CheckPositive("power", spec.power));
      [[fallthrough]];
    case ScheduleKind::kCosine:
      LENSLET_RETURN_IF_ERROR(CheckAtLeast("length", spec.length, 1));
      return CheckRate("end_rate", spec.end_rate, "base_rate", spec.base_rate);
    case ScheduleKind::kOneCycle:
      return CheckOneCycle(spec);
  }
  return BadValue("kind", static_cast<int>(spec.kind), "a ScheduleKind");
}

absl::Status Check(const EpochSchedule& schedule, double rate) {
  const auto check_rate = [&](absl::string_view field, double value) {
    return CheckRate(field, value, "learning_rate", rate);
  };
  if (!std::isfinite(schedule.warmup_epochs) || schedule.warmup_epochs < 0) {
    return BadValue("warmup_epochs", schedule.warmup_epochs, "at least 0");
  }
  LENSLET_RETURN_IF_ERROR(
      check_rate("warmup_start_rate", schedule.warmup_start_rate));
  switch (schedule.kind) {
    case ScheduleKind::kConstant:
      return absl::OkStatus();
    case ScheduleKind::kStep:
    case ScheduleKind::kExponential:
      LENSLET_RETURN_IF_ERROR(CheckFactor("gamma", schedule.gamma));
      return CheckPositive("every_epochs", schedule.every_epochs);
    case ScheduleKind::kMultiStep:
      LENSLET_RETURN_IF_ERROR(CheckFactor("gamma", schedule.gamma));
      return CheckMilestones(schedule);
    case ScheduleKind::kInverse:
      return CheckPositive("decay", schedule.decay);
    case ScheduleKind::kOneCycle:
      LENSLET_RETURN_IF_ERROR(CheckOneCycle(schedule));
      return check_rate("end_rate", schedule.end_rate);
    case ScheduleKind::kPolynomial:
      LENSLET_RETURN_IF_ERROR(CheckPositive("power", schedule.power));
      [[fallthrough]];
    case ScheduleKind::kCosine:
      return check_rate("end_rate", schedule.end_rate);
  }
  return BadValue("kind", static_cast<int>(schedule.kind), "a ScheduleKind");
}

double LearningRate(const ScheduleSpec& spec, int64_t step) {
  LENSLET_CHECK(step >= 0);
  step = HeldStep(spec, step);
  if (step < spec.warmup_steps) {
    return std::lerp(spec.warmup_start_rate, spec.base_rate,
                     static_cast<double>(step) / spec.warmup_steps);
  }
  const int64_t t = step - spec.warmup_steps;
  const double base = spec.base_rate;
  switch (spec.kind) {
    case ScheduleKind::kConstant:
      return base;
    case ScheduleKind::kStep:
      return base * Power(spec.gamma, static_cast<double>(t / spec.interval));
    case ScheduleKind::kMultiStep:
      return base *
             Power(spec.gamma, static_cast<double>(MilestonesUntil(spec, t)));
    case ScheduleKind::kExponential:
      return base * Power(spec.gamma, static_cast<double>(t) / spec.interval);
    case ScheduleKind::kInverse:
      return base / (1 + spec.decay * t);
    case ScheduleKind::kPolynomial:
    case ScheduleKind::kCosine:
    case ScheduleKind::kOneCycle:
      break;
  }
  if (t >= spec.length) return spec.end_rate;
  if (spec.kind == ScheduleKind::kOneCycle) {
    return OneCycle(spec, t, base, spec.peak_rate, spec.end_rate);
  }
  const double fraction = static_cast<double>(t) / spec.length;
  return std::lerp(base, spec.end_rate,
                   spec.kind == ScheduleKind::kCosine
                       ? CosineFraction(fraction)
                       : 1 - Power(1 - fraction, spec.power));
}

double MomentumOfStep(const ScheduleSpec& spec, double momentum, int64_t step) {
  LENSLET_CHECK(step >= 0);
  const int64_t t = HeldStep(spec, step) - spec.warmup_steps;
  if (spec.kind != ScheduleKind::kOneCycle || !spec.low_momentum.has_value() ||
      t < 0 || t >= spec.length) {
    return momentum;
  }
  return OneCycle(spec, t, momentum, *spec.low_momentum, momentum);
}

}  // namespace lenslet
