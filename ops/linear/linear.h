// The linear operator: the simple call, and the kernels of all backends. What
// it computes stands in linear_spec.h.
//
//   absl::StatusOr<Tensor> y = Linear(x, weight, bias);

#ifndef LENSLET_OPS_LINEAR_LINEAR_H_
#define LENSLET_OPS_LINEAR_LINEAR_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/linear/linear_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Multiplies x [N, ..., in] by weight [out, in] and adds bias [out]. Returns
// [N, ..., out]. For one-off use: it prepares and forgets a kernel. Errors:
// InvalidArgument, naming the argument and its values; ResourceExhausted.
absl::StatusOr<Tensor> Linear(const Tensor& x, const Tensor& weight,
                              const Tensor& bias,
                              Backend backend = Backend::kReference);
// Without a bias.
absl::StatusOr<Tensor> Linear(const Tensor& x, const Tensor& weight,
                              Backend backend = Backend::kReference);

// For blocks of up to `images` images of shape `image`. One input; parameters:
// weight and, if the spec has one, bias. The activation, if there is one, is
// applied to the result; only lanes and direct do that, for those with
// GradientFromOutput(). Errors: as OutputShape() and CheckActivation(), and
// Unimplemented for what the backend lacks.
absl::StatusOr<std::unique_ptr<Kernel>> MakeLinearKernel(
    Backend backend, const LinearSpec& spec, const Shape& image, int64_t images,
    std::optional<ActivationSpec> activation = {});

}  // namespace lenslet

#endif  // LENSLET_OPS_LINEAR_LINEAR_H_
