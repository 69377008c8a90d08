// The linear (fully connected, dense) operator.
//
//   y[n, o] = bias[o] + sum over i of x[n, i] * w[o, i]
//
// Shapes:
//   x      [N, ..., input_features]
//   w      [output_features, input_features]
//   bias   [output_features]
//   y      [N, ..., output_features]
// Dimensions between the first and the last add rows to the same matrix: a
// linear operator on [N, H, W, C] is a 1x1 convolution. Source: "Dive into Deep
// Learning", section "From fully connected layers to convolutions".

#ifndef LENSLET_OPS_LINEAR_LINEAR_H_
#define LENSLET_OPS_LINEAR_LINEAR_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct LinearSpec {
  int64_t input_features = 0;   // At least 1.
  int64_t output_features = 0;  // At least 1.
  bool has_bias = true;
};

// The shape of one output image. `image` is the shape of one input image; its
// last dimension must be input_features. Errors: InvalidArgument, naming the
// field and the values.
absl::StatusOr<Shape> OutputShape(const LinearSpec& spec, const Shape& image);

// The shape of w. Errors: InvalidArgument.
absl::StatusOr<Shape> WeightShape(const LinearSpec& spec);

// For one image. Errors: as OutputShape().
absl::StatusOr<Cost> ComputeCost(const LinearSpec& spec, const Shape& image);

// Multiplies x [N, ..., in] by weight [out, in] and adds bias [out]. Returns
// [N, ..., out]. For one-off use: each call creates and discards a kernel.
// Errors: InvalidArgument, naming the argument and its values;
// ResourceExhausted.
absl::StatusOr<Tensor> Linear(const Tensor& x, const Tensor& weight,
                              const Tensor& bias,
                              Backend backend = Backend::kReference);
// Without a bias.
absl::StatusOr<Tensor> Linear(const Tensor& x, const Tensor& weight,
                              Backend backend = Backend::kReference);

// For blocks of up to `images` images of shape `image`. One input; parameters:
// weight and, if the spec has one, bias. Epilogues: `lanes` and `direct`
// compute activations with GradientFromOutput(). Errors: as OutputShape() and
// CheckActivation(), and Unimplemented for cases that the backend lacks.
absl::StatusOr<std::unique_ptr<Kernel>> MakeLinearKernel(
    Backend backend, const LinearSpec& spec, const Shape& image, int64_t images,
    const Epilogue& epilogue = {});

}  // namespace lenslet

#endif  // LENSLET_OPS_LINEAR_LINEAR_H_
