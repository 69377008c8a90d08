// The activation layers: ops/activation. They have no parameters.

#ifndef LENSLET_LAYERS_ACTIVATION_H_
#define LENSLET_LAYERS_ACTIVATION_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "layers/layer.h"
#include "ops/activation/activation_spec.h"

namespace lenslet::layers {

// Any shape -> the same shape.
class Activation : public Layer {
 public:
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;
  std::optional<ActivationSpec> activation() const override { return spec_; }

 protected:
  explicit Activation(ActivationKind kind) : spec_{.kind = kind} {}

 private:
  const ActivationSpec spec_;
};

class Sigmoid : public Activation {
 public:
  Sigmoid() : Activation(ActivationKind::kSigmoid) {}
  absl::string_view type() const override { return "Sigmoid"; }
};

class Tanh : public Activation {
 public:
  Tanh() : Activation(ActivationKind::kTanh) {}
  absl::string_view type() const override { return "Tanh"; }
};

class Relu : public Activation {
 public:
  Relu() : Activation(ActivationKind::kRelu) {}
  absl::string_view type() const override { return "Relu"; }
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_ACTIVATION_H_
