// The activation layers: ops/activation. They have no parameters.

#ifndef LENSLET_LAYERS_ACTIVATION_H_
#define LENSLET_LAYERS_ACTIVATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "lenslet/layers/layer.h"
#include "lenslet/ops/activation/activation_spec.h"

namespace lenslet::layers {

// Any shape -> the same shape.
class Activation : public Layer {
 public:
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
  std::optional<ActivationSpec> activation() const override {
    if (!GradientFromOutput(spec_.kind)) return {};
    return spec_;
  }

 protected:
  explicit Activation(const ActivationSpec& spec) : spec_(spec) {}
  const ActivationSpec& spec() const { return spec_; }

 private:
  const ActivationSpec spec_;
};

class Sigmoid : public Activation {
 public:
  Sigmoid() : Activation({.kind = ActivationKind::kSigmoid}) {}
  absl::string_view type() const override { return "Sigmoid"; }
};

class Tanh : public Activation {
 public:
  Tanh() : Activation({.kind = ActivationKind::kTanh}) {}
  absl::string_view type() const override { return "Tanh"; }
};

class Relu : public Activation {
 public:
  Relu() : Activation({.kind = ActivationKind::kRelu}) {}
  absl::string_view type() const override { return "Relu"; }
};

// Infer() and MakeKernel() answer a slope that is negative or not finite with
// InvalidArgument, and so for Elu an alpha that is not above 0.
class LeakyRelu : public Activation {
 public:
  explicit LeakyRelu(float slope = 0.01f)
      : Activation({.kind = ActivationKind::kLeakyRelu, .slope = slope}) {}
  absl::string_view type() const override { return "LeakyRelu"; }
  std::string Details() const override {
    return absl::StrCat("slope ", spec().slope);
  }
};

class Elu : public Activation {
 public:
  explicit Elu(float alpha = 1.0f)
      : Activation({.kind = ActivationKind::kElu, .alpha = alpha}) {}
  absl::string_view type() const override { return "Elu"; }
  std::string Details() const override {
    return absl::StrCat("alpha ", spec().alpha);
  }
};

class Gelu : public Activation {
 public:
  Gelu() : Activation({.kind = ActivationKind::kGelu}) {}
  absl::string_view type() const override { return "Gelu"; }
};

class Silu : public Activation {
 public:
  Silu() : Activation({.kind = ActivationKind::kSilu}) {}
  absl::string_view type() const override { return "Silu"; }
};

class Softplus : public Activation {
 public:
  Softplus() : Activation({.kind = ActivationKind::kSoftplus}) {}
  absl::string_view type() const override { return "Softplus"; }
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_ACTIVATION_H_
