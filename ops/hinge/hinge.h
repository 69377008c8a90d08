// The multi-class hinge loss: the simple call, and the kernels of all backends.
// What it computes stands in hinge_spec.h.
//
//   absl::StatusOr<Tensor> losses = HingeLoss(scores, labels);

#ifndef LENSLET_OPS_HINGE_HINGE_H_
#define LENSLET_OPS_HINGE_HINGE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/hinge/hinge_spec.h"
#include "lenslet/ops/loss_kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// For any number of images with scores of shape `scores`. XNNPACK has no such
// operator: with `xnnpack`, as with `direct`, the kernel is the reference's.
// Errors: as OutputShape().
absl::StatusOr<std::unique_ptr<LossKernel>> MakeHinge(Backend backend,
                                                      const HingeSpec& spec,
                                                      const Shape& scores);

// The simple call: returns the losses [N], for x [N, classes] and N labels.
// Errors: InvalidArgument, naming the argument and its values.
absl::StatusOr<Tensor> HingeLoss(const Tensor& x,
                                 absl::Span<const int32_t> labels,
                                 double margin = 1,
                                 Backend backend = Backend::kReference);

}  // namespace lenslet

#endif  // LENSLET_OPS_HINGE_HINGE_H_
