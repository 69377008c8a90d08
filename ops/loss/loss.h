// The losses of a classifier: the simple calls, and the kernels of all
// backends. What each loss is stands in loss_spec.h.
//
//   absl::StatusOr<Tensor> losses = ComputeLosses(scores, labels);
//   absl::StatusOr<Tensor> hinge_losses =
//       ComputeLosses(scores, labels, {.kind = HingeSpec{.margin = 0.5}});

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

// For up to `images` images with scores of shape `scores`. What a backend lacks
// is the reference's kernel: with `xnnpack`, all but cross-entropy; with
// `direct`, every loss. Errors: InvalidArgument, as CheckLoss() and for scores
// that are not [classes]; Unimplemented for a CPU that the backend does not
// know; ResourceExhausted.
absl::StatusOr<std::unique_ptr<LossKernel>> MakeLossKernel(Backend backend,
                                                           const LossSpec& spec,
                                                           const Shape& scores,
                                                           int64_t images);

// The simple calls. Errors: InvalidArgument, naming the argument and its
// values; ResourceExhausted.

// Returns the losses [N], for x [N, classes] and N labels in [0, classes).
absl::StatusOr<Tensor> ComputeLosses(const Tensor& x,
                                     absl::Span<const int32_t> labels,
                                     const LossSpec& spec = {},
                                     Backend backend = Backend::kReference);

// Returns cross-entropy's p, for x [N, classes]; computed in double.
absl::StatusOr<Tensor> Softmax(const Tensor& x);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_LOSS_H_
