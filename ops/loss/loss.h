// The losses: the simple calls, and the kernels of all backends. loss_spec.h
// defines the losses.
//
//   absl::StatusOr<Tensor> losses = ComputeLosses(scores, labels);
//   absl::StatusOr<Tensor> hinge_losses =
//       ComputeLosses(scores, labels, {.kind = HingeSpec{.margin = 0.5}});
//   absl::StatusOr<Tensor> errors =
//       ComputeLosses(outputs, values, {.kind = HuberSpec()});

#ifndef LENSLET_OPS_LOSS_LOSS_H_
#define LENSLET_OPS_LOSS_LOSS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_kernel.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// For up to `images` images with outputs of shape `output` and targets of this
// kind. Returns the reference kernel for losses that the backend lacks:
// `xnnpack` lacks all but cross-entropy, and that with weights of targets;
// `direct` lacks all. Errors:
// InvalidArgument, as CheckLoss(); Unimplemented for a CPU that the backend
// does not support; ResourceExhausted.
absl::StatusOr<std::unique_ptr<LossKernel>> MakeLossKernel(
    Backend backend, const LossSpec& spec, const Shape& output, int64_t images,
    TargetKind target = TargetKind::kClasses);

// The simple calls. Errors: InvalidArgument, naming the argument and its
// values; ResourceExhausted.

// Returns the losses [N], for x [N, ..., classes] and a label in [0, classes)
// for each row of x. Of x with positions, rank 3 and more, a label may also be
// kIgnoredClass.
absl::StatusOr<Tensor> ComputeLosses(const Tensor& x,
                                     absl::Span<const int32_t> labels,
                                     const LossSpec& spec = {},
                                     Backend backend = Backend::kReference);

// Returns the losses [N], for x [N, ...] and targets of the same shape, which
// are values or labels.
absl::StatusOr<Tensor> ComputeLosses(const Tensor& x, const Tensor& targets,
                                     const LossSpec& spec,
                                     Backend backend = Backend::kReference);

// Returns p as defined for cross-entropy, for x [N, classes]. Computes in
// double.
absl::StatusOr<Tensor> Softmax(const Tensor& x);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_H_
