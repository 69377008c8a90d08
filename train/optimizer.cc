#include "lenslet/train/optimizer.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/check.h"
#include "lenslet/base/portable_math.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

absl::Status CheckFraction(absl::string_view name, double value) {
  if (!(value >= 0 && value < 1)) {
    return BadValue(name, value, "a number in [0, 1)");
  }
  return absl::OkStatus();
}

void UpdateSgd(const OptimizerSpec& spec, double learning_rate,
               absl::Span<const float> gradients, absl::Span<float> values) {
  const float rate = static_cast<float>(learning_rate);
  const float decay = static_cast<float>(spec.weight_decay);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] -= rate * (gradients[i] + decay * values[i]);
  }
}

void UpdateMomentum(const OptimizerSpec& spec, double learning_rate,
                    absl::Span<const float> gradients, absl::Span<float> u,
                    absl::Span<float> values) {
  const float rate = static_cast<float>(learning_rate);
  const float decay = static_cast<float>(spec.weight_decay);
  const float momentum = static_cast<float>(spec.momentum);
  for (size_t i = 0; i < values.size(); ++i) {
    u[i] = momentum * u[i] + (gradients[i] + decay * values[i]);
    values[i] -= rate * u[i];
  }
}

void UpdateNesterov(const OptimizerSpec& spec, double learning_rate,
                    absl::Span<const float> gradients, absl::Span<float> u,
                    absl::Span<float> values) {
  const float rate = static_cast<float>(learning_rate);
  const float decay = static_cast<float>(spec.weight_decay);
  const float momentum = static_cast<float>(spec.momentum);
  for (size_t i = 0; i < values.size(); ++i) {
    const float dw = gradients[i] + decay * values[i];
    u[i] = momentum * u[i] + dw;
    values[i] -= rate * (dw + momentum * u[i]);
  }
}

// s <- keep s + add dw^2 is the one thing that differs in Adagrad and RMSprop.
void UpdateByRoot(const OptimizerSpec& spec, double learning_rate, double keep,
                  double add, absl::Span<const float> gradients,
                  absl::Span<float> s, absl::Span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const double dw = gradients[i] + spec.weight_decay * values[i];
    const double sum = keep * s[i] + add * dw * dw;
    s[i] = static_cast<float>(sum);
    values[i] -= static_cast<float>(learning_rate * dw /
                                    (std::sqrt(sum) + spec.epsilon));
  }
}

// `decay` is a term of the gradient, `decoupled_decay` one of the step.
void UpdateAdam(const OptimizerSpec& spec, double learning_rate, int64_t step,
                double decay, double decoupled_decay,
                absl::Span<const float> gradients, absl::Span<float> m,
                absl::Span<float> v, absl::Span<float> values) {
  const double t = static_cast<double>(step);
  const double m_scale = 1 / (1 - Power(spec.beta1, t));
  const double v_scale = 1 / (1 - Power(spec.beta2, t));
  for (size_t i = 0; i < values.size(); ++i) {
    const double w = values[i];
    const double dw = gradients[i] + decay * w;
    const double mean = spec.beta1 * m[i] + (1 - spec.beta1) * dw;
    const double square = spec.beta2 * v[i] + (1 - spec.beta2) * dw * dw;
    m[i] = static_cast<float>(mean);
    v[i] = static_cast<float>(square);
    values[i] -=
        static_cast<float>(learning_rate * mean * m_scale /
                               (std::sqrt(square * v_scale) + spec.epsilon) +
                           learning_rate * decoupled_decay * w);
  }
}

}  // namespace

absl::Status CheckOptimizer(const OptimizerSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckFraction("momentum", spec.momentum));
  LENSLET_RETURN_IF_ERROR(CheckFraction("rms_decay", spec.rms_decay));
  LENSLET_RETURN_IF_ERROR(CheckFraction("beta1", spec.beta1));
  LENSLET_RETURN_IF_ERROR(CheckFraction("beta2", spec.beta2));
  if (!std::isfinite(spec.epsilon) || spec.epsilon <= 0) {
    return BadValue("epsilon", spec.epsilon, "a positive number");
  }
  if (!std::isfinite(spec.weight_decay) || spec.weight_decay < 0) {
    return BadValue("weight_decay", spec.weight_decay,
                    "a number that is not negative");
  }
  return absl::OkStatus();
}

std::optional<double> MomentumOf(const OptimizerSpec& spec) {
  switch (spec.kind) {
    case OptimizerKind::kMomentum:
    case OptimizerKind::kNesterov:
      return spec.momentum;
    case OptimizerKind::kAdam:
    case OptimizerKind::kAdamW:
      return spec.beta1;
    case OptimizerKind::kSgd:
    case OptimizerKind::kAdagrad:
    case OptimizerKind::kRmsprop:
      break;
  }
  return std::nullopt;
}

OptimizerSpec WithMomentum(OptimizerSpec spec, double momentum) {
  LENSLET_CHECK(MomentumOf(spec).has_value());
  const bool is_adam =
      spec.kind == OptimizerKind::kAdam || spec.kind == OptimizerKind::kAdamW;
  (is_adam ? spec.beta1 : spec.momentum) = momentum;
  return spec;
}

int StateArrays(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::kSgd:
      return 0;
    case OptimizerKind::kMomentum:
    case OptimizerKind::kNesterov:
    case OptimizerKind::kAdagrad:
    case OptimizerKind::kRmsprop:
      return 1;
    case OptimizerKind::kAdam:
    case OptimizerKind::kAdamW:
      return 2;
  }
  LENSLET_CHECK(false);
}

void UpdateValues(const OptimizerSpec& spec, double learning_rate, int64_t step,
                  absl::Span<const float> gradients,
                  absl::Span<const absl::Span<float>> state,
                  absl::Span<float> values) {
  LENSLET_CHECK(step >= 1);
  LENSLET_CHECK(gradients.size() == values.size());
  LENSLET_CHECK(static_cast<int>(state.size()) == StateArrays(spec.kind));
  for (absl::Span<float> array : state) {
    LENSLET_CHECK(array.size() == values.size());
  }
  switch (spec.kind) {
    case OptimizerKind::kSgd:
      return UpdateSgd(spec, learning_rate, gradients, values);
    case OptimizerKind::kMomentum:
      return UpdateMomentum(spec, learning_rate, gradients, state[0], values);
    case OptimizerKind::kNesterov:
      return UpdateNesterov(spec, learning_rate, gradients, state[0], values);
    case OptimizerKind::kAdagrad:
      return UpdateByRoot(spec, learning_rate, /*keep=*/1, /*add=*/1, gradients,
                          state[0], values);
    case OptimizerKind::kRmsprop:
      return UpdateByRoot(spec, learning_rate, /*keep=*/spec.rms_decay,
                          /*add=*/1 - spec.rms_decay, gradients, state[0],
                          values);
    case OptimizerKind::kAdam:
      return UpdateAdam(spec, learning_rate, step, /*decay=*/spec.weight_decay,
                        /*decoupled_decay=*/0, gradients, state[0], state[1],
                        values);
    case OptimizerKind::kAdamW:
      return UpdateAdam(spec, learning_rate, step, /*decay=*/0,
                        /*decoupled_decay=*/spec.weight_decay, gradients,
                        state[0], state[1], values);
  }
}

}  // namespace lenslet
