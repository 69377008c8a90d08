// Activations: functions applied to each element.
//
//   sigmoid      y = 1 / (1 + exp(-x))              dx = dy * y * (1 - y)
//   tanh         y = tanh(x)                        dx = dy * (1 - y * y)
//   relu         y = x where x > 0, else 0          dx = dy, 0
//   leaky relu   y = x where x > 0, else slope * x  dx = dy, dy * slope
//   elu          y = x where x > 0, else            dx = dy, dy * (y + alpha)
//                    alpha * (exp(x) - 1)
//   gelu         y = x * Phi(x)                     dx = dy * (Phi(x) +
//                                                        x * phi(x))
//   silu         y = x * s(x)                       dx = dy * s(x) *
//                                                        (1 + x * s(-x))
//   softplus     y = log(1 + exp(x))                dx = dy * s(x)
//   clip         y = min(max(x, min), max)          dx = dy where
//                                                        min < x < max, else 0
//   hard sigmoid y = min(max(slope * x + offset, 0), 1)
//                                                   dx = dy * slope where
//                                                        0 < y < 1, else 0
//   hard swish   y = x * min(max(x / 6 + 1 / 2, 0), 1)
//                                                   dx = 0 where x <= -3, dy
//                                                        where x >= 3, else
//                                                        dy * (x / 3 + 1 / 2)
//
// Where y has two cases, dx lists theirs in the same order. Phi and phi are the
// standard normal distribution and its density, s is sigmoid. x and y have the
// same shape. Sources: "Dive into Deep Learning", section "Multilayer
// perceptrons"; leaky relu: Maas et al., "Rectifier nonlinearities improve
// neural network acoustic models" (2013); elu: Clevert et al.,
// arXiv:1511.07289; gelu: Hendrycks and Gimpel, arXiv:1606.08415; silu: Elfwing
// et al., arXiv:1702.03118; softplus: Dugas et al., "Incorporating second-order
// functional knowledge" (2000); hard sigmoid: Courbariaux et al.,
// arXiv:1511.00363; hard swish: Howard et al., arXiv:1905.02244. Clip to [0, 6]
// is called ReLU6.
//
// NaNs: `reference` maps NaN to NaN. So do `lanes` and `direct` on x86 CPUs. On
// other CPUs these may return a number, as XNNPACK's clamps do. The sign of
// relu's zeros depends on the backend and the CPU.

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_SPEC_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_SPEC_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/ops/cost.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

enum class ActivationKind : uint8_t {
  kSigmoid,
  kTanh,
  kRelu,
  kLeakyRelu,
  kElu,
  kGelu,
  kSilu,
  kSoftplus,
  kClip,
  kHardSigmoid,
  kHardSwish
};

inline constexpr std::array<ActivationKind, 11> kActivationKinds = {
    ActivationKind::kSigmoid,  ActivationKind::kTanh,
    ActivationKind::kRelu,     ActivationKind::kLeakyRelu,
    ActivationKind::kElu,      ActivationKind::kGelu,
    ActivationKind::kSilu,     ActivationKind::kSoftplus,
    ActivationKind::kClip,     ActivationKind::kHardSigmoid,
    ActivationKind::kHardSwish};

// As in model files.
inline constexpr absl::string_view Name(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kSigmoid:
      return "sigmoid";
    case ActivationKind::kTanh:
      return "tanh";
    case ActivationKind::kRelu:
      return "relu";
    case ActivationKind::kLeakyRelu:
      return "leaky_relu";
    case ActivationKind::kElu:
      return "elu";
    case ActivationKind::kGelu:
      return "gelu";
    case ActivationKind::kSilu:
      return "silu";
    case ActivationKind::kSoftplus:
      return "softplus";
    case ActivationKind::kClip:
      return "clip";
    case ActivationKind::kHardSigmoid:
      return "hard_sigmoid";
    case ActivationKind::kHardSwish:
      return "hard_swish";
  }
  return "unknown";
}

struct ActivationSpec {
  ActivationKind kind = ActivationKind::kSigmoid;
  // Leaky relu only: dy/dx where x <= 0. Finite, at least 0.
  float slope = 0.01f;
  // Elu only: y tends to -alpha as x goes to -infinity. Finite, above 0.
  float alpha = 1.0f;
  // Clip only: the smallest and the largest y. Finite, min below max.
  float min = 0.0f;
  float max = 6.0f;
  // Hard sigmoid only: dy/dx where 0 < y < 1, and y at x = 0 before clipping.
  // Finite, the slope above 0.
  float hard_slope = 1.0f / 6;
  float offset = 0.5f;
};

// Whether dx can be computed from y and dy, without x. Kernels of other
// operators can fuse only such activations.
inline constexpr bool GradientFromOutput(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kSigmoid:
    case ActivationKind::kTanh:
    case ActivationKind::kRelu:
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kElu:
    case ActivationKind::kClip:
    case ActivationKind::kHardSigmoid:
      return true;
    case ActivationKind::kGelu:
    case ActivationKind::kSilu:
    case ActivationKind::kSoftplus:
    case ActivationKind::kHardSwish:
      break;
  }
  return false;
}

// Whether y is never below 0.
inline constexpr bool IsNonNegative(const ActivationSpec& spec) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
    case ActivationKind::kRelu:
    case ActivationKind::kSoftplus:
    case ActivationKind::kHardSigmoid:
      return true;
    case ActivationKind::kClip:
      return spec.min >= 0;
    case ActivationKind::kHardSwish:
    case ActivationKind::kTanh:
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kElu:
    case ActivationKind::kGelu:
    case ActivationKind::kSilu:
      break;
  }
  return false;
}

// Whether y = x where x >= 0.
inline constexpr bool IsRectifier(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kRelu:
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kElu:
      return true;
    case ActivationKind::kSigmoid:
    case ActivationKind::kTanh:
    case ActivationKind::kGelu:
    case ActivationKind::kSilu:
    case ActivationKind::kSoftplus:
    case ActivationKind::kClip:
    case ActivationKind::kHardSigmoid:
    case ActivationKind::kHardSwish:
      break;
  }
  return false;
}

inline bool IsRelu(const std::optional<ActivationSpec>& activation) {
  return activation && activation->kind == ActivationKind::kRelu;
}

// Errors: InvalidArgument for a field out of its range, if the kind uses it.
absl::Status CheckActivation(const ActivationSpec& spec);

// Returns `image`. Errors: as CheckActivation(), and InvalidArgument for an
// image without elements.
absl::StatusOr<Shape> OutputShape(const ActivationSpec& spec,
                                  const Shape& image);

// For one image: one function evaluation for each element. Its cost depends on
// the backend. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const ActivationSpec& spec,
                                 const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_SPEC_H_
