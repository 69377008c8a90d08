// The kernels behind the simple calls of conv.h.

#ifndef LENSLET_OPS_CONV_CONV_CALL_H_
#define LENSLET_OPS_CONV_CONV_CALL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct ConvCall {
  std::unique_ptr<Kernel> kernel;
  Tensor y;  // Memory for the output.
};

// Checks the arguments of Conv1d(), Conv2d() or Conv3d(): `rank` is 1, 2 or 3.
// `bias` may be null. Errors: as those functions.
absl::StatusOr<ConvCall> PrepareConv(int rank, const Tensor& x,
                                     const Tensor& filter, const Tensor* bias,
                                     const ConvOptions& options);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_CALL_H_
