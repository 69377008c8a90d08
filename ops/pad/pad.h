// Padding: the simple call, and the kernels of all backends. What it computes
// stands in pad_spec.h.
//
//   // A frame of one pixel around images x of shape [N, H, W, C]:
//   absl::StatusOr<Tensor> y = Pad(x, {1, 1}, PaddingMode::kReflect);

#ifndef LENSLET_OPS_PAD_PAD_H_
#define LENSLET_OPS_PAD_PAD_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pad/pad_spec.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Pads x [N, H, W, C], or as many other spatial dimensions as it has, 1 to 3.
// For one-off use: it prepares and forgets a kernel. Errors: InvalidArgument,
// naming the argument and its values; ResourceExhausted.
absl::StatusOr<Tensor> Pad(const Tensor& x, const Padding& padding,
                           PaddingMode mode = PaddingMode::kZero,
                           Backend backend = Backend::kReference);

// For blocks of up to `images` images of shape `image`. One input, no
// parameters. Errors: as OutputShape(), and Unimplemented for what the backend
// lacks.
absl::StatusOr<std::unique_ptr<Kernel>> MakePadKernel(Backend backend,
                                                      const PadSpec& spec,
                                                      const Shape& image,
                                                      int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_PAD_PAD_H_
