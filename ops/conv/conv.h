// Convolution: the simple calls, and the kernels of all backends. conv_spec.h
// defines what it computes.
//
//   // Edges of an image x of shape [1, 6, 8, 1]:
//   absl::StatusOr<Tensor> y = Conv2d(x, Tensor::Of({1, 1, 2, 1}, {1, -1}));

#ifndef LENSLET_OPS_CONV_CONV_H_
#define LENSLET_OPS_CONV_CONV_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct ConvOptions {
  Axes stride = {};    // Empty: 1.
  Axes dilation = {};  // Empty: 1.
  Padding padding = {};
  int64_t groups = 1;
  PaddingMode padding_mode = PaddingMode::kZero;
  bool flip = false;
  Backend backend = Backend::kReference;
};

// Convolves x [N, H, W, Cin] with filter [Cout, Kh, Kw, Cin / groups], and adds
// bias [Cout]. Returns [N, H', W', Cout]. For one-off use: each call creates
// and discards a kernel. Errors: InvalidArgument, naming the argument and its
// values; ResourceExhausted; Unimplemented for cases that the backend lacks.
absl::StatusOr<Tensor> Conv2d(const Tensor& x, const Tensor& filter,
                              const Tensor& bias,
                              const ConvOptions& options = {});
// Without a bias.
absl::StatusOr<Tensor> Conv2d(const Tensor& x, const Tensor& filter,
                              const ConvOptions& options = {});

// Likewise of x [N, L, Cin] with filter [Cout, K, Cin / groups].
absl::StatusOr<Tensor> Conv1d(const Tensor& x, const Tensor& filter,
                              const Tensor& bias,
                              const ConvOptions& options = {});
absl::StatusOr<Tensor> Conv1d(const Tensor& x, const Tensor& filter,
                              const ConvOptions& options = {});

// Likewise of x [N, D, H, W, Cin] with filter [Cout, Kd, Kh, Kw, Cin / groups].
absl::StatusOr<Tensor> Conv3d(const Tensor& x, const Tensor& filter,
                              const Tensor& bias,
                              const ConvOptions& options = {});
absl::StatusOr<Tensor> Conv3d(const Tensor& x, const Tensor& filter,
                              const ConvOptions& options = {});

// For blocks of up to `images` images of shape `image`. One input; parameters:
// filter and, if the spec has one, bias. Epilogues: `lanes` and `direct`
// compute activations with GradientFromOutput(); `lanes` also computes
// poolings, without groups. Composed convolutions have no epilogues
// (conv_composed.h). `exact`: whether each output and gradient must be a sum of
// products; else `lanes` and `direct` use Winograd's algorithm where it is
// faster (kernels.h). Errors: as OutputShape() and as Resolve() of the
// epilogue, and Unimplemented for cases that the backend lacks.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvKernel(
    Backend backend, const ConvSpec& spec, const Shape& image, int64_t images,
    const Epilogue& epilogue = {}, bool exact = false);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_H_
