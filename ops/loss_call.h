// What the losses' specs and simple calls share.

#ifndef LENSLET_OPS_LOSS_CALL_H_
#define LENSLET_OPS_LOSS_CALL_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/ops/loss_kernel.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Errors: InvalidArgument, unless there is a class, and one image's scores have
// the shape [classes]. `loss` names it.
absl::Status CheckScores(absl::string_view loss, int64_t classes,
                         const Shape& scores);

// Errors: InvalidArgument, naming the argument, unless x holds floats
// [N, classes] and has elements.
absl::Status CheckLogits(const Tensor& x);

// The same, and that there are N labels, all in [0, classes).
absl::Status CheckLogitsAndLabels(const Tensor& x,
                                  absl::Span<const int32_t> labels);

// Returns the losses [N], for what CheckLogitsAndLabels() lets pass and a
// kernel for as many images and classes. Errors: ResourceExhausted.
absl::StatusOr<Tensor> RunLossOnce(LossKernel& loss, const Tensor& x,
                                   absl::Span<const int32_t> labels);

}  // namespace lenslet

#endif  // LENSLET_OPS_LOSS_CALL_H_
