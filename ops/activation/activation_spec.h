// Activations: one function of each element.
//
//   sigmoid   y = 1 / (1 + exp(-x))   dx = dy * y * (1 - y)
//   tanh      y = tanh(x)             dx = dy * (1 - y * y)
//   relu      y = max(x, 0)           dx = dy where x > 0, else 0
//
// x and y have the same shape. Source: "Dive into Deep Learning", section
// "Multilayer perceptrons".

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_SPEC_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_SPEC_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ops/cost.h"
#include "tensor/shape.h"

namespace lenslet {

enum class ActivationKind : uint8_t { kSigmoid, kTanh, kRelu };

inline constexpr std::array<ActivationKind, 3> kActivationKinds = {
    ActivationKind::kSigmoid, ActivationKind::kTanh, ActivationKind::kRelu};

// "sigmoid", "tanh", "relu"
absl::string_view Name(ActivationKind kind);

struct ActivationSpec {
  ActivationKind kind = ActivationKind::kSigmoid;
};

inline bool IsRelu(const std::optional<ActivationSpec>& activation) {
  return activation && activation->kind == ActivationKind::kRelu;
}

// `image`, if it has elements. Errors: InvalidArgument.
absl::StatusOr<Shape> OutputShape(const ActivationSpec& spec,
                                  const Shape& image);

// For one image: one function value for each element; what that takes depends
// on the backend. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const ActivationSpec& spec,
                                 const Shape& image);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_SPEC_H_
