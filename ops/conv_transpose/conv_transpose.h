// Transposed convolution: the simple calls, and the kernels of all backends.
// conv_transpose_spec.h defines what it computes.
//
//   // Doubles the height and width of x [N, H, W, Cin]:
//   absl::StatusOr<Tensor> y =
//       ConvTranspose2d(x, filter, {.stride = {2, 2}});  // [Cout, 2, 2, Cin]

#ifndef LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_H_
#define LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// As in ConvTransposeSpec.
struct ConvTransposeOptions {
  Axes stride = {};    // Empty: 1.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  Axes output_padding = {};  // Empty: 0.
  Backend backend = Backend::kReference;
};

// For x [N, L, Cin], filter [Cout, K, Cin] and bias [Cout]. Returns [N, L',
// Cout]. For one-off use: each call creates and discards a kernel. Errors:
// InvalidArgument, naming the argument and its values; Unimplemented for what
// the backend lacks; ResourceExhausted.
absl::StatusOr<Tensor> ConvTranspose1d(
    const Tensor& x, const Tensor& filter, const Tensor& bias,
    const ConvTransposeOptions& options = {});
// Without a bias.
absl::StatusOr<Tensor> ConvTranspose1d(
    const Tensor& x, const Tensor& filter,
    const ConvTransposeOptions& options = {});

// Likewise for x [N, H, W, Cin] and filter [Cout, Kh, Kw, Cin].
absl::StatusOr<Tensor> ConvTranspose2d(
    const Tensor& x, const Tensor& filter, const Tensor& bias,
    const ConvTransposeOptions& options = {});
absl::StatusOr<Tensor> ConvTranspose2d(
    const Tensor& x, const Tensor& filter,
    const ConvTransposeOptions& options = {});

// Likewise for x [N, D, H, W, Cin] and filter [Cout, Kd, Kh, Kw, Cin].
absl::StatusOr<Tensor> ConvTranspose3d(
    const Tensor& x, const Tensor& filter, const Tensor& bias,
    const ConvTransposeOptions& options = {});
absl::StatusOr<Tensor> ConvTranspose3d(
    const Tensor& x, const Tensor& filter,
    const ConvTransposeOptions& options = {});

// For blocks of up to `images` images of shape `image`. One input; parameters:
// filter and, if the spec has one, bias. Errors: as OutputShape(), and
// Unimplemented for cases that the backend lacks. `direct` lacks all.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvTransposeKernel(
    Backend backend, const ConvTransposeSpec& spec, const Shape& image,
    int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_TRANSPOSE_CONV_TRANSPOSE_H_
