// Activations: the simple calls, and the kernels of all backends.
// activation_spec.h defines what they compute.
//
//   absl::StatusOr<Tensor> y = Sigmoid(x);

#ifndef LENSLET_OPS_ACTIVATION_ACTIVATION_H_
#define LENSLET_OPS_ACTIVATION_ACTIVATION_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns a tensor of x's shape, [N, ...]. For one-off use: each call creates
// and discards a kernel. Errors: InvalidArgument unless x holds floats, as
// CheckActivation(), and Unimplemented for activations that the backend lacks.
absl::StatusOr<Tensor> Activate(const Tensor& x, const ActivationSpec& spec,
                                Backend backend = Backend::kReference);

inline absl::StatusOr<Tensor> Sigmoid(const Tensor& x,
                                      Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kSigmoid}, backend);
}
inline absl::StatusOr<Tensor> Tanh(const Tensor& x,
                                   Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kTanh}, backend);
}
inline absl::StatusOr<Tensor> Relu(const Tensor& x,
                                   Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kRelu}, backend);
}
inline absl::StatusOr<Tensor> LeakyRelu(const Tensor& x, float slope = 0.01f,
                                        Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kLeakyRelu, .slope = slope},
                  backend);
}
inline absl::StatusOr<Tensor> Elu(const Tensor& x, float alpha = 1.0f,
                                  Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kElu, .alpha = alpha}, backend);
}
inline absl::StatusOr<Tensor> Gelu(const Tensor& x,
                                   Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kGelu}, backend);
}
inline absl::StatusOr<Tensor> Silu(const Tensor& x,
                                   Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kSilu}, backend);
}
inline absl::StatusOr<Tensor> Softplus(const Tensor& x,
                                       Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kSoftplus}, backend);
}
inline absl::StatusOr<Tensor> Clip(const Tensor& x, float min = 0.0f,
                                   float max = 6.0f,
                                   Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kClip, .min = min, .max = max},
                  backend);
}
inline absl::StatusOr<Tensor> HardSigmoid(
    const Tensor& x, float slope = 1.0f / 6, float offset = 0.5f,
    Backend backend = Backend::kReference) {
  return Activate(x,
                  {.kind = ActivationKind::kHardSigmoid,
                   .hard_slope = slope,
                   .offset = offset},
                  backend);
}
inline absl::StatusOr<Tensor> HardSwish(const Tensor& x,
                                        Backend backend = Backend::kReference) {
  return Activate(x, {.kind = ActivationKind::kHardSwish}, backend);
}

// For blocks of images of shape `image`. One input, no parameters. Errors: as
// OutputShape(), and Unimplemented for what the backend lacks (kernels.h).
absl::StatusOr<std::unique_ptr<Kernel>> MakeActivationKernel(
    Backend backend, const ActivationSpec& spec, const Shape& image,
    int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_ACTIVATION_ACTIVATION_H_
